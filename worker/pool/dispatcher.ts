// Opens and closes slots as they are planned, gives waiting tasks to free ones, and tells the queue how each attempt ends.
// A failure of a slot or a kernel costs one attempt of one task and never the service.
import { ServiceError } from '../../contracts/error-code.ts';
import type { Structure } from '../../contracts/structure.ts';
import type { TaskError } from '../../contracts/task.ts';
import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { ClaimCandidate } from '../store/queued-work.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { Backlog } from './backlog.ts';
import { canTake, scoreFor } from './choose-slot.ts';
import type { SlotChoice } from './choose-slot.ts';
import type { AttemptObserver, Executor } from './executor.ts';
import { atomsComputed, memoryNeedMb } from './memory-need.ts';
import { isOpen } from './placement.ts';
import type { Room } from './placement.ts';
import { Slot } from './slot.ts';
import { isSamePlan } from './slot-plan.ts';
import type { SlotPlan } from './slot-plan.ts';

/** A task that loses its device this often is no chance victim of it: further losses count as attempts. */
const FREE_LOSSES = 1;
const LONGEST_END_MS = 60_000;
/** How long nobody looks again at tasks of which none fitted, unless something changes. */
const FRUITLESS_PAUSE_MS = 1_000;
const CLOSED = 'The slot is closed.';
const DEVICE_LOST_CODES: readonly unknown[] = ['device_lost', 'no_device'];

export interface DispatcherParts {
  store: Store;
  queue: Queue;
  /** @throws ServiceError for a structure that the task cannot be computed with */
  readInput: (task: TaskRow) => Promise<Structure>;
  createExecutor: (plan: SlotPlan) => Executor;
  /** Room on a GPU beside the needs of our tasks there; null for the CPU. */
  roomFor: (gpu_uuid: string | null, needs_mb: readonly (number | null)[]) => Room | null;
  /** false: the owner has paused it. */
  mayTake: (gpu_uuid: string | null) => boolean;
  /** The kernel says that the GPU is gone. */
  onDeviceLost: (gpu_uuid: string, reason: string) => void;
  /** A task runs there whose need nobody knows yet. */
  onUnknownNeed: () => void;
  /** What a task holds now that has just ended, MB; null where that cannot be told. */
  measure: (slot: Slot) => Promise<number | null>;
  /** A task was computed to its end there. */
  onProof: (gpu_uuid: string) => void;
  /** Something about the slots changed. */
  onChange: () => void;
  logger: Logger;
  nowMs: () => number;
}

export class Dispatcher {
  readonly #parts: DispatcherParts;
  #slots: Slot[] = [];
  #wanted: readonly SlotPlan[] = [];
  #isStopped = false;
  #isFruitless = false;
  #wakeLater: NodeJS.Timeout | undefined;
  /** Of the kinds of task that were looked at in this dispatch: many that wait are alike. */
  readonly #needs = new Map<string, number | null>();
  /** Times that a task lost its device under it. */
  readonly #losses = new Map<string, number>();

