// A slot on this machine: keeps one warm task process, gives it one task or one group at a time, and starts it again when it dies.
import { fromTaskProcessSchema } from '../../contracts/task-process-message.ts';
import type { FromTaskProcess, RunTask } from '../../contracts/task-process-message.ts';
import type { ImportedModel } from '../../contracts/model.ts';
import type { TaskError } from '../../contracts/task.ts';
import type { SlotLabel } from '../queue/queue.ts';
import type { Logger } from '../logger.ts';
import { waitForEnd } from '../processes/wait-for-end.ts';
import type { TaskRow } from '../store/tasks.ts';
import { backoffDelayMs } from './backoff.ts';
import type { Assignment, AttemptObserver, Executor, ExecutorState, LoadableModel, ModelLoad } from './executor.ts';
import type { ChildExit, StartChild, TaskProcessChild } from './start-child.ts';

/** How often a running task keeps its state at least, s. */
export const CHECKPOINT_INTERVAL_SECONDS = 30;

const READY_TIMEOUT_MS = 60_000;
const CANCEL_GRACE_MS = 15_000;
/** A step of a large structure may take long, and the checkpoint is worth waiting for. */
const PREEMPT_GRACE_MS = 60_000;
const HEARTBEAT_TIMEOUT_MS = 60_000;
/** A model of gigabytes from a slow disk. */
const LOAD_TIMEOUT_MS = 300_000;
const STOP_GRACE_MS = 5_000;
const KEPT_STDERR_LINES = 10;
/** A task that has used up its time is told so by its own attempt, which ends at once. */
const SHORTEST_RUN_SECONDS = 0.001;

export interface LocalSlotOptions {
  label: SlotLabel;
  /** The device as the task process sees it: its CUDA_VISIBLE_DEVICES leaves one GPU, number 0. */
  deviceInside: string;
  entry: URL;
  env: Readonly<Record<string, string>>;
  startChild: StartChild;
  /** Settles when this process, a kernel whose task process has ended, is gone. */
  waitForEnd?: (pid: number) => Promise<unknown>;
  checkpoint_interval_seconds?: number;
  /** GPU memory that one calculation may take; null = what the kernel takes by itself. */
  memory_limit_bytes?: number | null;
  /** Where the weights of a model are; null for a built-in potential. Default: every model is built in. */
  importedModel?: (model_id: string) => ImportedModel | null;
  logger: Logger;
}

type LoadEnd = Extract<FromTaskProcess, { type: 'model_loaded' | 'model_not_loaded' }>;

interface Attempt {
  observer: AttemptObserver;
  /** Runs out when it has not stopped although it was asked to. */
  overdue: NodeJS.Timeout | undefined;
}

export class LocalSlot implements Executor {
  readonly kind = 'local';
  readonly label: SlotLabel;
  readonly #options: LocalSlotOptions;
  readonly #idleListeners: (() => void)[] = [];
  readonly #lostListeners: ((reason: string) => void)[] = [];
  #state: ExecutorState = 'stopped';
  #problem: string | null = null;
  #child: TaskProcessChild | null = null;
  readonly #attempts = new Map<string, Attempt>();
  /** The last stop was one to be started again. */
  #renewal: object | null = null;
  #loading: PromiseWithResolvers<ModelLoad> | null = null;
  #failuresInARow = 0;
  #stderr: string[] = [];
  /** The one thing that the slot waits for: ready, the end of its process, or the next start. */
  #timer: NodeJS.Timeout | undefined;
  /** Runs out when the child has been silent for too long. */
  #heartbeat: NodeJS.Timeout | undefined;
  #kernelPid: number | null = null;
  #exited: PromiseWithResolvers<void> | null = null;

  constructor(options: LocalSlotOptions) {
    this.#options = options;
    this.label = options.label;
  }

  get state(): ExecutorState {
    return this.#state;
  }

  get problem(): string | null {
    return this.#problem;
  }

  get kernel_pid(): number | null {
    return this.#kernelPid;
  }

  onIdle(listener: () => void): void {
    this.#idleListeners.push(listener);
  }

  onLost(listener: (reason: string) => void): void {
    this.#lostListeners.push(listener);
  }

