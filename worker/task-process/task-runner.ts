// Takes tasks one after another and runs them on a kernel that stays alive between them.
import type { FromTaskProcess, RunTask } from '../../contracts/task-process-message.ts';
import type { TaskError, TaskMetrics } from '../../contracts/task.ts';
import { TASK_TYPES } from '../../contracts/task-types.ts';
import type { Kernel } from '../kernel-client/kernel.ts';
import { Deadline } from '../workflows/deadline.ts';
import { Reporter } from '../workflows/reporter.ts';
import { runTask, workflowOf } from '../workflows/run-task.ts';
import { isCancellation, isTimeOut, TaskCancelled, TaskPreempted, toTaskError } from '../workflows/task-failure.ts';
import { EventBatcher } from './event-batcher.ts';

export interface TaskRunnerParts {
  startKernel: () => Promise<Kernel>;
  send: (message: FromTaskProcess) => Promise<void>;
}

interface Current {
  message: RunTask;
  abort: AbortController;
}

export class TaskRunner {
  readonly #parts: TaskRunnerParts;
  #kernel: Kernel | null = null;
  #current: Current | null = null;
  /** Settles when the service has been told how the last task ended. */
  #lastEnd: Promise<void> = Promise.resolve();

  constructor(parts: TaskRunnerParts) {
    this.#parts = parts;
  }

  /** Starts the kernel and says `ready`. @throws KernelFailure start_failed */
  async begin(): Promise<void> {
    await this.#liveKernel();
  }

  /** Settles when the kernel has answered, or when there is none that could. */
  async listenToKernel(): Promise<void> {
    // Its death is told by the request that it was busy with.
    await this.#kernel?.ping().catch(() => undefined);
  }

  /** Settles when the task has ended and the service has been told how. Never rejects. */
  async run(message: RunTask): Promise<void> {
    if (this.#current !== null) {
      const text = `Task ${this.#current.message.task_id} is still running in this slot.`;
      await this.#fail(message.task_id, { type: 'InternalError', message: text, details: {} });
      return;
    }
    const abort = new AbortController();
    this.#current = { message, abort };
    this.#lastEnd = this.#runOne(message, abort.signal).then((end) => {
      // Before the service hears of the end: it may answer with the next task at once.
      this.#current = null;
      return this.#parts.send(end);
    });
    await this.#lastEnd;
  }

  cancel(task_id: string): void {
    if (this.#current?.message.task_id === task_id) this.#current.abort.abort(new TaskCancelled());
  }

  /** A task that keeps no checkpoint goes on to its end. */
  preempt(task_id: string): void {
    if (this.#current?.message.task_id !== task_id) return;
    if (isCheckpointed(this.#current.message)) this.#current.abort.abort(new TaskPreempted());
  }

  /** Stops what runs, with its checkpoint where it keeps one, waits for its end, and stops the kernel. */
  async shutdown(): Promise<void> {
    const current = this.#current;
    current?.abort.abort(isCheckpointed(current.message) ? new TaskPreempted() : new TaskCancelled());
    await this.#lastEnd;
    await this.#kernel?.stop();
  }

  /** The service is gone: the next one may already give the task to another process, so nothing more is written. */
  abandon(): void {
    this.#kernel?.kill();
  }

  /** Returns the message that tells how the task ended; everything before it has been sent. */
  async #runOne(message: RunTask, signal: AbortSignal): Promise<FromTaskProcess> {
    const { task_id } = message;
    const batcher = new EventBatcher((events) => this.#parts.send({ type: 'events', task_id, events }));
    const reporter = new Reporter((event) => {
      batcher.add(event);
    });
    const deadline = new Deadline(message.deadline_seconds);
    let end: FromTaskProcess;
    try {
      const workflow = workflowOf(message);
      const kernel = await this.#liveKernel();
      const resumed_from_checkpoint = await workflow.isResumable(message.folder);
      await this.#parts.send({ type: 'started', task_id, resumed_from_checkpoint });
      const { checkpoint_interval_seconds } = message;
      const tools = { kernel, signal, reporter, deadline, checkpoint_interval_seconds };
      const { execution_time_seconds } = await runTask(message, tools);
      end = { type: 'completed', task_id, execution_time_seconds, metrics: metricsOf(reporter) };
    } catch (error) {
      end = endWithoutResult(task_id, error, { signal, reporter, deadline });
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
    const { pid, hello } = this.#kernel;
    await this.#parts.send({ type: 'ready', kernel_version: hello.kernel_version, kernel_pid: pid });
    return this.#kernel;
  }

  async #fail(task_id: string, error: TaskError): Promise<void> {
    await this.#parts.send({ type: 'failed', task_id, error });
  }
}

function isCheckpointed({ task_type }: RunTask): boolean {
  return TASK_TYPES[task_type].is_checkpointed;
}

function metricsOf(reporter: Reporter): TaskMetrics {
  // The kernel does not measure what it takes of a GPU's memory.
  return { peak_gpu_memory_MB: null, avg_step_time_ms: reporter.averageStepTimeMs() };
}

function endWithoutResult(
  task_id: string,
  error: unknown,
  { signal, reporter, deadline }: { signal: AbortSignal; reporter: Reporter; deadline: Deadline },
): FromTaskProcess {
  const wasPreempted = signal.reason instanceof TaskPreempted;
  if (error instanceof TaskPreempted || (wasPreempted && isCancellation(error))) {
    reporter.log('INFO', 'Task preempted; it goes on from its checkpoint');
    return { type: 'preempted', task_id };
  }
  if (isCancellation(error) || (signal.aborted && !wasPreempted)) {
    reporter.log('INFO', 'Task cancelled');
    return { type: 'cancelled', task_id };
  }
  if (isTimeOut(error, deadline)) {
    reporter.log('WARNING', 'The time of the task is over; what it reached is kept');
    return { type: 'timed_out', task_id, metrics: metricsOf(reporter) };
  }
  const taskError = toTaskError(error);
  reporter.log('ERROR', taskError.message, { type: taskError.type, ...taskError.details });
  return { type: 'failed', task_id, error: taskError };
}
