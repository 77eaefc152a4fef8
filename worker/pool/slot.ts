// One slot with its executor: which task it computes, which models its process holds, whether it is on its way out.
import type { TaskRow } from '../store/tasks.ts';
import type { Executor } from './executor.ts';
import type { SlotPlan } from './slot-plan.ts';

export interface RunningTask {
  task: TaskRow;
  /** GPU memory that it is expected to take, MB; null while nothing comparable was measured. */
  need_mb: number | null;
  /** The most that it was seen to hold, MB; null while it was not looked at. */
  peak_mb: number | null;
  /** A CRITICAL task waits for its place. */
  isPreempted: boolean;
}

export class Slot {
  readonly plan: SlotPlan;
  readonly executor: Executor;
  /** Set from the claim to the end of the attempt. */
  running: RunningTask | null = null;
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
    return this.running === null && this.closing === null && this.executor.state === 'idle';
  }

  get isReady(): boolean {
    return this.executor.state === 'idle' || this.executor.state === 'busy';
  }

  /** Models that its process has loaded; a new process has none. */
  get loaded_models(): ReadonlySet<string> {
    if (!this.isReady) this.#models.clear();
    return this.#models;
  }

  take(task: TaskRow, need_mb: number | null): void {
    this.running = { task, need_mb, peak_mb: null, isPreempted: false };
    this.#models.add(task.model);
  }

  lose(reason: string, nowMs: number): void {
    this.#models.clear();
    this.lostAtMs = nowMs;
    this.lossReason = reason;
  }
}
