// Takes tasks one after another, small ones in groups, and runs them on a kernel that stays alive between them.
import type { FromTaskProcess, LoadModel, RunTask } from '../../contracts/task-process-message.ts';
import type { TaskError, TaskMetrics } from '../../contracts/task.ts';
import { TASK_TYPES } from '../../contracts/task-types.ts';
import type { KernelRequests } from '../kernel-client/kernel-requests.ts';
import type { Kernel } from '../kernel-client/kernel.ts';
import { LostToOthers, SharedKernel } from '../kernel-client/shared-kernel.ts';
import { Deadline } from '../workflows/deadline.ts';
import { Reporter, systemClock } from '../workflows/reporter.ts';
import type { Clock } from '../workflows/reporter.ts';
import { runTask, workflowOf } from '../workflows/run-task.ts';
import { isCancellation, isTimeOut, TaskCancelled, TaskPreempted, toTaskError } from '../workflows/task-failure.ts';
import { EventBatcher } from './event-batcher.ts';
import { loadModel } from './load-model.ts';

export interface TaskRunnerParts {
  startKernel: () => Promise<Kernel>;
  send: (message: FromTaskProcess) => Promise<void>;
}

interface Running {
  message: RunTask;
  abort: AbortController;
}

/** What a task gets of the kernel. */
interface KernelShare {
  kernel: KernelRequests;
  n_others: number;
  /** null where no checkpoint can be kept, because the calculation is not the task's alone. */
  checkpoint_interval_seconds: number | null;
  /** Its part of the slot's time, s, when it has just ended. @param seconds since it began */
  charge: (message: RunTask, seconds: number) => number;
  /** The task asks for nothing more. */
  leave: () => Promise<void>;
}

export class TaskRunner {
  readonly #parts: TaskRunnerParts;
  #kernel: Kernel | null = null;
  /** A group, or one task alone. */
  readonly #running = new Map<string, Running>();
  /** Settles when the service has been told how the last tasks ended. */
  #lastEnd: Promise<unknown> = Promise.resolve();

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

  /** Settles when the tasks have ended and the service has been told how. Never rejects. */
  async run(tasks: readonly RunTask[]): Promise<void> {
    if (this.#running.size > 0) {
      const text = `${[...this.#running.keys()].join(', ')} is still running in this slot.`;
      for (const { task_id } of tasks) await this.#fail(task_id, { type: 'InternalError', message: text, details: {} });
      return;
    }
    for (const message of tasks) this.#running.set(message.task_id, { message, abort: new AbortController() });
    const shares = this.#shares(tasks);
    this.#lastEnd = Promise.all([...this.#running.values()].map((running) => this.#runToEnd(running, shares)));
    await this.#lastEnd;
  }

  /** Settles when the service has been told. The service gives no task meanwhile. Never rejects. */
  async load(message: LoadModel): Promise<void> {
    this.#lastEnd = this.#liveKernel()
      .then((kernel) => loadModel(kernel, message))
      .then(
        (load) => this.#parts.send({ type: 'model_loaded', ...load }),
        (error: unknown) => this.#parts.send({ type: 'model_not_loaded', error: toTaskError(error) }),
      );
    await this.#lastEnd;
  }

  cancel(task_id: string): void {
    this.#running.get(task_id)?.abort.abort(new TaskCancelled());
  }

  /** With its whole group. A task that keeps no checkpoint goes on to its end. */
  preempt(task_id: string): void {
    if (!this.#running.has(task_id)) return;
    for (const { message, abort } of this.#running.values()) {
      if (isCheckpointed(message)) abort.abort(new TaskPreempted());
    }
  }

  /** Stops what runs, with its checkpoint where it keeps one, waits for its end, and stops the kernel. */
  async shutdown(): Promise<void> {
    for (const { message, abort } of this.#running.values()) {
      abort.abort(isCheckpointed(message) ? new TaskPreempted() : new TaskCancelled());
    }
    await this.#lastEnd;
    await this.#kernel?.stop();
  }

  /** The service is gone: the next one may already give the task to another process, so nothing more is written. */
  abandon(): void {
    this.#kernel?.kill();
  }

  async #runToEnd({ message, abort }: Running, shares: Promise<KernelShare>): Promise<void> {
    const end = await this.#runOne(message, abort.signal, shares);
    // Before the service hears of the end: it may answer with the next task at once.
    this.#running.delete(message.task_id);
    await this.#parts.send(end);
  }

