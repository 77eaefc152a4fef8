// Shown when the page has no credential: opened without the key in its address, or refused by the service.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signIn } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { Brand } from './brand.tsx';

export function KeyEntry() {
  const { t } = useTranslation();
  const [key, setKey] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  return (
    <main className="key-entry">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const trimmed = key.trim();
          setIsMissing(trimmed === '');
          if (trimmed !== '') signIn(trimmed);
        }}
      >
        <Brand />
        <h1>{t('key.title')}</h1>
        <p>{t('key.explanation')}</p>
        <label htmlFor="api-key">{t('key.label')}</label>
        <input
          id="api-key"
          type="password"
          autoComplete="off"
          autoFocus
          placeholder={t('key.placeholder')}
          value={key}
          aria-invalid={isMissing}
          onChange={(event) => {
            setKey(event.target.value);
          }}
        />
        {isMissing && (
          <p className="parameter-problem" role="alert">
            {t('key.empty')}
          </p>
        )}
        <Button type="submit" look="primary">
          {t('key.submit')}
        </Button>
        <p className="key-storage">{t('key.storage')}</p>
      </form>
    </main>
  );
}
