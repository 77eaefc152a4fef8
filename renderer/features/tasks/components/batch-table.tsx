// The tasks of one batch, with the switch that ends them all.
import { useTranslation } from 'react-i18next';
import type { Task } from '../../../../contracts/task.ts';
import { isFinalStatus } from '../../../../contracts/task-status.ts';
import { Button } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { useNow } from '../../../lib/use-now.ts';
import { useBatch, useCancelBatch } from '../api/batches.ts';
import { elapsedSeconds } from '../elapsed.ts';
import { StatusDot } from './status-dot.tsx';
import './batch-table.css';

const SECOND_MS = 1_000;

export function BatchTable({ batchId, onSelect }: { batchId: string; onSelect: (taskId: string) => void }) {
  const { t } = useTranslation();
  const batch = useBatch(batchId);
  if (batch.isPending) return <p className="center-loading">{t('app.loading')}</p>;
  if (batch.data === undefined) return <FailureNotice error={batch.error} onRetry={() => void batch.refetch()} />;
  const { tasks, pagination } = batch.data;
  if (tasks.length === 0) return <EmptyNotice>{t('batch.none')}</EmptyNotice>;
  return (
    <>
      <BatchSummary batchId={batchId} tasks={tasks} total={pagination.total} />
      <table className="plain-table batch-table">
        <thead>
          <tr>
            <th scope="col">{t('openedFiles.structure')}</th>
            <th scope="col">{t('tasks.filter')}</th>
            <th scope="col">{t('batch.progress')}</th>
            <th scope="col">{t('tasks.elapsed')}</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <BatchRow key={task.task_id} task={task} onSelect={onSelect} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function BatchSummary({ batchId, tasks, total }: { batchId: string; tasks: readonly Task[]; total: number }) {
  const { t } = useTranslation();
  const cancel = useCancelBatch(batchId);
  const completed = tasks.filter(({ status }) => status === 'COMPLETED').length;
  const isActive = tasks.some(({ status }) => !isFinalStatus(status));
  return (
    <div className="batch-summary">
      <span>{t('batch.completed', { completed, total })}</span>
      {isActive && (
        <Button
          icon="stop"
          look="danger"
          disabled={cancel.isPending}
          onClick={() => {
            cancel.mutate();
          }}
        >
          {t('batch.cancel')}
        </Button>
      )}
      {cancel.isError && <FailureNotice error={cancel.error} />}
    </div>
  );
}

function BatchRow({ task, onSelect }: { task: Task; onSelect: (taskId: string) => void }) {
  const { t } = useTranslation();
  const isActive = !isFinalStatus(task.status);
  const now = useNow(isActive, SECOND_MS);
  const seconds = elapsedSeconds(task, now);
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          className="link-button"
          onClick={() => {
            onSelect(task.task_id);
          }}
        >
          {task.structure_name}
        </button>
      </th>
      <td title={task.error?.message}>
        <StatusDot status={task.status} /> {t(`status.${task.status}`)}
      </td>
      <td>
        {isActive && (
          <ProgressBar percent={task.status === 'RUNNING' ? task.progress : null} label={t(`status.${task.status}`)} />
        )}
      </td>
      <td>{seconds === null ? '–' : formatDuration(seconds)}</td>
    </tr>
  );
}
