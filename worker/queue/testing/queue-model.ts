// What the queue promises, in plain code: no store, no statement, nothing kept but a list.
import { isFinalStatus } from '../../../contracts/task-status.ts';
import type { TaskStatus } from '../../../contracts/task-status.ts';

export const MAX_ATTEMPTS = 3;
/** @returns ms that a task waits after this many lost attempts */
export const modelDelayMs = (attempts: number): number => 1000 * attempts;

export interface ModelTask {
  id: string;
  order: number;
  key: string;
  /** CRITICAL 3 .. LOW 0 */
  rank: number;
  is_checkpointed: boolean;
  timeout_seconds: number | null;
  depends_on: string[];
  status: TaskStatus;
  attempts: number;
  preemptions: number;
  queue_time: number;
  not_before: number;
  computed_ms: number;
  started: number;
  /** Time of the attempt as of its last event: what a restart knows. */
  recorded_ms: number;
}

export class QueueModel {
  tasks: ModelTask[] = [];
  is_paused = false;
  /** Monotonic, ms. */
  uptime = 0;
  /** The machine's clock, ms. */
  wall = 0;
  #clockOffset = 0;
  #served: string[] = [];
  #n_submitted = 0;

  get clock(): number {
    return this.#clockOffset + this.uptime;
  }

  find(id: string): ModelTask | undefined {
    return this.tasks.find((task) => task.id === id);
  }

  /** The clock goes on from the latest time on record, whatever the machine's clock says. */
  open(): void {
    const active = this.tasks.filter(({ status }) => ['QUEUED', 'ASSIGNED', 'RUNNING'].includes(status));
    const latest = Math.max(0, ...active.map(({ queue_time }) => queue_time));
    this.#clockOffset = Math.max(this.wall, latest) - this.uptime;
    this.#served = [];
  }

  submit(task: Pick<ModelTask, 'id' | 'key' | 'rank' | 'is_checkpointed' | 'timeout_seconds' | 'depends_on'>): void {
    const states = task.depends_on.map((id) => this.find(id)?.status);
    const isFree = states.every((status) => status === 'COMPLETED');
    const isLost = states.some((status) => status !== undefined && status !== 'COMPLETED' && isFinalStatus(status));
    this.#n_submitted += 1;
    this.tasks.push({
      ...task,
      order: this.#n_submitted,
      status: isLost ? 'FAILED' : isFree ? 'QUEUED' : 'PENDING',
      attempts: 0,
      preemptions: 0,
      queue_time: isFree ? this.clock : 0,
      not_before: 0,
      computed_ms: 0,
      started: 0,
      recorded_ms: 0,
    });
  }

  /** In the order in which they would be served. */
  claimable(): ModelTask[] {
    const busy = (key: string): number =>
      this.tasks.filter((task) => task.key === key && ['ASSIGNED', 'RUNNING'].includes(task.status)).length;
    const place = (task: ModelTask): number[] => [
      -this.#level(task),
      busy(task.key),
      this.#served.lastIndexOf(task.key),
      task.queue_time,
      task.order,
    ];
    return this.tasks
      .filter(({ status, not_before }) => status === 'QUEUED' && not_before <= this.clock)
      .sort((a, b) => compare(place(a), place(b)));
  }

  claim(): string | null {
    const task = this.is_paused ? undefined : this.claimable()[0];
    if (task === undefined) return null;
    this.#served.push(task.key);
    task.status = 'ASSIGNED';
    task.attempts += 1;
    return task.id;
  }

  start(task: ModelTask): void {
    task.status = 'RUNNING';
    task.started = this.uptime;
    task.recorded_ms = 0;
  }

  end(task: ModelTask, status: TaskStatus): void {
    task.status = status;
    for (const waiting of this.tasks) {
      if (waiting.status !== 'PENDING' || !waiting.depends_on.includes(task.id)) continue;
      if (status !== 'COMPLETED') {
        this.end(waiting, 'FAILED');
      } else if (waiting.depends_on.every((id) => (this.find(id)?.status ?? 'COMPLETED') === 'COMPLETED')) {
        waiting.status = 'QUEUED';
        waiting.queue_time = this.clock;
      }
    }
  }

  loseAttempt(task: ModelTask, elapsed_ms: number): void {
    if (task.attempts >= MAX_ATTEMPTS) this.end(task, 'FAILED');
    else this.waitAgain(task, elapsed_ms, this.clock + modelDelayMs(task.attempts));
  }

  giveBack(task: ModelTask, elapsed_ms: number): void {
    task.attempts -= this.waitAgain(task, elapsed_ms, 0) ? 1 : 0;
  }

  /** @returns false when the task had no time left and has ended */
  waitAgain(task: ModelTask, elapsed_ms: number, not_before: number): boolean {
    const computed_ms = task.computed_ms + (task.status === 'RUNNING' ? elapsed_ms : 0);
    if (task.status === 'RUNNING' && task.timeout_seconds !== null && computed_ms >= 1000 * task.timeout_seconds) {
      this.end(task, 'TIMEOUT');
      return false;
    }
    task.status = 'QUEUED';
    task.computed_ms = computed_ms;
    task.not_before = not_before;
    return true;
  }

  elapsed(task: ModelTask): number {
    return this.uptime - task.started;
  }

  /** The LOW task that began last makes room for the CRITICAL one that would be served first. */
  preemption(): { victim: string; for: string } | null {
    const victim = this.tasks
      .filter(({ status, rank, is_checkpointed }) => status === 'RUNNING' && rank === 0 && is_checkpointed)
      .sort((a, b) => this.elapsed(a) - this.elapsed(b))[0];
    const critical = this.claimable().find(({ rank }) => rank === 3);
    return this.is_paused || victim === undefined || critical === undefined
      ? null
      : { victim: victim.id, for: critical.id };
  }

  restart(): void {
    this.open();
    const lost = ['ASSIGNED', 'RUNNING'].flatMap((status) => this.tasks.filter((task) => task.status === status));
    for (const task of lost) this.loseAttempt(task, task.recorded_ms);
  }

  /** Half an hour of waiting is worth one priority, up to HIGH. */
  #level({ rank, queue_time }: ModelTask): number {
    let level = rank;
    for (let waited = this.clock - queue_time; waited >= 1_800_000 && level < 2; waited -= 1_800_000) level += 1;
    return level;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value - (b[i] ?? 0);
  return 0;
}