  start(): void {
    if (this.#child !== null) return;
    const { entry, env, startChild } = this.#options;
    this.#state = 'starting';
    this.#stderr = [];
    this.#exited = Promise.withResolvers();
    const child = startChild(entry, env);
    this.#child = child;
    child.onMessage((message) => {
      this.#receive(child, message);
    });
    child.onStderrLine((line) => {
      this.#stderr = [...this.#stderr, line].slice(-KEPT_STDERR_LINES);
    });
    child.onExit((exit) => {
      void this.#handleExit(exit);
    });
    this.#killUnless('It was not ready', READY_TIMEOUT_MS);
  }

  run(group: readonly Assignment[]): void {
    if (this.#state !== 'idle' || this.#child === null) {
      const ids = group.map(({ task }) => task.task_id).join(', ');
      throw new Error(`Slot ${this.label.slot_id} is ${this.#state} and cannot take ${ids}.`);
    }
    const tasks = group.map((assignment) => this.#messageFor(assignment));
    const [first] = tasks;
    if (first === undefined) return;
    this.#state = 'busy';
    for (const { task, observer } of group) this.#attempts.set(task.task_id, { observer, overdue: undefined });
    this.#child.send(tasks.length === 1 ? first : { type: 'run_group', tasks });
  }

  #messageFor({ task, structure, folder }: Assignment): RunTask {
    const { memory_limit_bytes = null, deviceInside, checkpoint_interval_seconds, importedModel } = this.#options;
    const imported = importedModel?.(task.model) ?? null;
    return {
      type: 'run',
      task_id: task.task_id,
      task_type: task.task_type,
      model: task.model,
      with_d3: task.with_d3,
      ...(imported === null ? {} : { imported_model: imported }),
      parameters: task.parameters,
      structure,
      structure_name: task.structure_name,
      device: deviceInside,
      folder,
      attempt: task.attempts,
      deadline_seconds: secondsLeft(task),
      checkpoint_interval_seconds: checkpoint_interval_seconds ?? CHECKPOINT_INTERVAL_SECONDS,
      ...(memory_limit_bytes === null ? {} : { memory_limit_bytes }),
    };
  }

  async load({ id, imported, element }: LoadableModel): Promise<ModelLoad> {
    if (this.#state !== 'idle' || this.#child === null)
      throw new Error(`Slot ${this.label.slot_id} is ${this.#state}.`);
    const { memory_limit_bytes = null, deviceInside } = this.#options;
    this.#state = 'busy';
    this.#loading = Promise.withResolvers();
    const { promise } = this.#loading;
    this.#child.send({
      type: 'load_model',
      model: id,
      imported_model: imported,
      element,
      device: deviceInside,
      ...(memory_limit_bytes === null ? {} : { memory_limit_bytes }),
    });
    this.#killUnless('It did not load a model', LOAD_TIMEOUT_MS);
    return promise;
  }

  async renew(): Promise<void> {
    if (this.#state !== 'idle') throw new Error(`Slot ${this.label.slot_id} is ${this.#state}.`);
    const mine = {};
    const ended = this.stop();
    this.#renewal = mine;
    await ended;
    if (this.#renewal === mine) this.start();
  }

  cancel(task_id: string): void {
    this.#ask('cancel', task_id, 'It did not stop its cancelled task', CANCEL_GRACE_MS);
  }

  preempt(task_id: string): void {
    this.#ask('preempt', task_id, 'It did not stop its preempted task', PREEMPT_GRACE_MS);
  }

  #ask(type: 'cancel' | 'preempt', task_id: string, complaint: string, graceMs: number): void {
    const attempt = this.#attempts.get(task_id);
    if (attempt === undefined) return;
    this.#child?.send({ type, task_id });
    clearTimeout(attempt.overdue);
    attempt.overdue = this.#killLater(complaint, graceMs);
  }

  async stop(): Promise<void> {
    this.#renewal = null;
    this.#state = 'stopped';
    this.#forgetAttempts();
    this.#giveUpLoading('Its process was stopped.');
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null || this.#exited === null) return;
    child.send({ type: 'shutdown' });
    this.#killUnless('It did not shut down', STOP_GRACE_MS);
    await this.#exited.promise;
  }

  #giveUpLoading(reason: string): void {
    this.#loading?.reject(new Error(reason));
    this.#loading = null;
  }

  #forgetAttempts(): Attempt[] {
    const attempts = [...this.#attempts.values()];
    this.#attempts.clear();
    for (const { overdue } of attempts) clearTimeout(overdue);
    return attempts;
  }

  /**
   * Timers are monotonic, so a clock that jumps kills nobody; and a service that was itself held up first reads what
   * has arrived meanwhile.
   */
  #expectHeartbeat(child: TaskProcessChild): void {
    clearTimeout(this.#heartbeat);
    const last = setTimeout(() => {
      setImmediate(() => {
        if (this.#heartbeat !== last || child !== this.#child) return;
        this.#stderr.push(`It gave no sign of life for ${HEARTBEAT_TIMEOUT_MS / 1000} s and was killed.`);
        child.kill();
      });
    }, HEARTBEAT_TIMEOUT_MS);
    this.#heartbeat = last;
  }

  #killUnless(complaint: string, timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#killLater(complaint, timeoutMs);
  }

