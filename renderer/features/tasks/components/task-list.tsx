// The tasks of this installation, newest first, with state, progress and time.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Task } from '../../../../contracts/task.ts';
import { isFinalStatus, taskStatusSchema } from '../../../../contracts/task-status.ts';
import { Button } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { SearchField } from '../../../components/search-field.tsx';
import { formatDuration, formatMoment } from '../../../lib/format.ts';
import { useNow } from '../../../lib/use-now.ts';
import { useTaskList } from '../api/tasks.ts';
import type { TaskListFilter } from '../api/tasks.ts';
import { elapsedSeconds } from '../elapsed.ts';
import { StatusDot } from './status-dot.tsx';
import './task-list.css';

const PAGE_SIZE = 30;
const MAX_PAGE_SIZE = 200;

export function TaskList({ selected, onSelect }: { selected: string | null; onSelect: (taskId: string) => void }) {
  const [pageSize, setPageSize] = useState(PAGE_SIZE);
  const [filter, setFilter] = useState<TaskListFilter>(EVERYTHING);
  return (
    <>
      <TaskFilter filter={filter} onChange={setFilter} />
      <div className="side-scroll">
        <FilteredTasks
          pageSize={pageSize}
          filter={filter}
          selected={selected}
          onSelect={onSelect}
          onMore={() => {
            setPageSize(MAX_PAGE_SIZE);
          }}
        />
      </div>
    </>
  );
}

const EVERYTHING: TaskListFilter = { status: null, search: '' };

function TaskFilter({ filter, onChange }: { filter: TaskListFilter; onChange: (filter: TaskListFilter) => void }) {
  const { t } = useTranslation();
  return (
    <div className="task-filter">
      <SearchField
        label={t('tasks.search')}
        value={filter.search}
        onChange={(search) => {
          onChange({ ...filter, search });
        }}
      />
      <select
        aria-label={t('tasks.filter')}
        value={filter.status ?? ''}
        onChange={(event) => {
          onChange({ ...filter, status: taskStatusSchema.safeParse(event.target.value).data ?? null });
        }}
      >
        <option value="">{t('tasks.all')}</option>
        {taskStatusSchema.options.map((status) => (
          <option key={status} value={status}>
            {t(`status.${status}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FilteredTasksProps {
  pageSize: number;
  filter: TaskListFilter;
  selected: string | null;
  onSelect: (taskId: string) => void;
  onMore: () => void;
}

function FilteredTasks({ pageSize, filter, selected, onSelect, onMore }: FilteredTasksProps) {
  const { t } = useTranslation();
  const list = useTaskList(pageSize, filter);
  if (list.isPending) return <ul className="task-list skeleton" aria-busy="true" aria-label={t('app.loading')} />;
  if (list.isError && list.data === undefined) {
    return <FailureNotice error={list.error} onRetry={() => void list.refetch()} />;
  }
  const { tasks, pagination } = list.data;
  if (tasks.length === 0) {
    const isFiltered = filter.status !== null || filter.search !== '';
    return <EmptyNotice>{t(isFiltered ? 'tasks.noMatch' : 'tasks.none')}</EmptyNotice>;
  }
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
        <Button look="quiet" onClick={onMore}>
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
  const name = task.name ?? task.structure_name;
  return (
    <button
      type="button"
      className="task-item"
      data-status={task.status}
      aria-current={isSelected ? 'true' : undefined}
      aria-label={`${t('tasks.open', { name })}: ${t(`status.${task.status}`)}`}
      title={task.tags.length === 0 ? name : `${name} · ${task.tags.join(', ')}`}
      onClick={() => {
        onSelect(task.task_id);
      }}
    >
      <StatusDot status={task.status} />
      <span className="task-name">{name}</span>
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
