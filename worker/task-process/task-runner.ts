// Takes tasks one after another and runs them on a kernel that stays alive between them.
import type { FromTaskProcess, ToTaskProcess } from '../../contracts/task-process-message.ts';
import type { TaskError } from '../../contracts/task.ts';
import type { Kernel } from '../kernel-client/kernel.ts';
import { Reporter } from '../workflows/reporter.ts';
import { runTask } from '../workflows/run-task.ts';
import { isCancellation, toTaskError } from '../workflows/task-failure.ts';
import { EventBatcher } from './event-batcher.ts';

type RunMessage = Extract<ToTaskProcess, { type: 'run' }>;

export interface TaskRunnerParts {
  startKernel: () => Promise<Kernel>;
  send: (message: FromTaskProcess) => Promise<void>;
}

export class TaskRunner {
  readonly #parts: TaskRunnerParts;
  #kernel: Kernel | null = null;
  #current: { task_id: string; abort: AbortController } | null = null;
  /** Settles when the service has been told how the last task ended. */
  #lastEnd: Promise<void> = Promise.resolve();

  constructor(parts: TaskRunnerParts) {
    this.#parts = parts;
  }

  /** Starts the kernel and says `ready`. @throws KernelFailure start_failed */
  async begin(): Promise<void> {
    const kernel = await this.#liveKernel();
    await this.#parts.send({ type: 'ready', kernel_version: kernel.hello.kernel_version });
  }

  /** Settles when the task has ended and the service has been told how. Never rejects. */
  async run(message: RunMessage): Promise<void> {
    if (this.#current !== null) {
      const text = `Task ${this.#current.task_id} is still running in this slot.`;
      await this.#fail(message.task_id, { type: 'InternalError', message: text, details: {} });
      return;
    }
    const abort = new AbortController();
    this.#current = { task_id: message.task_id, abort };
    this.#lastEnd = this.#runOne(message, abort.signal).then((end) => {
      // Before the service hears of the end: it may answer with the next task at once.
      this.#current = null;
      return this.#parts.send(end);
    });
    await this.#lastEnd;
  }

  cancel(task_id: string): void {
    if (this.#current?.task_id === task_id) this.#current.abort.abort();
  }

  /** Cancels what runs, waits for its end, and stops the kernel. */
  async shutdown(): Promise<void> {
    this.#current?.abort.abort();
    await this.#lastEnd;
    await this.#kernel?.stop();
  }

  /** Returns the message that tells how the task ended; everything before it has been sent. */
  async #runOne(message: RunMessage, signal: AbortSignal): Promise<FromTaskProcess> {
    const { task_id } = message;
    const batcher = new EventBatcher((events) => this.#parts.send({ type: 'events', task_id, events }));
    const reporter = new Reporter((event) => {
      batcher.add(event);
    });
    let end: FromTaskProcess;
    try {
      const kernel = await this.#liveKernel();
      await this.#parts.send({ type: 'started', task_id });
      const { execution_time_seconds } = await runTask(message, { kernel, signal, reporter });
      end = { type: 'completed', task_id, execution_time_seconds };
    } catch (error) {
      end = endOfFailedRun(task_id, error, signal, reporter);
    }
    await batcher.flush();
    return end;
  }

  /** The kernel of the last task, or a new one when that has died. */
  async #liveKernel(): Promise<Kernel> {
    if (this.#kernel?.isRunning === true) return this.#kernel;
    await this.#kernel?.stop();
    this.#kernel = null;
    this.#kernel = await this.#parts.startKernel();
    return this.#kernel;
  }

  async #fail(task_id: string, error: TaskError): Promise<void> {
    await this.#parts.send({ type: 'failed', task_id, error });
  }
}

function endOfFailedRun(task_id: string, error: unknown, signal: AbortSignal, reporter: Reporter): FromTaskProcess {
  if (isCancellation(error) || signal.aborted) {
    reporter.log('INFO', 'Task cancelled');
    return { type: 'cancelled', task_id };
  }
  const taskError = toTaskError(error);
  reporter.log('ERROR', taskError.message, { type: taskError.type, ...taskError.details });
  return { type: 'failed', task_id, error: taskError };
}
