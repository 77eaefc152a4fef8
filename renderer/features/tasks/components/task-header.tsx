// Name, state, progress and the one action of the task on screen.
import { useTranslation } from 'react-i18next';
import type { Task, TaskError } from '../../../../contracts/task.ts';
import { isFinalStatus } from '../../../../contracts/task-status.ts';
import type { TaskStatus } from '../../../../contracts/task-status.ts';
import type { StreamPhase } from '../../../api/event-stream.ts';
import { Button } from '../../../components/button.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Icon } from '../../../components/icon.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { useCancelTask } from '../api/tasks.ts';
import { elapsedSeconds } from '../elapsed.ts';
import { StatusDot } from './status-dot.tsx';
import './task-header.css';

interface TaskHeaderProps {
  task: Task;
  status: TaskStatus;
  progress: number;
  error: TaskError | null;
  phase: StreamPhase;
  now: Date;
  onUseStructure: () => void;
}

export function TaskHeader({ task, status, progress, error, phase, now, onUseStructure }: TaskHeaderProps) {
  const { t } = useTranslation();
  const cancel = useCancelTask(task.task_id);
  const isActive = !isFinalStatus(status);
  const seconds = elapsedSeconds({ ...task, status }, now);
  return (
    <header className="task-header">
      <div className="task-header-line">
        <span className="task-status" data-status={status} role="status">
          <StatusDot status={status} />
          {t(`status.${status}`)}
        </span>
        {isActive ? (
          <Button
            icon="stop"
            look="danger"
            disabled={cancel.isPending || cancel.isSuccess}
            onClick={() => {
              cancel.mutate();
            }}
          >
            {cancel.isPending || cancel.isSuccess ? t('tasks.cancelling') : t('tasks.cancel')}
          </Button>
        ) : (
          <Button icon="play" onClick={onUseStructure}>
            {t('tasks.again')}
          </Button>
        )}
      </div>
      <ProgressBar
        percent={status === 'COMPLETED' ? 100 : isActive && status !== 'RUNNING' ? null : progress}
        label={t(`status.${status}`)}
      />
      <dl className="task-facts">
        <div>
          <dt>{t('submit.taskType')}</dt>
          <dd>{t(`taskTypes.${task.task_type}`)}</dd>
        </div>
        <div>
          <dt>{t('tasks.model')}</dt>
          <dd>{task.model}</dd>
        </div>
        <div>
          <dt>{t('tasks.device')}</dt>
          <dd>{deviceText()}</dd>
        </div>
        <div>
          <dt>{t('tasks.elapsed')}</dt>
          <dd className="task-elapsed">
            {seconds !== null ? formatDuration(seconds) : isActive ? t('tasks.waiting') : '–'}
          </dd>
        </div>
      </dl>
      {phase === 'waiting' && (
        <p className="task-stream">
          <Icon name="warning" />
          {t('tasks.reconnecting')}
        </p>
      )}
      {cancel.isError && <FailureNotice title={t('tasks.cancelFailed')} error={cancel.error} />}
      {error !== null && <TaskErrorNotice error={error} />}
    </header>
  );

  function deviceText(): string {
    if (task.gpu_id !== null) return t('tasks.gpu', { id: task.gpu_id });
    return task.device === null ? '–' : t('tasks.cpu');
  }
}

function TaskErrorNotice({ error }: { error: TaskError }) {
  const { t } = useTranslation();
  return (
    <div className="notice notice-failed" role="alert">
      <Icon name="warning" />
      <div className="notice-body">
        <strong>{t(`taskError.${error.type}`)}</strong>
        <p>{error.message}</p>
      </div>
    </div>
  );
}
