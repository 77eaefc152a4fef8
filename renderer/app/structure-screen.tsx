// A structure in the middle, a new task for it on the right.
import { useTranslation } from 'react-i18next';
import { FailureNotice } from '../components/failure-notice.tsx';
import { Icon } from '../components/icon.tsx';
import { useBuiltinStructures } from '../features/structures/api/list-builtin-structures.ts';
import { useStructureGeometry } from '../features/structures/api/structure-geometry.ts';
import type { AddressedStructure } from '../features/structures/api/structure-geometry.ts';
import { StructureFacts } from '../features/structures/components/structure-facts.tsx';
import { SubmitForm } from '../features/submit/components/submit-form.tsx';
import { StructureViewer } from '../features/viewer/structure-viewer.tsx';
import { formatRoute, goTo } from './route.ts';

export function StructureScreen({ source, theme }: { source: AddressedStructure; theme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  const geometry = useStructureGeometry(source);
  const builtin = useBuiltinStructures();
  const entry = source.source === 'builtin' ? builtin.data?.find(({ name }) => name === source.name) : undefined;
  const title = entry?.title ?? geometry.data?.name ?? (source.source === 'builtin' ? source.name : '');

  return (
    <>
      <main className="center">
        <header className="center-header">
          <h1 title={title}>{title}</h1>
          {geometry.isSuccess && <StructureFacts summary={geometry.data.summary} />}
        </header>
        <div className="center-body">
          {geometry.isPending && <p className="center-loading">{t('app.loading')}</p>}
          {geometry.isError && (
            <div className="center-failure">
              <FailureNotice error={geometry.error} onRetry={() => void geometry.refetch()} />
            </div>
          )}
          {geometry.isSuccess && (
            <StructureViewer
              subjectId={formatRoute({ screen: 'structure', source })}
              name={geometry.data.name}
              structure={geometry.data.structure}
              frame={null}
              caption={null}
              theme={theme}
            />
          )}
        </div>
        {(entry !== undefined || (geometry.data?.summary.warnings.length ?? 0) > 0) && (
          <footer className="center-footer">
            {geometry.data?.summary.warnings.map((warning) => (
              <p key={warning} className="center-warning">
                <Icon name="warning" />
                {warning}
              </p>
            ))}
            {entry !== undefined && (
              <p title={entry.preparation}>
                {t('structures.source')}: {entry.citation} · doi:{entry.doi}
              </p>
            )}
          </footer>
        )}
      </main>
      <aside className="right" aria-label={t('submit.title')}>
        <SubmitForm
          structures={geometry.isSuccess ? [{ source, summary: geometry.data.summary }] : []}
          onSubmitted={goTo}
        />
      </aside>
    </>
  );
}
