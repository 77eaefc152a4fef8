// Several structures in the middle, one new task for each of them on the right.
import { useTranslation } from 'react-i18next';
import { EmptyNotice } from '../components/empty-notice.tsx';
import { OpenedFiles } from '../features/structures/components/opened-files.tsx';
import { useOpenFiles } from '../features/structures/open-files.ts';
import { SubmitForm } from '../features/submit/components/submit-form.tsx';
import { formatRoute, goTo } from './route.ts';

export function FilesScreen() {
  const { t } = useTranslation();
  const files = useOpenFiles((state) => state.files);
  const structures = files.flatMap((file) =>
    file.state === 'ready'
      ? [{ source: { source: 'upload', file_id: file.structure.file_id } as const, summary: file.structure }]
      : [],
  );
  return (
    <>
      <main className="center">
        <header className="center-header">
          <h1>{t('openedFiles.title', { count: files.length })}</h1>
          <a href={formatRoute({ screen: 'campaigns' })}>{t('campaigns.asCampaign')}</a>
        </header>
        <div className="center-body center-table">
          {files.length === 0 ? <EmptyNotice>{t('openedFiles.none')}</EmptyNotice> : <OpenedFiles files={files} />}
        </div>
      </main>
      <aside className="right" aria-label={t('submit.title')}>
        <SubmitForm
          structures={structures}
          isReading={files.some(({ state }) => state === 'reading')}
          onSubmitted={goTo}
        />
      </aside>
    </>
  );
}