  #killLater(complaint: string, timeoutMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#stderr.push(`${complaint} within ${timeoutMs / 1000} s and was killed.`);
      this.#child?.kill();
    }, timeoutMs);
  }

  #receive(child: TaskProcessChild, raw: unknown): void {
    if (child !== this.#child || this.#state === 'stopped') return;
    const message = fromTaskProcessSchema.safeParse(raw);
    if (!message.success) {
      this.#stderr.push(`It sent a message that is not in the protocol: ${message.error.message}`);
      child.kill();
      return;
    }
    const { data } = message;
    if (data.type === 'heartbeat' || data.type === 'ready') this.#expectHeartbeat(child);
    if (data.type === 'ready') this.#greet(data.kernel_pid);
    else if (data.type === 'model_loaded' || data.type === 'model_not_loaded') this.#endLoad(data);
    else if (data.type !== 'heartbeat') this.#pass(data);
  }

  /** Also in the middle of a task, of a kernel that took the place of one that had died. */
  #greet(kernelPid: number): void {
    this.#kernelPid = kernelPid;
    if (this.#state === 'starting') this.#becomeIdle();
  }

  #endLoad(message: LoadEnd): void {
    const loading = this.#loading;
    this.#loading = null;
    if (loading === null) return;
    // Idle first: whoever waits for it may have a task.
    this.#becomeIdle();
    if (message.type === 'model_loaded') loading.resolve({ seconds: message.seconds, memory_mb: message.memory_mb });
    else loading.reject(new Error(message.error.message));
  }

  #pass(message: Exclude<FromTaskProcess, LoadEnd | { type: 'ready' | 'heartbeat' }>): void {
    const attempt = this.#attempts.get(message.task_id);
    if (attempt === undefined) return;
    const { observer } = attempt;
    switch (message.type) {
      case 'started':
        observer.onStarted(message.resumed_from_checkpoint);
        return;
      case 'events':
        observer.onEvents(message.events);
        return;
      case 'completed':
        this.#failuresInARow = 0;
        observer.onCompleted(message.execution_time_seconds, message.metrics);
        break;
      case 'failed':
        observer.onFailed(message.error);
        break;
      case 'cancelled':
        observer.onCancelled();
        break;
      case 'timed_out':
        this.#failuresInARow = 0;
        observer.onTimedOut(message.metrics);
        break;
      case 'preempted':
        this.#failuresInARow = 0;
        observer.onPreempted();
        break;
      case 'put_back':
        this.#failuresInARow = 0;
        observer.onPutBack(message.reason);
    }
    clearTimeout(attempt.overdue);
    this.#attempts.delete(message.task_id);
    if (this.#attempts.size === 0) this.#becomeIdle();
  }

  #becomeIdle(): void {
    clearTimeout(this.#timer);
    this.#problem = null;
    this.#state = 'idle';
    for (const listener of this.#idleListeners) listener();
  }

  /** The next process starts, and the task may run again, when the kernel of this one is gone: it holds the GPU. */
  async #handleExit(exit: ChildExit): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#heartbeat);
    for (const { overdue } of this.#attempts.values()) clearTimeout(overdue);
    if (this.#state !== 'stopped') this.#state = 'down';
    const kernelPid = this.#kernelPid;
    this.#kernelPid = null;
    if (kernelPid !== null) await (this.#options.waitForEnd ?? waitForEnd)(kernelPid);
    this.#child = null;
    this.#exited?.resolve();
    if (this.#state === 'stopped') return;

    this.#failuresInARow += 1;
    const delayMs = backoffDelayMs(this.#failuresInARow);
    const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
    this.#problem = [`The task process ended unexpectedly (${how}).`, ...this.#stderr].join(' ');
    this.#options.logger.error(this.#problem, { slot_id: this.label.slot_id, restart_in_ms: delayMs });

    for (const listener of this.#lostListeners) listener(this.#problem);

    this.#giveUpLoading(this.#problem);
    const attempts = this.#forgetAttempts();
    this.#timer = setTimeout(() => {
      this.start();
    }, delayMs);
    const error: TaskError = {
      type: 'TaskProcessCrashed',
      message: this.#problem,
      details: { exit_code: exit.code, signal: exit.signal },
    };
    for (const { observer } of attempts) observer.onFailed(error);
  }
}

/** Of the time that the task may compute over all attempts, s; null without a limit. */
function secondsLeft({ timeout_seconds, computed_seconds }: TaskRow): number | null {
  return timeout_seconds === null ? null : Math.max(SHORTEST_RUN_SECONDS, timeout_seconds - computed_seconds);
}