  /** Returns the message that tells how the task ended; everything before it has been sent. */
  async #runOne(message: RunTask, signal: AbortSignal, shares: Promise<KernelShare>): Promise<FromTaskProcess> {
    const { task_id } = message;
    const batcher = new EventBatcher((events) => this.#parts.send({ type: 'events', task_id, events }));
    const reporter = new Reporter((event) => {
      batcher.add(event);
    });
    const deadline = new Deadline(message.deadline_seconds);
    let end: FromTaskProcess;
    try {
      const { kernel, n_others, checkpoint_interval_seconds, charge, leave } = await shares;
      let seconds = 0;
      try {
        const workflow = workflowOf(message);
        const resumed_from_checkpoint =
          checkpoint_interval_seconds !== null && (await workflow.isResumable(message.folder));
        await this.#parts.send({ type: 'started', task_id, resumed_from_checkpoint });
        if (n_others > 0) reporter.log('INFO', `Computed at the same time as ${n_others} other tasks`, { n_others });
        const tools = { kernel, signal, reporter, deadline, checkpoint_interval_seconds };
        seconds = (await runTask(message, tools)).execution_time_seconds;
      } finally {
        seconds = charge(message, seconds);
        await leave();
      }
      end = { type: 'completed', task_id, execution_time_seconds: seconds, metrics: metricsOf(reporter) };
    } catch (error) {
      end = endWithoutResult(task_id, error, { signal, reporter, deadline });
    }
    await batcher.flush();
    return end;
  }

  /** What each of these tasks gets; the same for all. @throws KernelFailure start_failed */
  async #shares(tasks: readonly RunTask[]): Promise<KernelShare> {
    const kernel = await this.#liveKernel();
    // On the CPU a batch takes longer than its structures one after another, which keep their bits and their checkpoints.
    const isMerging = tasks.length > 1 && tasks.every(({ device }) => device !== 'cpu');
    const checkpoint_interval_seconds = isMerging ? null : (tasks[0]?.checkpoint_interval_seconds ?? null);
    const common = { n_others: tasks.length - 1, checkpoint_interval_seconds };
    if (tasks.length === 1) {
      return { ...common, kernel, charge: (_, seconds) => seconds, leave: () => Promise.resolve() };
    }
    const shared = new SharedKernel(kernel, { n_members: tasks.length, isMerging });
    const charge = isMerging ? chargeByAtoms(tasks) : chargeSinceLastEnd(systemClock);
    return { ...common, kernel: shared, charge, leave: () => shared.leave() };
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

/** Of one batch, whose members end together. */
function chargeByAtoms(tasks: readonly RunTask[]): KernelShare['charge'] {
  const n_atoms = tasks.reduce((sum, { structure }) => sum + structure.symbols.length, 0);
  return ({ structure }, seconds) => (seconds * structure.symbols.length) / n_atoms;
}

/** Of members whose requests are computed one after another. */
function chargeSinceLastEnd(clock: Clock): KernelShare['charge'] {
  let last = clock.monotonic();
  return () => {
    const before = last;
    last = clock.monotonic();
    return (last - before) / 1000;
  };
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
    reporter.log('INFO', 'Task preempted; it goes on later');
    return { type: 'preempted', task_id };
  }
  if (isCancellation(error) || (signal.aborted && !wasPreempted)) {
    reporter.log('INFO', 'Task cancelled');
    return { type: 'cancelled', task_id };
  }
  if (error instanceof LostToOthers) {
    reporter.log('WARNING', error.message);
    return { type: 'put_back', task_id, reason: error.message };
  }
  if (isTimeOut(error, deadline)) {
    reporter.log('WARNING', 'The time of the task is over; what it reached is kept');
    return { type: 'timed_out', task_id, metrics: metricsOf(reporter) };
  }
  const taskError = toTaskError(error);
  reporter.log('ERROR', taskError.message, { type: taskError.type, ...taskError.details });
  return { type: 'failed', task_id, error: taskError };
}
