// State, progress and facts of the task on screen, and what can be done with it.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Task, TaskError } from '../../../../contracts/task.ts';
import { isFinalStatus } from '../../../../contracts/task-status.ts';
import type { TaskStatus } from '../../../../contracts/task-status.ts';
import type { StreamPhase } from '../../../api/event-stream.ts';
import { Button, IconButton } from '../../../components/button.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Icon } from '../../../components/icon.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { en } from '../../../locales/en.ts';
import { useCancelTask, useDeleteTask, useRetryTask } from '../api/tasks.ts';
import { elapsedSeconds } from '../elapsed.ts';
import { StatusDot } from './status-dot.tsx';
import './task-header.css';

interface TaskHeaderProps {
  task: Task;
  status: TaskStatus;
  progress: number;
  stage: string | null;
  error: TaskError | null;
  phase: StreamPhase;
  now: Date;
  /** null where there is no structure to go on from. */
  onUseStructure: (() => void) | null;
  onRetried: (taskId: string) => void;
  onDeleted: () => void;
}

/** What is over before it is read is not told. */
const SHORTEST_TOLD_S = 2;

export function TaskHeader(props: TaskHeaderProps) {
  const { task, status, progress, stage, error, phase, now } = props;
  const { t } = useTranslation();
  const cancel = useCancelTask(task.task_id);
  const isActive = !isFinalStatus(status);
  const seconds = elapsedSeconds({ ...task, status }, now);
  const outlook = outlookText();
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
          <FinishedActions {...props} />
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
      {outlook !== null && <p className="task-outlook">{outlook}</p>}
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

  /** What one waits for, and how long it takes. */
  function outlookText(): string | null {
    const attempt = task.attempts > 1 ? t('tasks.attempt', { attempt: task.attempts, max: task.max_attempts }) : null;
    const parts = [stageText(), timeText(), attempt].filter((part) => part !== null);
    return parts.length === 0 ? null : parts.join(' · ');
  }

  function stageText(): string | null {
    if (status === 'PENDING' && task.depends_on.length > 0)
      return t('tasks.dependencies', { count: task.depends_on.length });
    if (status !== 'RUNNING' || stage === null) return null;
    return isStageName(stage) ? t(`stage.${stage}`) : stage;
  }

  function timeText(): string | null {
    const isWaiting = status === 'QUEUED';
    const estimate = isWaiting ? task.estimated_wait_seconds : task.estimated_remaining_seconds;
    if (estimate === null || estimate < SHORTEST_TOLD_S || !isActive) return null;
    const time = formatDuration(estimate);
    return isWaiting ? t('tasks.startsIn', { time }) : t('tasks.endsIn', { time });
  }

  function deviceText(): string {
    if (task.gpu_id !== null) return t('tasks.gpu', { id: task.gpu_id });
    return task.device === null ? '–' : t('tasks.cpu');
  }
}

type StageName = keyof typeof en.stage;

function isStageName(stage: string): stage is StageName {
  return Object.hasOwn(en.stage, stage);
}

function FinishedActions({ task, status, onUseStructure, onRetried, onDeleted }: TaskHeaderProps) {
  const { t } = useTranslation();
  const retry = useRetryTask(task.task_id);
  const remove = useDeleteTask(task.task_id);
  const [isAsking, setIsAsking] = useState(false);
  const failure = retry.error ?? remove.error;
  return (
    <div className="task-actions">
      {isAsking ? (
        <>
          <Button
            look="danger"
            disabled={remove.isPending}
            onClick={() => {
              remove.mutate(undefined, { onSuccess: onDeleted });
            }}
          >
            {t('tasks.deleteForGood')}
          </Button>
          <Button
            look="quiet"
            onClick={() => {
              setIsAsking(false);
            }}
          >
            {t('tasks.keep')}
          </Button>
        </>
      ) : (
        <>
          {onUseStructure !== null && (
            <Button
              icon="play"
              title={status === 'COMPLETED' ? t('tasks.goOnHelp') : undefined}
              onClick={onUseStructure}
            >
              {t(status === 'COMPLETED' ? 'tasks.goOn' : 'tasks.again')}
            </Button>
          )}
          <IconButton
            icon="reset"
            label={t('tasks.retry')}
            disabled={retry.isPending}
            onClick={() => {
              retry.mutate(undefined, {
                onSuccess: ({ new_task_id }) => {
                  onRetried(new_task_id);
                },
              });
            }}
          />
          <IconButton
            icon="trash"
            label={t('tasks.delete')}
            onClick={() => {
              setIsAsking(true);
            }}
          />
        </>
      )}
      {failure !== null && <FailureNotice error={failure} />}
    </div>
  );
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
