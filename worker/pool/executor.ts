// What the pool needs of something that computes tasks. One implementation today: a slot on this machine (local-slot.ts).
import type { TaskEvent } from '../../contracts/event.ts';
import type { ImportedModel } from '../../contracts/model.ts';
import type { Structure } from '../../contracts/structure.ts';
import type { TaskError, TaskMetrics } from '../../contracts/task.ts';
import type { SlotLabel } from '../queue/queue.ts';
import type { TaskRow } from '../store/tasks.ts';

export interface Assignment {
  task: TaskRow;
  structure: Structure;
  /** Absolute path; exists. */
  folder: string;
  observer: AttemptObserver;
}

export interface LoadableModel {
  id: string;
  imported: ImportedModel;
  /** One that it knows. */
  element: string;
}

export interface ModelLoad {
  seconds: number;
  /** By which the kernel grew; null where nobody can tell. */
  memory_mb: number | null;
}

/** Told in this order: started once, events any number of times, then exactly one end. */
export interface AttemptObserver {
  /** @param resumed the attempt goes on from a checkpoint; its steps so far come again as events */
  onStarted(resumed: boolean): void;
  onEvents(events: readonly TaskEvent[]): void;
  /** @param execution_time_seconds in a group, its part of the slot's time */
  onCompleted(execution_time_seconds: number, metrics: TaskMetrics): void;
  onFailed(error: TaskError): void;
  onCancelled(): void;
  /** The time of the task is over; what was reached is in its folder. */
  onTimedOut(metrics: TaskMetrics): void;
  /** It made room; where it keeps checkpoints, one is in its folder. */
  onPreempted(): void;
  /** Another task of its group took its calculation along. */
  onPutBack(reason: string): void;
}

/**
 *   starting  not ready yet            idle  a task may come            busy  computes one, or a group
 *   down      ended unexpectedly, will be started again                 stopped
 */
export type ExecutorState = 'starting' | 'idle' | 'busy' | 'down' | 'stopped';

export interface Executor {
  readonly kind: 'local';
  readonly label: SlotLabel;
  readonly state: ExecutorState;
  /** Why it is down, for people; null while all is well. */
  readonly problem: string | null;
  /** Process that holds the device; null where it is not known. */
  readonly kernel_pid: number | null;
  start(): void;
  /** Only when idle. Several small tasks that are alike but for their structures are computed at the same time. */
  run(group: readonly Assignment[]): void;
  /** Only when idle; busy until it settles. @throws Error saying why its process cannot hold the model, or that it ended */
  load(model: LoadableModel): Promise<ModelLoad>;
  /** Only when idle: a new process takes the place of this one, which gives back all that it holds. */
  renew(): Promise<void>;
  /** Asks for the end of this task; the observer hears of it. Ignored when it does not run here. */
  cancel(task_id: string): void;
  /** Asks this task and its group to stop, with checkpoints; their observers hear of it, or of the end that came first. */
  preempt(task_id: string): void;
  /** Ends what runs without telling the observer; a task that can keeps a checkpoint. */
  stop(): Promise<void>;
  onIdle(listener: () => void): void;
  /** Its process ended unexpectedly, with a task or without one. */
  onLost(listener: (reason: string) => void): void;
}
