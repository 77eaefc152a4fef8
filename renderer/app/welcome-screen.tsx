import { useTranslation } from 'react-i18next';
import { Formula } from '../components/formula.tsx';
import { useBuiltinStructures } from '../features/structures/api/list-builtin-structures.ts';
import { OpenFileButton } from '../features/structures/components/open-file-button.tsx';
import { SubmitForm } from '../features/submit/components/submit-form.tsx';
import { Brand } from './brand.tsx';
import { formatRoute, goTo } from './route.ts';

const N_EXAMPLES = 4;

export function WelcomeScreen({ onOpen, isOpening }: { onOpen: (files: readonly File[]) => void; isOpening: boolean }) {
  const { t } = useTranslation();
  const builtin = useBuiltinStructures();
  return (
    <>
      <main className="center welcome">
        <Brand />
        <h1>{t('welcome.title')}</h1>
        <p>{t('welcome.text')}</p>
        <OpenFileButton
          look="primary"
          onOpen={onOpen}
          isBusy={isOpening}
          text={isOpening ? t('app.loading') : t('welcome.choose')}
        />
        <div className="welcome-examples">
          {builtin.isSuccess && builtin.data.length > 0 && (
            <>
              <p>{t('welcome.examples')}</p>
              <ul>
                {builtin.data.slice(0, N_EXAMPLES).map(({ name, formula }) => (
                  <li key={name}>
                    <a href={formatRoute({ screen: 'structure', source: { source: 'builtin', name } })}>
                      <strong>{name.replaceAll('_', ' ')}</strong>
                      <Formula formula={formula} />
                    </a>
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      </main>
      <aside className="right" aria-label={t('submit.title')}>
        <SubmitForm
          structure={null}
          onSubmitted={(taskId) => {
            goTo({ screen: 'task', taskId });
          }}
        />
      </aside>
    </>
  );
}
