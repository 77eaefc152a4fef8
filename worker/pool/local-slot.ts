// A slot on this machine: keeps one warm task process, gives it one task at a time, and starts it again when it dies.
import { fromTaskProcessSchema } from '../../contracts/task-process-message.ts';
import type { FromTaskProcess } from '../../contracts/task-process-message.ts';
import type { SlotLabel } from '../queue/queue.ts';
import type { Logger } from '../logger.ts';
import { backoffDelayMs } from './backoff.ts';
import type { Assignment, AttemptObserver, Executor, ExecutorState } from './executor.ts';
import type { ChildExit, StartChild, TaskProcessChild } from './start-child.ts';

const READY_TIMEOUT_MS = 60_000;
const CANCEL_GRACE_MS = 15_000;
const STOP_GRACE_MS = 5_000;
const KEPT_STDERR_LINES = 10;

export interface LocalSlotOptions {
  label: SlotLabel;
  /** The device as the task process sees it: its CUDA_VISIBLE_DEVICES leaves one GPU, number 0. */
  deviceInside: string;
  entry: URL;
  env: Readonly<Record<string, string>>;
  startChild: StartChild;
  logger: Logger;
}

interface Attempt {
  task_id: string;
  observer: AttemptObserver;
}

export class LocalSlot implements Executor {
  readonly kind = 'local';
  readonly label: SlotLabel;
  readonly #options: LocalSlotOptions;
  readonly #idleListeners: (() => void)[] = [];
  #state: ExecutorState = 'stopped';
  #problem: string | null = null;
  #child: TaskProcessChild | null = null;
  #attempt: Attempt | null = null;
  #failuresInARow = 0;
  #stderr: string[] = [];
  /** The one thing that the slot waits for: ready, the end of a cancelled task, or the next start. */
  #timer: NodeJS.Timeout | undefined;
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

  onIdle(listener: () => void): void {
    this.#idleListeners.push(listener);
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
      this.#handleExit(exit);
    });
    this.#killUnless('It was not ready', READY_TIMEOUT_MS);
  }

  run({ task, structure, folder }: Assignment, observer: AttemptObserver): void {
    if (this.#state !== 'idle' || this.#child === null) {
      throw new Error(`Slot ${this.label.slot_id} is ${this.#state} and cannot take ${task.task_id}.`);
    }
    this.#state = 'busy';
    this.#attempt = { task_id: task.task_id, observer };
    this.#child.send({
      type: 'run',
      task_id: task.task_id,
      task_type: task.task_type,
      model: task.model,
      parameters: task.parameters,
      structure,
      structure_name: task.structure_name,
      device: this.#options.deviceInside,
      folder,
    });
  }

  cancel(task_id: string): void {
    if (this.#attempt?.task_id !== task_id) return;
    this.#child?.send({ type: 'cancel', task_id });
    this.#killUnless('It did not stop its cancelled task', CANCEL_GRACE_MS);
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#attempt = null;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null || this.#exited === null) return;
    child.send({ type: 'shutdown' });
    this.#killUnless('It did not shut down', STOP_GRACE_MS);
    await this.#exited.promise;
  }

  #killUnless(complaint: string, timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
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
    if (message.data.type === 'ready') this.#becomeIdle();
    else this.#pass(message.data);
  }

  #pass(message: Exclude<FromTaskProcess, { type: 'ready' }>): void {
    const attempt = this.#attempt;
    if (attempt?.task_id !== message.task_id) return;
    const { observer } = attempt;
    switch (message.type) {
      case 'started':
        observer.onStarted();
        return;
      case 'events':
        observer.onEvents(message.events);
        return;
      case 'completed':
        this.#failuresInARow = 0;
        observer.onCompleted(message.execution_time_seconds);
        break;
      case 'failed':
        observer.onFailed(message.error);
        break;
      case 'cancelled':
        observer.onCancelled();
    }
    this.#becomeIdle();
  }

  #becomeIdle(): void {
    clearTimeout(this.#timer);
    this.#attempt = null;
    this.#problem = null;
    this.#state = 'idle';
    for (const listener of this.#idleListeners) listener();
  }

  #handleExit(exit: ChildExit): void {
    clearTimeout(this.#timer);
    this.#child = null;
    this.#exited?.resolve();
    if (this.#state === 'stopped') return;

    this.#failuresInARow += 1;
    const delayMs = backoffDelayMs(this.#failuresInARow);
    const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
    this.#problem = [`The task process ended unexpectedly (${how}).`, ...this.#stderr].join(' ');
    this.#options.logger.error(this.#problem, { slot_id: this.label.slot_id, restart_in_ms: delayMs });

    const attempt = this.#attempt;
    this.#attempt = null;
    this.#state = 'down';
    this.#timer = setTimeout(() => {
      this.start();
    }, delayMs);
    attempt?.observer.onFailed({
      type: 'TaskProcessCrashed',
      message: this.#problem,
      details: { exit_code: exit.code, signal: exit.signal },
    });
  }
}
