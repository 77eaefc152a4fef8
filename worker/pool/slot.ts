// One slot with its executor: which tasks it computes, which models its process holds, whether it is on its way out.
import type { TaskRow } from '../store/tasks.ts';
import type { Executor, LoadableModel, ModelLoad } from './executor.ts';
import type { SlotPlan } from './slot-plan.ts';

export interface RunningTask {
  task: TaskRow;
  /** GPU memory that it is expected to take, MB; null while nothing comparable was measured. */
  need_mb: number | null;
  /** Part of the slot's time that is its own: 1 alone, and by atoms in a group. */
  share: number;
  /** A CRITICAL task waits for its place. */
  isPreempted: boolean;
}

export type ClaimedTask = Pick<RunningTask, 'task' | 'need_mb'>;

export class Slot {
  readonly plan: SlotPlan;
  readonly executor: Executor;
  /** From the claim to the end of each attempt, by task. */
  readonly running = new Map<string, RunningTask>();
  /** The most that its process was seen to hold since the last claim, MB; null while it was not looked at. */
  peak_mb: number | null = null;
  /** Takes no task any more; set to the end of its executor once that has begun. */
  closing: Promise<void> | 'when idle' | null = null;
  /** When its process was last lost, ms; null = never. */
  lostAtMs: number | null = null;
  /** Why, for people. */
  lossReason: string | null = null;
  readonly #models = new Set<string>();

  constructor(plan: SlotPlan, executor: Executor) {
    this.plan = plan;
    this.executor = executor;
  }

  get isFree(): boolean {
    return this.running.size === 0 && this.closing === null && this.executor.state === 'idle';
  }

  get isReady(): boolean {
    return this.executor.state === 'idle' || this.executor.state === 'busy';
  }

  /** Models that its process has loaded; a new process has none. */
  get loaded_models(): ReadonlySet<string> {
    if (!this.isReady) this.#models.clear();
    return this.#models;
  }

  /** @param claimed one task, or a group of one model */
  take(claimed: readonly ClaimedTask[]): void {
    this.peak_mb = null;
    const n_atoms = claimed.reduce((sum, { task }) => sum + (task.n_atoms ?? 0), 0);
    for (const { task, need_mb } of claimed) {
      const share = claimed.length === 1 ? 1 : (task.n_atoms ?? 0) / n_atoms;
      this.running.set(task.task_id, { task, need_mb, share, isPreempted: false });
      this.#models.add(task.model);
    }
  }

  /** @throws Error as its executor */
  async load(model: LoadableModel): Promise<ModelLoad> {
    const load = await this.executor.load(model);
    this.#models.add(model.id);
    return load;
  }

  /** Its process gives back every model. */
  async renew(): Promise<void> {
    this.#models.clear();
    await this.executor.renew();
  }

  lose(reason: string, nowMs: number): void {
    this.#models.clear();
    this.lostAtMs = nowMs;
    this.lossReason = reason;
  }
}
