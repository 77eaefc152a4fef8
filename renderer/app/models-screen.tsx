// The models that can be picked, and the way to bring one.
import { useTranslation } from 'react-i18next';
import { EmptyNotice } from '../components/empty-notice.tsx';
import { FailureNotice } from '../components/failure-notice.tsx';
import { useModels } from '../features/models/api/models.ts';
import type { useImportModel } from '../features/models/api/models.ts';
import { ModelTable } from '../features/models/components/model-table.tsx';
import { OpenFileButton } from '../features/structures/components/open-file-button.tsx';
import './settings-screen.css';

interface ModelsScreenProps {
  importing: ReturnType<typeof useImportModel>;
  onOpen: (files: readonly File[]) => void;
}

export function ModelsScreen({ importing, onOpen }: ModelsScreenProps) {
  const { t } = useTranslation();
  const models = useModels();
  const filename = importing.variables?.name ?? '';
  return (
    <main className="settings">
      <div className="settings-column">
        <h1>{t('models.title')}</h1>
        <p>{t('models.text')}</p>
        <p>{t('models.getText')}</p>
        <div className="settings-row">
          <OpenFileButton
            onOpen={onOpen}
            isBusy={importing.isPending}
            look="primary"
            accept=".model,.pt,.pth"
            text={importing.isPending ? t('models.importing', { name: filename }) : t('models.import')}
          />
        </div>
        {importing.isError && (
          <FailureNotice
            title={t('models.importFailed', { name: filename })}
            error={importing.error}
            onDismiss={() => {
              importing.reset();
            }}
          />
        )}
        {importing.isSuccess && (
          <div className="notice" role="status">
            <div className="notice-body">{t('models.imported', { name: importing.data.name })}</div>
          </div>
        )}
        {models.isPending && <EmptyNotice>{t('app.loading')}</EmptyNotice>}
        {models.isError && <FailureNotice error={models.error} onRetry={() => void models.refetch()} />}
        {models.isSuccess && <ModelTable models={models.data} />}
      </div>
    </main>
  );
}
