// The compute slots of this machine: finds the devices, keeps a slot on the first GPU or on the CPU, and gives waiting tasks
// to idle slots. A failure of a device, a slot or a kernel costs one attempt of one task and never the service.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import { structureGeometrySchema } from '../../contracts/structure.ts';
import type { Queue, SlotLabel } from '../queue/queue.ts';
import type { Logger } from '../service/logger.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { backoffDelayMs } from './backoff.ts';
import type { Devices } from './discover-devices.ts';
import type { Executor } from './executor.ts';

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

  const dispatch = (): void => {
    if (isStopped) return;
    for (const slot of slots) {
      if (slot.task_id !== null || slot.executor.state !== 'idle') continue;
      const task = queue.claim(slot.executor.label);
      if (task === null) return;
      slot.task_id = task.task_id;
      void run(slot, task);
    }
  };

  const release = (slot: Slot): void => {
    slot.task_id = null;
    dispatch();
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
      const problem = slot.executor.problem ?? `Slot ${slot.executor.label.slot_id} is ${slot.executor.state}.`;
      queue.fail(task_id, { type: 'TaskProcessCrashed', message: problem, details: {} });
      release(slot);
    } catch (error) {
      if (isStopped) return;
      const reason = error instanceof Error ? error.message : String(error);
      logger.error('A task could not be given to its slot.', { task_id, reason });
      const message = `The task could not be started: ${reason}`;
      queue.log(task_id, 'ERROR', message);
      queue.fail(task_id, { type: 'InternalError', message, details: {} });
      release(slot);
    }
  };

  const observe = (slot: Slot, task_id: string) => ({
    onStarted: () => {
      // Cancelled between the claim and this message.
      if (!queue.start(task_id)) slot.executor.cancel(task_id);
    },
    onEvents: (events: Parameters<Queue['record']>[1]) => {
      queue.record(task_id, events);
    },
    onCompleted: (seconds: number) => {
      queue.complete(task_id, seconds);
      slot.task_id = null;
    },
    onFailed: (error: Parameters<Queue['fail']>[1]) => {
      slot.task_id = null;
      queue.fail(task_id, error);
    },
    onCancelled: () => {
      slot.task_id = null;
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

  queue.onQueued(dispatch);
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
    },
  };
}
