// How much waits and runs, and the switch that stops new tasks from starting.
import { useTranslation } from 'react-i18next';
import type { QueueState } from '../../../contracts/system.ts';
import { IconButton } from '../../components/button.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { formatDuration } from '../../lib/format.ts';
import { usePauseQueue, useQueueState } from './queue-state.ts';
import './queue-bar.css';

export function QueueBar() {
  const { t } = useTranslation();
  const queue = useQueueState();
  const pause = usePauseQueue();
  const isPaused = queue.data?.is_paused ?? false;
  return (
    <>
      <header>
        <h2>{t('app.tasks')}</h2>
        <span className="queue-bar">
          {queue.data !== undefined && <QueueText state={queue.data} />}
          <IconButton
            icon={isPaused ? 'play' : 'pause'}
            label={t(isPaused ? 'queue.resume' : 'queue.pause')}
            disabled={queue.data === undefined || pause.isPending}
            onClick={() => {
              pause.mutate(!isPaused);
            }}
          />
        </span>
      </header>
      {isPaused && (
        <p className="queue-paused" role="status">
          {t('queue.paused')}
        </p>
      )}
      {pause.isError && (
        <div className="side-note">
          <FailureNotice
            error={pause.error}
            onDismiss={() => {
              pause.reset();
            }}
          />
        </div>
      )}
    </>
  );
}

function QueueText({ state }: { state: QueueState }) {
  const { t } = useTranslation();
  const waiting = state.pending + state.queued;
  if (waiting + state.running === 0) return null;
  const wait = state.estimated_wait_seconds;
  return (
    <span className="queue-text" title={wait === null ? undefined : t('queue.wait', { time: formatDuration(wait) })}>
      {t('queue.counts', { running: state.running, waiting })}
    </span>
  );
}
