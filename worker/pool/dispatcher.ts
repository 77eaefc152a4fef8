// Opens and closes slots as they are planned, and gives waiting tasks to free ones. A failure of a slot or a kernel costs what runs
// there one attempt, and never the service.
import { ServiceError } from '../../contracts/error-code.ts';
import type { Structure } from '../../contracts/structure.ts';
import type { TaskError } from '../../contracts/task.ts';
import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { ClaimCandidate } from '../store/queued-work.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { AttemptObservation } from './attempt-observation.ts';
import type { ObservationParts } from './attempt-observation.ts';
import { Backlog } from './backlog.ts';
import { canTake, scoreFor } from './choose-slot.ts';
import type { SlotChoice } from './choose-slot.ts';
import type { Assignment, Executor } from './executor.ts';
import { atomsComputed, memoryNeedMb } from './memory-need.ts';
import { fitTogether, isOpen } from './placement.ts';
import type { Room } from './placement.ts';
import { Slot } from './slot.ts';
import { isSamePlan } from './slot-plan.ts';
import type { SlotPlan } from './slot-plan.ts';
import { planGroup } from './task-group.ts';
import type { GroupLimits } from './task-group.ts';

const LONGEST_END_MS = 60_000;
/** How long nobody looks again at tasks of which none fitted, unless something changes. */
const FRUITLESS_PAUSE_MS = 1_000;
const CLOSED = 'The slot is closed.';

export interface DispatcherParts extends Omit<ObservationParts, 'backlog'> {
  store: Store;
  queue: Queue;
  /** @throws ServiceError for a structure that the task cannot be computed with */
  readInput: (task: TaskRow) => Promise<Structure>;
  createExecutor: (plan: SlotPlan) => Executor;
  /** Room on a GPU beside the needs of our tasks there; null for the CPU. */
  roomFor: (gpu_uuid: string | null, needs_mb: readonly (number | null)[]) => Room | null;
  /** false: the owner has paused it. */
  mayTake: (gpu_uuid: string | null) => boolean;
  /** Of small tasks that a slot computes at the same time; null = every task alone. */
  groupLimits: (plan: SlotPlan) => GroupLimits | null;
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
  readonly #backlog: Backlog;
  readonly #attempts: AttemptObservation;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#backlog = new Backlog({
      logger: parts.logger,
      onEmptied: () => {
        this.dispatch();
      },
    });
    this.#attempts = new AttemptObservation({ ...parts, backlog: this.#backlog });
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
    this.#attempts.stop();
    clearTimeout(this.#wakeLater);
    await Promise.all(this.#slots.map(({ executor }) => executor.stop()));
    for (const slot of this.#slots) this.#putBack(slot, 'The service stops.');
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
    const tasks = [task, ...this.#claimGroup(slot, task, mine.room)];
    slot.take(tasks.map((each) => ({ task: each, need_mb: this.needOf(each) })));
    void this.#run(slot, tasks);
    this.#parts.onChange();
    return 'looked';
  }

  /** @param room before the first one was claimed */
  #claimGroup(slot: Slot, first: TaskRow, room: Room | null): TaskRow[] {
    const limits = this.#parts.groupLimits(slot.plan);
    if (limits === null || limits.n_tasks < 2) return [];
    const fits = (members: readonly ClaimCandidate[]): boolean =>
      room === null ||
      fitTogether(
        [first, ...members].map((task) => this.needOf(task)),
        room,
      );
    return this.#parts.queue.claimBehind(first, slot.plan.label, (behind) =>
      planGroup({ first, behind, limits, n_slots: this.#countVacant(), fits }),
    );
  }

  /** Slots that have no task, also those that are still on their way. */
  #countVacant(): number {
    return this.#wanted.filter(({ label, gpu_uuid }) => {
      const slot = this.#slots.find(({ plan }) => plan.label.slot_id === label.slot_id);
      const isVacant = slot === undefined || (slot.running.size === 0 && slot.executor.state !== 'down');
      return isVacant && this.#parts.mayTake(gpu_uuid);
    }).length;
  }

  #choiceOf({ plan: { gpu_uuid, label }, loaded_models }: Slot): SlotChoice {
    const needs = this.#slots
      .filter(({ plan }) => plan.gpu_uuid === gpu_uuid)
      .flatMap(({ running }) => [...running.values()].map(({ need_mb }) => need_mb));
    return { slot_id: label.slot_id, gpu_uuid, loaded_models, room: this.#parts.roomFor(gpu_uuid, needs) };
  }

  /** A CRITICAL task still waits, so it fits on nothing that is free: a LOW one makes room. One at a time. */
  #makeRoom(): void {
    const isOneComing = this.#slots.some(({ executor, closing, plan }) => {
      return executor.state === 'starting' && closing === null && this.#parts.mayTake(plan.gpu_uuid);
    });
    if (isOneComing) return;
    if (this.#slots.some(({ running }) => [...running.values()].some(({ isPreempted }) => isPreempted))) return;
    const move = this.#parts.queue.preemption();
    const slot = move === null ? undefined : this.#slotOf(move.victim);
    if (move === null || slot?.executor.state !== 'busy') return;
    for (const running of slot.running.values()) running.isPreempted = true;
    slot.executor.preempt(move.victim);
  }

  async #run(slot: Slot, tasks: readonly TaskRow[]): Promise<void> {
    const isAlone = tasks.length === 1;
    const prepared = await Promise.all(tasks.map((task) => this.#prepare(slot, task, isAlone)));
    // The slot may have been closed meanwhile; then its tasks are back in the queue.
    const group = prepared.filter((assignment) => assignment !== null);
    const ready = this.#isStopped ? [] : group.filter(({ task }) => slot.running.has(task.task_id));
    if (ready.length === 0) return;
    try {
      if (slot.executor.state === 'idle') slot.executor.run(ready);
      else throw new Error(slot.executor.problem ?? `Slot ${slot.plan.label.slot_id} is ${slot.executor.state}.`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      for (const { task } of ready) {
        this.#giveBack(slot, task.task_id, { type: 'TaskProcessCrashed', message, details: {} });
      }
      this.dispatch();
    }
  }

  /** @returns null for a task that cannot be computed: its attempt has ended before it began */
  async #prepare(slot: Slot, task: TaskRow, isAlone: boolean): Promise<Assignment | null> {
    const { task_id } = task;
    try {
      const structure = await this.#parts.readInput(task);
      const observer = this.#attempts.observe(slot, task_id, isAlone);
      return { task, structure, folder: this.#parts.store.taskFolder(task_id), observer };
    } catch (error) {
      if (this.#isStopped) return null;
      this.#giveBack(slot, task_id, this.#inputError(error, task_id));
      if (slot.running.size === 0) this.dispatch();
      return null;
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
    if (!slot.running.delete(task_id)) return;
    this.#backlog.do(() => {
      this.#parts.queue.log(task_id, 'ERROR', error.message);
      this.#parts.queue.fail(task_id, error);
    });
  }

  #slotOf(task_id: string): Slot | undefined {
    return this.#slots.find(({ running }) => running.has(task_id));
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
    if (slot.running.size === 0) this.#close(slot, CLOSED);
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
      this.#putBack(slot, reason);
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

  #putBack(slot: Slot, reason: string): void {
    const ids = [...slot.running.keys()];
    slot.running.clear();
    for (const task_id of ids) {
      this.#backlog.do(() => {
        this.#parts.queue.putBack(task_id, reason);
      });
    }
  }
}
