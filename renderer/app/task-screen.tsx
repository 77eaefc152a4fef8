// A task: its structure as it moves in the middle; progress, plots, log, result and files on the right.
import { useEffect, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Task } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import { useTaskFeed } from '../api/use-task-feed.ts';
import { EmptyNotice } from '../components/empty-notice.tsx';
import { FailureNotice } from '../components/failure-notice.tsx';
import { EnergySurfaceBar } from '../features/adsorption/energy-surface-bar.tsx';
import type { EnergySurface } from '../features/viewer/crystal-scene.ts';
import { Segmented } from '../components/segmented.tsx';
import { LogView } from '../features/logs/log-view.tsx';
import { TaskPlots } from '../features/plots/task-plots.tsx';
import { StructureFacts } from '../features/structures/components/structure-facts.tsx';
import type { AddressedStructure } from '../features/structures/api/structure-geometry.ts';
import { taskKeys, useTask, useTaskStructure } from '../features/tasks/api/tasks.ts';
import { FileList } from '../features/tasks/components/file-list.tsx';
import { ResultView } from '../features/results/result-view.tsx';
import { TaskHeader } from '../features/tasks/components/task-header.tsx';
import type { TrajectoryFrame } from '../features/trajectory/frame-store.ts';
import { TrajectoryPlayer } from '../features/trajectory/trajectory-player.tsx';
import { StructureViewer } from '../features/viewer/structure-viewer.tsx';
import { useNow } from '../lib/use-now.ts';
import { goTo } from './route.ts';

interface TaskScreenProps {
  taskId: string;
  theme: 'light' | 'dark';
}

export function TaskScreen({ taskId, theme }: TaskScreenProps) {
  const { t } = useTranslation();
  const task = useTask(taskId);
  if (task.isPending) {
    return (
      <>
        <main className="center">
          <p className="center-loading">{t('app.loading')}</p>
        </main>
        <aside className="right" />
      </>
    );
  }
  if (task.data === undefined) {
    return (
      <>
        <main className="center">
          <div className="center-failure">
            <FailureNotice error={task.error} onRetry={() => void task.refetch()} />
          </div>
        </main>
        <aside className="right" />
      </>
    );
  }
  return <LoadedTask task={task.data} theme={theme} />;
}

/** Types whose steps are drawn while they run. */
const STEPPING: readonly TaskType[] = ['optimization', 'stability'];

const TABS = ['log', 'result', 'files'] as const;
type Tab = (typeof TABS)[number];

function LoadedTask({ task, theme }: { task: Task; theme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { feed, phase, failure } = useTaskFeed(task.task_id);
  const status = feed.status ?? task.status;
  const isActive = !isFinalStatus(status);
  const drawnStage = status === 'COMPLETED' ? 'final' : 'submitted';
  const structure = useTaskStructure(task.task_id, drawnStage);
  const [chosenTab, setChosenTab] = useState<Tab | null>(null);
  const tab = chosenTab ?? (status === 'COMPLETED' ? 'result' : 'log');
  const [played, setPlayed] = useState<TrajectoryFrame | null>(null);
  const [surface, setSurface] = useState<EnergySurface | null>(null);
  const now = useNow(isActive, 250);
  const title = task.name ?? task.structure_name;
  const source = nextSource(task, status);
  const goOn =
    source === null
      ? null
      : () => {
          goTo({ screen: 'structure', source });
        };

  // The stream is ahead of the lists: when it tells of a new state, ask for the documents again.
  useEffect(() => {
    if (feed.status !== null && feed.status !== task.status) {
      void client.invalidateQueries({ queryKey: taskKeys.all });
    }
  }, [client, feed.status, task.status]);

  return (
    <>
      <main className="center">
        <header className="center-header">
          <h1 title={title}>{title}</h1>
          {structure.isSuccess && <StructureFacts summary={structure.data.summary} />}
        </header>
        <div className="center-body">
          {structure.isPending && <p className="center-loading">{t('app.loading')}</p>}
          {structure.isError && (
            <div className="center-failure">
              <FailureNotice error={structure.error} onRetry={() => void structure.refetch()} />
            </div>
          )}
          {structure.isSuccess && (
            <StructureViewer
              subjectId={task.task_id}
              name={task.structure_name}
              structure={structure.data.structure}
              frame={played ?? (isActive ? feed.frame : null)}
              surface={surface}
              caption={caption()}
              theme={theme}
            />
          )}
        </div>
        {status === 'COMPLETED' && task.task_type === 'interaction-energy' && (
          <EnergySurfaceBar taskId={task.task_id} onSurface={setSurface} />
        )}
        {status === 'COMPLETED' && task.task_type === 'stability' && (
          <TrajectoryPlayer taskId={task.task_id} onFrame={setPlayed} />
        )}
      </main>
      <aside className="right task-panel" aria-label={t('app.tasks')}>
        <TaskHeader
          task={task}
          status={status}
          progress={feed.progress ?? task.progress}
          stage={feed.stage ?? task.stage}
          error={feed.error ?? task.error}
          phase={phase}
          now={now}
          onUseStructure={goOn}
          onRetried={(taskId) => {
            goTo({ screen: 'task', taskId });
          }}
          onDeleted={() => {
            goTo({ screen: 'welcome' });
          }}
        />
        {phase === 'failed' && <FailureNotice title={t('tasks.streamFailed')} error={failure} />}
        {(feed.steps.length > 0 || STEPPING.includes(task.task_type)) && (
          <TaskPlots
            steps={feed.steps}
            theme={theme}
            mayGrow={isActive || phase === 'connecting' || phase === 'open'}
          />
        )}
        <div className="task-tabs">
          <Segmented
            label={t('app.tasks')}
            value={tab}
            choices={TABS.map((value) => ({ value, text: t(`tabs.${value}`) }))}
            onChange={setChosenTab}
          />
          <div className="task-tab-body">{renderTab()}</div>
        </div>
      </aside>
    </>
  );

  function caption(): string {
    if (played !== null) return t('viewer.frame', { step: played.step });
    if (feed.frame !== null && isActive) return t('viewer.frame', { step: feed.frame.step });
    // Until the final structure is here, the submitted one stays on screen.
    return t(drawnStage === 'final' && !structure.isPlaceholderData ? 'viewer.final' : 'viewer.asSubmitted');
  }

  function renderTab() {
    switch (tab) {
      case 'log':
        return phase === 'connecting' && feed.logs.length === 0 ? (
          <EmptyNotice>{t('app.loading')}</EmptyNotice>
        ) : (
          <LogView lines={feed.logs} nDropped={feed.n_logs_dropped} />
        );
      case 'result':
        return <ResultView task={task} status={status} theme={theme} />;
      case 'files':
        return <FileList taskId={task.task_id} isFinished={!isActive} />;
    }
  }
}

/** What a further task would start from: what this one has reached, else what it began with; null when that has no address. */
function nextSource(task: Task, status: TaskStatus): AddressedStructure | null {
  if (status === 'COMPLETED') return { source: 'task', task_id: task.task_id };
  return task.structure.source === 'inline' ? null : task.structure;
}
