// The tasks that were submitted together.
import { useTranslation } from 'react-i18next';
import { BatchTable } from '../features/tasks/components/batch-table.tsx';
import { goTo } from './route.ts';

export function BatchScreen({ batchId }: { batchId: string }) {
  const { t } = useTranslation();
  return (
    <main className="center center-wide">
      <header className="center-header">
        <h1>{t('batch.title')}</h1>
      </header>
      <div className="center-body center-table">
        <BatchTable
          batchId={batchId}
          onSelect={(taskId) => {
            goTo({ screen: 'task', taskId });
          }}
        />
      </div>
    </main>
  );
}
