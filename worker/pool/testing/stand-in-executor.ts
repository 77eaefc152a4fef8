// An executor that takes tasks and does what the test says.
import type { SlotLabel } from '../../queue/queue.ts';
import type { Assignment, AttemptObserver, Executor, ExecutorState, LoadableModel, ModelLoad } from '../executor.ts';

export interface TakenTask {
  task_id: string;
  observer: AttemptObserver;
}

export class StandInExecutor implements Executor {
  readonly kind = 'local';
  readonly label: SlotLabel;
  state: ExecutorState = 'stopped';
  problem: string | null = null;
  kernel_pid: number | null = null;
  readonly cancelled: string[] = [];
  readonly preempted: string[] = [];
  #idle: () => void = () => undefined;
  #lost: (reason: string) => void = () => undefined;
  #taken = Promise.withResolvers<TakenTask[]>();

  constructor(label: SlotLabel) {
    this.label = label;
  }
  start(): void {
    this.becomeIdle();
  }
  becomeIdle(): void {
    this.state = 'idle';
    this.#idle();
  }
  run(group: readonly Assignment[]): void {
    this.state = 'busy';
    this.#taken.resolve(group.map(({ task: { task_id }, observer }) => ({ task_id, observer })));
  }
  /** The next task that is given to this executor alone. */
  async next(): Promise<TakenTask> {
    const [first, ...others] = await this.nextGroup();
    if (first === undefined || others.length > 0) throw new Error(`${others.length + 1} tasks came at once.`);
    return first;
  }
  async nextGroup(): Promise<TakenTask[]> {
    const taken = await this.#taken.promise;
    this.#taken = Promise.withResolvers();
    return taken;
  }
  load({ id }: LoadableModel): Promise<ModelLoad> {
    return Promise.reject(new Error(`No stand-in holds ${id}.`));
  }
  renew(): Promise<void> {
    this.start();
    return Promise.resolve();
  }
  cancel(task_id: string): void {
    this.cancelled.push(task_id);
  }
  preempt(task_id: string): void {
    this.preempted.push(task_id);
  }
  stop(): Promise<void> {
    this.state = 'stopped';
    return Promise.resolve();
  }
  lose(reason: string): void {
    this.state = 'down';
    this.problem = reason;
    this.#lost(reason);
  }
  onLost(listener: (reason: string) => void): void {
    this.#lost = listener;
  }
  onIdle(listener: () => void): void {
    this.#idle = listener;
  }
}