  /** A store that fails must not end the service, nor may it cost the end of a task. */
  readonly #backlog: Backlog;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#backlog = new Backlog({
      logger: parts.logger,
      onEmptied: () => {
        this.dispatch();
      },
    });
  }

  get slots(): readonly Slot[] {
    return this.#slots;
  }

  /**
   * Opens what is missing and closes what is not wanted.
   *
   * @param reasonToLeave why no process of ours may hold this GPU any longer, so that its tasks wait again at once; null where
   *   a task may run to its end
   */
  setPlan(wanted: readonly SlotPlan[], reasonToLeave: (gpu_uuid: string) => string | null): void {
    if (this.#isStopped) return;
    this.#wanted = wanted;
    for (const slot of this.#slots) {
      const plan = wanted.find(({ label }) => label.slot_id === slot.plan.label.slot_id);
      const reason = slot.plan.gpu_uuid === null ? null : reasonToLeave(slot.plan.gpu_uuid);
      if (reason !== null) this.#close(slot, reason);
      else if (plan === undefined || !isSamePlan(plan, slot.plan)) this.#closeWhenIdle(slot);
      else if (slot.closing === 'when idle') slot.closing = null;
    }
    this.#openMissing();
    this.#parts.onChange();
    this.dispatch();
  }

  dispatch(): void {
    // Nothing new is begun before the store knows what has ended.
    if (this.#isStopped || !this.#backlog.isEmpty) return;
    this.#needs.clear();
    this.#backlog.do(() => {
      this.#isFruitless = !this.#claimAll();
      this.#makeRoom();
    });
  }

  /** New tasks have come. Where nothing that waits fitted a moment ago, not all of it is gone through again for each of them. */
  wake(): void {
    if (!this.#isFruitless) {
      this.dispatch();
      return;
    }
    this.#wakeLater ??= setTimeout(() => {
      this.#wakeLater = undefined;
      this.dispatch();
    }, FRUITLESS_PAUSE_MS).unref();
  }

  /** Tasks wait, slots are free, and nothing fits. */
  get isFruitless(): boolean {
    return this.#isFruitless;
  }

  cancel(task_id: string): void {
    this.#slotOf(task_id)?.executor.cancel(task_id);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#wakeLater);
    await Promise.all(this.#slots.map(({ executor }) => executor.stop()));
    for (const { running } of this.#slots) this.#putBack(running?.task.task_id, 'The service stops.');
    this.#slots = [];
    this.#backlog.close();
  }

  needOf(task: Pick<ClaimCandidate, 'model' | 'task_type' | 'with_d3' | 'n_atoms' | 'parameters'>): number | null {
    const { model, task_type, with_d3 } = task;
    const kind = { model, task_type, with_d3 };
    const n_atoms = atomsComputed(task.n_atoms, task.parameters);
    const key = JSON.stringify([model, task_type, with_d3, n_atoms]);
    const known = this.#needs.get(key);
    if (known !== undefined) return known;
    const need = memoryNeedMb(n_atoms, (least, most) =>
      this.#parts.store.memory.between(kind, Math.floor(least), Math.ceil(most)),
    );
    this.#needs.set(key, need);
    return need;
  }

  #free(): Slot[] {
    return this.#slots.filter((slot) => slot.isFree && this.#parts.mayTake(slot.plan.gpu_uuid));
  }

  /** First every task where it is best off, then wherever it fits. @returns false when tasks wait that fit on nothing that is free */
  #claimAll(): boolean {
    const free = this.#free();
    for (const isBestOnly of free.length > 1 ? [true, false] : [false]) {
      for (const slot of free) {
        if (slot.isFree && this.#claimFor(slot, free, isBestOnly) === 'nothing fits') return false;
      }
    }
    return true;
  }

  /** One look at what waits tells about every free slot: where nothing fits on any of them, the others need not look. */
  #claimFor(slot: Slot, free: readonly Slot[], isBestOnly: boolean): 'nothing fits' | 'looked' {
    const mine = this.#choiceOf(slot);
    if (mine.room !== null && !isOpen(mine.room)) return 'looked';
    const others = free.filter((other) => other !== slot && other.isFree).map((other) => this.#choiceOf(other));
    const looked = { n_candidates: 0, hasFitting: false };
    const task = this.#parts.queue.claim(slot.plan.label, (candidate) => {
      const need_mb = mine.room === null ? null : this.needOf(candidate);
      const score = scoreFor(candidate, need_mb, mine, isBestOnly ? others : []);
      looked.n_candidates += 1;
      looked.hasFitting ||= score !== null || others.some((other) => canTake(candidate, need_mb, other));
      return score;
    });
    if (task === null) return looked.n_candidates > 0 && !looked.hasFitting ? 'nothing fits' : 'looked';
    slot.take(task, this.needOf(task));
    void this.#run(slot, task);
    this.#parts.onChange();
    return 'looked';
  }

  #choiceOf({ plan: { gpu_uuid, label }, loaded_models }: Slot): SlotChoice {
    const needs = this.#slots.flatMap(({ plan, running }) =>
      plan.gpu_uuid === gpu_uuid && running !== null ? [running.need_mb] : [],
    );
    return { slot_id: label.slot_id, gpu_uuid, loaded_models, room: this.#parts.roomFor(gpu_uuid, needs) };
  }

  /** A CRITICAL task still waits, so it fits on nothing that is free: a LOW one makes room. One at a time. */
  #makeRoom(): void {
    const isOneComing = this.#slots.some(({ executor, closing, plan }) => {
      return executor.state === 'starting' && closing === null && this.#parts.mayTake(plan.gpu_uuid);
    });
    if (isOneComing) return;
    if (this.#slots.some(({ running }) => running?.isPreempted === true)) return;
    const move = this.#parts.queue.preemption();
    const slot = move === null ? undefined : this.#slotOf(move.victim);
    const running = slot?.running ?? null;
    if (move === null || slot === undefined || running === null || slot.executor.state !== 'busy') return;
    running.isPreempted = true;
    slot.executor.preempt(move.victim);
  }

  async #run(slot: Slot, task: TaskRow): Promise<void> {
    const { task_id } = task;
    const folder = this.#parts.store.taskFolder(task_id);
    try {
      const structure = await this.#parts.readInput(task);
      // The slot may have been closed meanwhile; then the task is back in the queue.
      if (this.#isStopped || slot.running?.task.task_id !== task_id) return;
      if (slot.executor.state === 'idle') {
        slot.executor.run({ task, structure, folder }, this.#observe(slot, task_id));
        return;
      }
      const message = slot.executor.problem ?? `Slot ${slot.plan.label.slot_id} is ${slot.executor.state}.`;
      this.#giveBack(slot, task_id, { type: 'TaskProcessCrashed', message, details: {} });
    } catch (error) {
      if (this.#isStopped) return;
      this.#giveBack(slot, task_id, this.#inputError(error, task_id));
    }
  }

  #inputError(error: unknown, task_id: string): TaskError {
    if (error instanceof ServiceError) {
      const { message = error.message, ...details } = error.details;
      return { type: 'StructureError', message: String(message), details: { code: error.code, ...details } };
    }
    const message = `The task could not be started: ${error instanceof Error ? error.message : String(error)}`;
    this.#parts.logger.error(message, { task_id });
    return { type: 'InternalError', message, details: {} };
  }

  /** The attempt ended before it began. */
  #giveBack(slot: Slot, task_id: string, error: TaskError): void {
    this.#backlog.do(() => {
      this.#parts.queue.log(task_id, 'ERROR', error.message);
      this.#parts.queue.fail(task_id, error);
    });
    this.#release(slot, task_id);
    this.dispatch();
  }

  #observe(slot: Slot, task_id: string): AttemptObserver {
    const { queue } = this.#parts;
    const end = (tell: (task: TaskRow) => void): void => {
      const task = slot.running?.task;
      // A slot that was closed has put its task back already.
      if (task?.task_id !== task_id) return;
      slot.running = null;
      this.#backlog.do(() => {
        tell(task);
      });
      this.#parts.onChange();
    };
    return {
      onStarted: (resumed) => {
        this.#backlog.do(() => {
          // Cancelled between the claim and this message.
          if (!queue.start(task_id, resumed)) slot.executor.cancel(task_id);
        });
        if (slot.running?.need_mb === null) this.#parts.onUnknownNeed();
      },
      onEvents: (events) => {
        const record = (): void => {
          queue.record(task_id, events);
        };
        this.#backlog.do(record, { isDroppable: true });
      },
      onCompleted: (seconds, told) => {
        const running = slot.running;
        const metrics = { ...told, peak_gpu_memory_MB: told.peak_gpu_memory_MB ?? running?.peak_mb ?? null };
        end((task) => {
          this.#losses.delete(task_id);
          queue.complete(task_id, seconds, metrics);
          this.#remember(task, metrics.peak_gpu_memory_MB);
        });
        if (slot.plan.gpu_uuid === null) return;
        this.#parts.onProof(slot.plan.gpu_uuid);
        // Too short to be looked at while it ran: what its process still holds is better than nothing.
        if (running?.need_mb === null && metrics.peak_gpu_memory_MB === null)
          void this.#measureLate(slot, running.task);
      },
      onFailed: (error) => {
        end(() => {
          this.#endFailed(slot, task_id, error);
        });
      },
      onCancelled: () => {
        end(() => {
          // Changes nothing when somebody asked for it; a task process that is told to end by others lost an attempt.
          const message = 'The task process gave up the task without being asked.';
          queue.fail(task_id, { type: 'TaskProcessCrashed', message, details: {} });
        });
      },
      onTimedOut: (metrics) => {
        end(() => {
          queue.timeOut(task_id, metrics);
        });
      },
      onPreempted: () => {
        end(() => {
          queue.preempted(task_id);
        });
      },
    };
  }

  #endFailed(slot: Slot, task_id: string, error: TaskError): void {
    const { queue, onDeviceLost } = this.#parts;
    const { gpu_uuid } = slot.plan;
    if (gpu_uuid === null || !DEVICE_LOST_CODES.includes(error.details.kernel_code)) {
      queue.fail(task_id, error);
      return;
    }
    const losses = (this.#losses.get(task_id) ?? 0) + 1;
    this.#losses.set(task_id, losses);
    const reason = `The GPU was lost: ${error.message}`;
    if (losses <= FREE_LOSSES) queue.putBack(task_id, reason);
    else queue.fail(task_id, { ...error, type: 'KernelCrashed' });
    onDeviceLost(gpu_uuid, error.message);
  }

  async #measureLate(slot: Slot, task: TaskRow): Promise<void> {
    const held_mb = await this.#parts.measure(slot);
    if (this.#isStopped || !slot.isReady) return;
    this.#backlog.do(() => {
      this.#remember(task, held_mb);
    });
  }

  #remember(task: TaskRow, peak_mb: number | null): void {
    const n_atoms = atomsComputed(this.#parts.store.tasks.find(task.task_id)?.n_atoms ?? null, task.parameters);
    if (peak_mb === null || n_atoms === null) return;
    this.#parts.store.memory.add(task, { n_atoms, peak_mb });
  }

  #release(slot: Slot, task_id: string): void {
    if (slot.running?.task.task_id === task_id) slot.running = null;
  }

  #slotOf(task_id: string): Slot | undefined {
    return this.#slots.find(({ running }) => running?.task.task_id === task_id);
  }

  #openMissing(): void {
    for (const plan of this.#wanted) {
      if (this.#slots.some((slot) => slot.plan.label.slot_id === plan.label.slot_id)) continue;
      const slot = new Slot(plan, this.#parts.createExecutor(plan));
      this.#slots.push(slot);
      slot.executor.onIdle(() => {
        if (slot.closing === 'when idle') this.#close(slot, CLOSED);
        else this.dispatch();
        this.#parts.onChange();
      });
      slot.executor.onLost((reason) => {
        slot.lose(reason, this.#parts.nowMs());
        this.#parts.onChange();
      });
      slot.executor.start();
    }
  }

  #closeWhenIdle(slot: Slot): void {
    if (slot.running === null) this.#close(slot, CLOSED);
    else slot.closing ??= 'when idle';
  }

  /**
   * The process ends first, then its task waits again, then the place is free for another executor. A process that hangs in the
   * driver of a lost GPU cannot even be killed: after a while its task goes on without its end.
   */
  #close(slot: Slot, reason: string): void {
    if (slot.closing instanceof Promise) return;
    const release = (): void => {
      if (this.#isStopped) return;
      this.#putBack(slot.running?.task.task_id, reason);
      slot.running = null;
    };
    const overdue = setTimeout(release, LONGEST_END_MS);
    slot.closing = slot.executor.stop().then(() => {
      clearTimeout(overdue);
      release();
      if (this.#isStopped) return;
      this.#slots = this.#slots.filter((other) => other !== slot);
      this.#openMissing();
      this.#parts.onChange();
      this.dispatch();
    });
  }

  #putBack(task_id: string | undefined, reason: string): void {
    if (task_id === undefined) return;
    this.#backlog.do(() => {
      this.#parts.queue.putBack(task_id, reason);
    });
  }
}
