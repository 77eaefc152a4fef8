// Tells the queue how each attempt goes and ends, and what was measured about it.
import type { TaskError } from '../../contracts/task.ts';
import type { Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import type { Backlog } from './backlog.ts';
import type { AttemptObserver } from './executor.ts';
import { atomsComputed } from './memory-need.ts';
import type { RunningTask, Slot } from './slot.ts';

/** A task that loses its device this often is no chance victim of it: further losses count as attempts. */
const FREE_LOSSES = 1;
const DEVICE_LOST_CODES: readonly unknown[] = ['device_lost', 'no_device'];

export interface ObservationParts {
  store: Store;
  queue: Queue;
  /** A store that fails must not end the service, nor may it cost the end of a task. */
  backlog: Backlog;
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
}

export class AttemptObservation {
  readonly #parts: ObservationParts;
  /** Times that a task lost its device under it. */
  readonly #losses = new Map<string, number>();
  #isStopped = false;

  constructor(parts: ObservationParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** @param isAlone false in a group, where nobody can tell what one task takes */
  observe(slot: Slot, task_id: string, isAlone: boolean): AttemptObserver {
    const { queue, backlog } = this.#parts;
    const end = (tell: (running: RunningTask) => void): void => {
      const running = slot.running.get(task_id);
      // A slot that was closed has put its task back already.
      if (running === undefined) return;
      slot.running.delete(task_id);
      backlog.do(() => {
        tell(running);
      });
      this.#parts.onChange();
    };
    return {
      onStarted: (resumed) => {
        const running = slot.running.get(task_id);
        backlog.do(() => {
          // Cancelled between the claim and this message.
          if (!queue.start(task_id, resumed, running?.share)) slot.executor.cancel(task_id);
        });
        if (running?.need_mb === null) this.#parts.onUnknownNeed();
      },
      onEvents: (events) => {
        const record = (): void => {
          queue.record(task_id, events);
        };
        backlog.do(record, { isDroppable: true });
      },
      onCompleted: (seconds, told) => {
        const running = slot.running.get(task_id);
        const peak_gpu_memory_MB = told.peak_gpu_memory_MB ?? (isAlone ? slot.peak_mb : null);
        end(({ task }) => {
          this.#losses.delete(task_id);
          queue.complete(task_id, seconds, { ...told, peak_gpu_memory_MB });
          this.#remember(task, peak_gpu_memory_MB);
        });
        if (slot.plan.gpu_uuid === null) return;
        this.#parts.onProof(slot.plan.gpu_uuid);
        // Too short to be looked at while it ran: what its process still holds is better than nothing.
        if (isAlone && running?.need_mb === null && peak_gpu_memory_MB === null)
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
      onPutBack: (reason) => {
        end(() => {
          queue.putBack(task_id, reason);
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
    this.#parts.backlog.do(() => {
      this.#remember(task, held_mb);
    });
  }

  #remember(task: TaskRow, peak_mb: number | null): void {
    const n_atoms = atomsComputed(this.#parts.store.tasks.find(task.task_id)?.n_atoms ?? null, task.parameters);
    if (peak_mb === null || n_atoms === null) return;
    this.#parts.store.memory.add(task, { n_atoms, peak_mb });
  }
}
