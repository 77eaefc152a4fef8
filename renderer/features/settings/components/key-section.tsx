// API keys of scripts: made here, shown once, taken back here.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newApiKeySchema, scopeSchema } from '../../../../contracts/api-key.ts';
import type { ApiKey, Scope } from '../../../../contracts/api-key.ts';
import { Button } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Segmented } from '../../../components/segmented.tsx';
import { formatMoment } from '../../../lib/format.ts';
import { useNow } from '../../../lib/use-now.ts';
import { useCreateKey, useKeys, useRevokeKey } from '../api/keys.ts';

const MINUTE_MS = 60_000;

export function KeySection() {
  const { t } = useTranslation();
  const keys = useKeys();
  return (
    <section className="settings-section" aria-label={t('settings.keys.title')}>
      <h2>{t('settings.keys.title')}</h2>
      <p>{t('settings.keys.text')}</p>
      <NewKey />
      {keys.isPending && <EmptyNotice>{t('app.loading')}</EmptyNotice>}
      {keys.isError && <FailureNotice error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.isSuccess && keys.data.length === 0 && <EmptyNotice>{t('settings.keys.none')}</EmptyNotice>}
      {keys.isSuccess && keys.data.length > 0 && <KeyTable keys={keys.data} />}
    </section>
  );
}

function NewKey() {
  const { t } = useTranslation();
  const create = useCreateKey();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('submit');
  const parsed = newApiKeySchema.safeParse({ name, scope });
  return (
    <>
      <form
        className="settings-row"
        onSubmit={(event) => {
          event.preventDefault();
          if (!parsed.success) return;
          create.mutate(parsed.data, {
            onSuccess: () => {
              setName('');
            },
          });
        }}
      >
        <input
          type="text"
          aria-label={t('settings.keys.name')}
          placeholder={t('settings.keys.name')}
          autoComplete="off"
          maxLength={100}
          value={name}
          onChange={(event) => {
            setName(event.target.value);
          }}
        />
        <Segmented
          label={t('settings.keys.scope')}
          value={scope}
          choices={scopeSchema.options.map((value) => ({ value, text: t(`settings.keys.scopes.${value}`) }))}
          onChange={setScope}
        />
        <Button type="submit" icon="key" disabled={!parsed.success || create.isPending}>
          {t('settings.keys.create')}
        </Button>
      </form>
      {create.isError && <FailureNotice error={create.error} />}
      {create.isSuccess && (
        <div className="notice" role="status">
          <div className="notice-body">
            <strong>{t('settings.keys.shownOnce', { name: create.data.name })}</strong>
            <code className="settings-key">{create.data.key}</code>
          </div>
        </div>
      )}
    </>
  );
}

function KeyTable({ keys }: { keys: readonly ApiKey[] }) {
  const { t, i18n } = useTranslation();
  const revoke = useRevokeKey();
  const now = useNow(true, MINUTE_MS);
  const when = (moment: string | null): string => (moment === null ? '–' : formatMoment(moment, now, i18n.language));
  return (
    <>
      <table className="plain-table settings-table">
        <thead>
          <tr>
            <th scope="col">{t('settings.keys.name')}</th>
            <th scope="col">{t('settings.keys.scope')}</th>
            <th scope="col">{t('settings.keys.created')}</th>
            <th scope="col">{t('settings.keys.used')}</th>
            <th scope="col">{t('settings.keys.expires')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.key_id} data-revoked={key.revoked_at === null ? undefined : true}>
              <td>{key.name}</td>
              <td>{t(`settings.keys.scopes.${key.scope}`)}</td>
              <td>{when(key.created_at)}</td>
              <td>{when(key.last_used_at)}</td>
              <td>{when(key.expires_at)}</td>
              <td>
                {key.revoked_at === null ? (
                  <Button
                    look="danger"
                    disabled={revoke.isPending}
                    onClick={() => {
                      revoke.mutate(key.key_id);
                    }}
                  >
                    {t('settings.keys.revoke')}
                  </Button>
                ) : (
                  t('settings.keys.revoked')
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {revoke.isError && <FailureNotice error={revoke.error} />}
    </>
  );
}
