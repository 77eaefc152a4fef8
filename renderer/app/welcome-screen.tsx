import { useTranslation } from 'react-i18next';
import { Formula } from '../components/formula.tsx';
import { useBuiltinStructures } from '../features/structures/api/list-builtin-structures.ts';
import { OpenFileButton } from '../features/structures/components/open-file-button.tsx';
import { SubmitForm } from '../features/submit/components/submit-form.tsx';
import { Brand } from './brand.tsx';
import { formatRoute, goTo } from './route.ts';

const N_EXAMPLES = 3;
/** Small enough to relax within seconds on any computer. */
const MAX_EXAMPLE_ATOMS = 200;

export function WelcomeScreen({ onOpen, isOpening }: { onOpen: (files: readonly File[]) => void; isOpening: boolean }) {
  const { t } = useTranslation();
  const builtin = useBuiltinStructures();
  const examples = (builtin.data ?? []).filter(({ n_atoms }) => n_atoms <= MAX_EXAMPLE_ATOMS).slice(0, N_EXAMPLES);
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
          {examples.length > 0 && (
            <>
              <p>{t('welcome.examples')}</p>
              <ul>
                {examples.map(({ name, formula }) => (
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
        <SubmitForm structures={[]} onSubmitted={goTo} />
      </aside>
    </>
  );
}
