// The compute slots of this machine: finds the devices, keeps a slot on the first GPU or on the CPU, and gives waiting tasks
// to idle slots. A failure of a device, a slot or a kernel costs one attempt of one task and never the service.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import { structureGeometrySchema } from '../../contracts/structure.ts';
import type { TaskError } from '../../contracts/task.ts';
import type { Queue, SlotLabel } from '../queue/queue.ts';
import type { Logger } from '../logger.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { backoffDelayMs } from './backoff.ts';
import type { Devices } from './discover-devices.ts';
import type { AttemptObserver, Executor } from './executor.ts';

/** The task's input in its folder: structure, summary and name. */
export const STRUCTURE_FILE = 'structure.json';

export interface SlotStatus {
  label: SlotLabel;
  device: KernelDevice;
  isReady: boolean;
  current_task: string | null;
  problem: string | null;
}

export interface PoolStatus {
  devices: readonly KernelDevice[];
  slots: readonly SlotStatus[];
  cuda_unavailable_reason: string | null;
  /** Why no task can run at present; null when a slot is ready or on its way. */
  problem: string | null;
}

export interface Pool {
  /** Returns at once; devices are looked for in the background. */
  start(): void;
  status(): PoolStatus;
  /** Ends the computation of a task that has been cancelled in the queue. */
  cancel(task_id: string): void;
  /** Ends what runs and puts it back into the queue. */
  stop(): Promise<void>;
}

export interface PoolParts {
  store: Store;
  queue: Queue;
  discover: () => Promise<Devices>;
  createExecutor: (label: SlotLabel, device: KernelDevice) => Executor;
  logger: Logger;
}

interface Slot {
  executor: Executor;
  device: KernelDevice;
  /** Set from the claim to the end of the attempt. */
  task_id: string | null;
}

export function createPool({ store, queue, discover, createExecutor, logger }: PoolParts): Pool {
  let found: Devices = { devices: [], cuda_unavailable_reason: null };
  let discoveryProblem: string | null = null;
  let discoveryFailures = 0;
  let retry: NodeJS.Timeout | undefined;
  let isStopped = false;
  const slots: Slot[] = [];

  /** A store that fails (a full disk) must not end the service: the task is where the store last saw it. */
  const survive = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      logger.error('The queue could not be written.', {
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  };

  const dispatch = (): void => {
    if (isStopped) return;
    survive(() => {
      for (const slot of slots) {
        if (slot.task_id !== null || slot.executor.state !== 'idle') continue;
        const task = queue.claim(slot.executor.label);
        if (task === null) return;
        slot.task_id = task.task_id;
        void run(slot, task);
      }
    });
  };

  const run = async (slot: Slot, task: TaskRow): Promise<void> => {
    const { task_id } = task;
    const folder = store.taskFolder(task_id);
    try {
      await mkdir(folder, { recursive: true });
      const json: unknown = JSON.parse(await readFile(join(folder, STRUCTURE_FILE), 'utf8'));
      const { structure } = structureGeometrySchema.parse(json);
      if (isStopped) return;
      if (slot.executor.state === 'idle') {
        slot.executor.run({ task, structure, folder }, observe(slot, task_id));
        return;
      }
      const message = slot.executor.problem ?? `Slot ${slot.executor.label.slot_id} is ${slot.executor.state}.`;
      giveBack(slot, task_id, { type: 'TaskProcessCrashed', message, details: {} });
    } catch (error) {
      if (isStopped) return;
      const message = `The task could not be started: ${error instanceof Error ? error.message : String(error)}`;
      logger.error(message, { task_id });
      giveBack(slot, task_id, { type: 'InternalError', message, details: {} });
    }
  };

  /** The attempt ended before it began. */
  const giveBack = (slot: Slot, task_id: string, error: TaskError): void => {
    survive(() => {
      queue.log(task_id, 'ERROR', error.message);
      queue.fail(task_id, error);
    });
    slot.task_id = null;
    dispatch();
  };

  const observe = (slot: Slot, task_id: string): AttemptObserver => ({
    onStarted: () => {
      survive(() => {
        // Cancelled between the claim and this message.
        if (!queue.start(task_id)) slot.executor.cancel(task_id);
      });
    },
    onEvents: (events) => {
      survive(() => {
        queue.record(task_id, events);
      });
    },
    onCompleted: (seconds) => {
      slot.task_id = null;
      survive(() => {
        queue.complete(task_id, seconds);
      });
    },
    onFailed: (error) => {
      slot.task_id = null;
      survive(() => {
        queue.fail(task_id, error);
      });
    },
    onCancelled: () => {
      slot.task_id = null;
      // Changes nothing when somebody asked for it; a task process that is told to end by others lost an attempt.
      const message = 'The task process gave up the task without being asked.';
      survive(() => {
        queue.fail(task_id, { type: 'TaskProcessCrashed', message, details: {} });
      });
    },
  });

  const openSlot = (): void => {
    const gpu = found.devices.find((device) => device.kind === 'cuda');
    const device = gpu ?? found.devices.find(({ kind }) => kind === 'cpu');
    if (device === undefined) throw new Error('mofkernel names no device at all.');
    const gpu_id = device.kind === 'cuda' ? Number(device.device.slice('cuda:'.length)) : null;
    const label = { slot_id: device.uuid ?? 'cpu', device: device.device, gpu_id };
    const executor = createExecutor(label, device);
    slots.push({ executor, device, task_id: null });
    executor.onIdle(dispatch);
    executor.start();
    logger.info(`Tasks run on ${device.name} (${device.device}).`, { reason: found.cuda_unavailable_reason });
  };

  const discoverAndOpen = async (): Promise<void> => {
    try {
      found = await discover();
      if (isStopped) return;
      openSlot();
      discoveryProblem = null;
    } catch (error) {
      if (isStopped) return;
      discoveryFailures += 1;
      discoveryProblem = error instanceof Error ? error.message : String(error);
      const delayMs = backoffDelayMs(discoveryFailures);
      logger.error(`No device can be used: ${discoveryProblem}`, { retry_in_ms: delayMs });
      retry = setTimeout(() => void discoverAndOpen(), delayMs);
    }
  };

  // Later, so that a submission is answered before its task is prepared.
  queue.onQueued(() => setImmediate(dispatch));
  return {
    start: () => {
      void discoverAndOpen();
    },
    status: () => {
      const states = slots.map(({ executor, device, task_id }) => ({
        label: executor.label,
        device,
        isReady: executor.state === 'idle' || executor.state === 'busy',
        current_task: task_id,
        problem: executor.problem,
      }));
      return {
        devices: found.devices,
        slots: states,
        cuda_unavailable_reason: found.cuda_unavailable_reason,
        problem: discoveryProblem ?? states.find(({ isReady }) => !isReady)?.problem ?? null,
      };
    },
    cancel: (task_id) => {
      for (const slot of slots) if (slot.task_id === task_id) slot.executor.cancel(task_id);
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(retry);
      await Promise.all(slots.map(({ executor }) => executor.stop()));
      for (const { task_id } of slots) {
        if (task_id === null) continue;
        survive(() => {
          queue.putBack(task_id);
        });
      }
    },
  };
}
