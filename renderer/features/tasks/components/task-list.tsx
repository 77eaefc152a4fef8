// The tasks of this installation, newest first, with state, progress and time.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Task } from '../../../../contracts/task.ts';
import { isFinalStatus } from '../../../../contracts/task-status.ts';
import { Button } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { formatDuration, formatMoment } from '../../../lib/format.ts';
import { useNow } from '../../../lib/use-now.ts';
import { useTaskList } from '../api/tasks.ts';
import { elapsedSeconds } from '../elapsed.ts';
import { StatusDot } from './status-dot.tsx';
import './task-list.css';

const PAGE_SIZE = 30;
const MAX_PAGE_SIZE = 200;

export function TaskList({ selected, onSelect }: { selected: string | null; onSelect: (taskId: string) => void }) {
  const { t } = useTranslation();
  const [pageSize, setPageSize] = useState(PAGE_SIZE);
  const list = useTaskList(pageSize);

  if (list.isPending) return <ul className="task-list skeleton" aria-busy="true" aria-label={t('app.loading')} />;
  if (list.isError && list.data === undefined) {
    return <FailureNotice error={list.error} onRetry={() => void list.refetch()} />;
  }
  const { tasks, pagination } = list.data;
  if (tasks.length === 0) return <EmptyNotice>{t('tasks.none')}</EmptyNotice>;
  return (
    <>
      <ul className="task-list">
        {tasks.map((task) => (
          <li key={task.task_id}>
            <TaskItem task={task} isSelected={task.task_id === selected} onSelect={onSelect} />
          </li>
        ))}
      </ul>
      {pagination.total > tasks.length && pageSize < MAX_PAGE_SIZE && (
        <Button
          look="quiet"
          onClick={() => {
            setPageSize(MAX_PAGE_SIZE);
          }}
        >
          {t('tasks.more')}
        </Button>
      )}
    </>
  );
}

function TaskItem({
  task,
  isSelected,
  onSelect,
}: {
  task: Task;
  isSelected: boolean;
  onSelect: (taskId: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const isActive = !isFinalStatus(task.status);
  const now = useNow(isActive, 1_000);
  const seconds = elapsedSeconds(task, now);
  return (
    <button
      type="button"
      className="task-item"
      data-status={task.status}
      aria-current={isSelected ? 'true' : undefined}
      aria-label={`${t('tasks.open', { name: task.structure_name })}: ${t(`status.${task.status}`)}`}
      onClick={() => {
        onSelect(task.task_id);
      }}
    >
      <StatusDot status={task.status} />
      <span className="task-name">{task.structure_name}</span>
      <span className="task-when">
        {isActive ? t(`status.${task.status}`) : formatMoment(task.created_at, now, i18n.language)}
      </span>
      <span className="task-kind">{t(`taskTypes.${task.task_type}`)}</span>
      <span className="task-time">{seconds === null ? '' : formatDuration(seconds)}</span>
      {isActive && (
        <ProgressBar percent={task.status === 'RUNNING' ? task.progress : null} label={t(`status.${task.status}`)} />
      )}
    </button>
  );
}
