// The compute slots of this machine: one or more per GPU, or one on the CPU. Finds the devices, watches them, takes out what
// has fallen off and brings it back; the dispatcher gives tasks to the slots.
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { ServiceError } from '../../contracts/error-code.ts';
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import type { ModelPlacementResult } from '../../contracts/model.ts';
import type { Structure } from '../../contracts/structure.ts';
import type { GpuSettings } from '../../contracts/system.ts';
import type { Logger } from '../logger.ts';
import type { Queue, SlotLabel } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { readAttemptInput } from './attempt-input.ts';
import { backoffDelayMs } from './backoff.ts';
import type { Devices } from './discover-devices.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Executor, LoadableModel } from './executor.ts';
import { GpuFleet } from './gpu-fleet.ts';
import type { FleetGpu } from './gpu-fleet.ts';
import type { GpuSight, GpuWatch } from './gpu-watch.ts';
import type { GpuProcess, GpuReading } from './nvidia-smi.ts';
import { loadInto, unloadFrom } from './place-model.ts';
import { roomOf } from './placement.ts';
import type { Room } from './placement.ts';
import type { Slot } from './slot.ts';
import { memoryOfTask } from './task-memory.ts';
import { planSlots } from './slot-plan.ts';
import type { SlotPlan } from './slot-plan.ts';
import type { GroupLimits } from './task-group.ts';

export { STRUCTURE_FILE } from './attempt-input.ts';

/** How old the figures may be that a task is placed by. */
const PLACEMENT_MAX_AGE_MS = 5_000;
/** A task of unknown need is looked at this long after its start, not only at the next turn. */
const FIRST_LOOK_MS = 1_000;
const STOP_GRACE_MS = 5_000;
const SAMPLE_MAX_AGE_MS = 500;

export interface SlotStatus {
  label: SlotLabel;
  gpu_uuid: string | null;
  device: KernelDevice;
  isReady: boolean;
  /** In the order of their claim; several where small tasks are computed at the same time. */
  current_tasks: readonly string[];
  loaded_models: readonly string[];
  /** Why it is not ready; null while all is well. */
  problem: string | null;
  /** When its process was last lost, ms since 1970; null = never. */
  lostAtMs: number | null;
  lossReason: string | null;
}

export interface PoolStatus {
  /** By index. */
  gpus: readonly FleetGpu[];
  /** null until the kernel has been asked. */
  cpu: KernelDevice | null;
  slots: readonly SlotStatus[];
  cuda_unavailable_reason: string | null;
  /** Why no task can run at present; null when a slot is ready or on its way. */
  problem: string | null;
}

export interface Pool {
  /** Returns at once; devices are looked for in the background. */
  start(): void;
  status(): PoolStatus;
  /** Figures of the GPUs that are not older than this, in `status` when it settles. */
  refresh(maxAgeMs: number): Promise<void>;
  /** Ends the computation of a task that has been cancelled in the queue. */
  cancel(task_id: string): void;
  /**
   * @param gpu_id index of the GPU; undefined = every slot that is ready
   * @throws Error of a process that cannot hold it; ServiceError 40405 no such GPU
   */
  loadModel(model: LoadableModel, gpu_id: number | undefined): Promise<ModelPlacementResult[]>;
  /** By ending the processes that hold it, which others take the place of. @throws ServiceError 40405 no such GPU */
  unloadModel(model_id: string, gpu_id: number | undefined): Promise<ModelPlacementResult[]>;
  /** Kept by UUID, which it returns. @param id index or UUID @throws ServiceError 40405 no such GPU */
  changeGpu(id: string, wanted: GpuSettings): string;
  /** Called when a GPU or a slot changes its state. */
  onChange(listener: () => void): void;
  /** Ends what runs and puts it back into the queue. */
  stop(): Promise<void>;
}

export interface PoolParts {
  store: Store;
  queue: Queue;
  /** @param visible UUIDs of the GPUs that may be opened; null = all */
  discover: (visible: readonly string[] | null) => Promise<Devices>;
  watch: GpuWatch;
  /** The structure of a task that has just been claimed; default: as its folder holds it. */
  readInput?: (task: TaskRow) => Promise<Structure>;
  /** false for a GPU that the user of this program keeps from it. */
  isAllowed?: (gpu: GpuReading) => boolean;
  createExecutor: (plan: SlotPlan) => Executor;
  /** Of small tasks that a slot computes at the same time; default: every task alone. */
  groupLimits?: (plan: SlotPlan) => GroupLimits | null;
  logger: Logger;
  nowMs?: () => number;
}

export function createPool(parts: PoolParts): Pool {
  const { store, queue, discover, watch, createExecutor, logger, isAllowed = () => true, nowMs = Date.now } = parts;
  const fleet = new GpuFleet();
  const listeners: (() => void)[] = [];
  let cpu: KernelDevice | null = null;
  let cudaUnavailableReason: string | null = null;
  let discoveryProblem: string | null = null;
  let waitsBecause: string | null = null;
  let failures = 0;
  let isBlind = true;
  let isStopped = false;
  let isWaking = false;
  let probing: Promise<void> | null = null;
  let finding: Promise<void> | null = null;
  let retry: NodeJS.Timeout | undefined;
  /** Memory in use on a GPU while no task of ours ran there, MB. */
  const resting = new Map<string, number>();

  const busySlotsOn = (uuid: string): number =>
    dispatcher.slots.filter(({ plan, running }) => plan.gpu_uuid === uuid && running.size > 0).length;

  const roomFor = (uuid: string | null, needs_mb: readonly (number | null)[]): Room | null => {
    const gpu = uuid === null ? null : fleet.find(uuid);
    if (gpu === null) return null;
    const { memory_total_mb, memory_used_mb, settings } = gpu;
    const resting_mb = resting.get(gpu.uuid) ?? null;
    return roomOf({ memory_total_mb, memory_used_mb, memory_limit_mb: settings.memory_limit_mb, resting_mb, needs_mb });
  };

  const memoryOf = ({ plan: { gpu_uuid }, executor }: Slot, processes: readonly GpuProcess[]): number | null => {
    const gpu = gpu_uuid === null ? null : fleet.find(gpu_uuid);
    if (gpu === null) return null;
    const { uuid, memory_used_mb } = gpu;
    const figures = { memory_used_mb, resting_mb: resting.get(uuid) ?? null, n_running: busySlotsOn(uuid) };
    return memoryOfTask({ gpu_uuid: uuid, kernel_pid: executor.kernel_pid, ...figures }, processes);
  };

  /** Raises the peaks of what runs. */
  const sample = async (): Promise<void> => {
    const isOnGpu = ({ plan, running }: Slot): boolean => plan.gpu_uuid !== null && running.size > 0;
    if (!dispatcher.slots.some(isOnGpu)) return;
    const processes = await watch.processes(SAMPLE_MAX_AGE_MS);
    for (const slot of dispatcher.slots) {
      const held_mb = slot.running.size === 0 ? null : memoryOf(slot, processes);
      if (held_mb !== null) slot.peak_mb = Math.max(slot.peak_mb ?? 0, held_mb);
    }
  };

  const changed = (): void => {
    const isBusy = dispatcher.isFruitless || dispatcher.slots.some(({ running }) => running.size > 0);
    watch.setPace(isBusy ? 'busy' : 'idle');
    for (const listener of listeners) listener();
  };

  const loseGpu = (uuid: string, reason: string): void => {
    logger.error(`A GPU is taken out: ${reason}`, { uuid });
    fleet.lose(uuid, reason, nowMs());
    replan();
    scheduleTry();
  };

  const dispatcher: Dispatcher = new Dispatcher({
    store,
    queue,
    readInput: parts.readInput ?? (({ task_id }) => readAttemptInput(store.taskFolder(task_id))),
    createExecutor,
    groupLimits: parts.groupLimits ?? (() => null),
    roomFor,
    mayTake: (uuid) => uuid === null || fleet.find(uuid)?.settings.is_paused === false,
    onDeviceLost: loseGpu,
    onUnknownNeed: () => {
      if (!isBlind) setTimeout(() => void watch.refresh(0), FIRST_LOOK_MS).unref();
    },
    measure: async (slot) => memoryOf(slot, await watch.processes(0)),
    onProof: (uuid) => {
      fleet.prove(uuid);
    },
    onChange: changed,
    logger,
    nowMs,
  });

  const reasonToLeave = (uuid: string): string | null => {
    const gpu = fleet.find(uuid);
    if (gpu === null || gpu.isOut) return `The GPU was lost: ${gpu?.problem ?? 'it is not listed any more.'}`;
    return gpu.settings.is_enabled ? null : 'The GPU was disabled.';
  };

  const replan = (): void => {
    const { slots, waits_because } = planSlots(fleet.gpus(), cpu);
    if (waits_because !== null && waits_because !== waitsBecause) logger.warn(waits_because);
    waitsBecause = waits_because;
    dispatcher.setPlan(slots, reasonToLeave);
  };

  /** The first sight of a GPU makes its row, with default settings. */
  const remember = (): void => {
    const now = new Date(nowMs()).toISOString();
    store.transaction(() => {
      for (const gpu of fleet.seen()) store.gpuSettings.see(gpu, now);
    });
    fleet.setSettings(store.gpuSettings.all());
  };

  const takeOver = (sight: GpuSight): readonly string[] => {
    isBlind = sight.isBlind;
    const nKnown = fleet.gpus().length;
    const lost = fleet.observe(sight, isAllowed, nowMs());
    for (const { uuid, memory_used_mb } of fleet.gpus()) {
      if (memory_used_mb !== null && busySlotsOn(uuid) === 0) resting.set(uuid, memory_used_mb);
    }
    if (fleet.gpus().length !== nKnown) remember();
    return lost;
  };

  /** A store that fails must not end the watch, nor the service. */
  const onSight = (sight: GpuSight, afterSuspend: boolean): void => {
    try {
      if (!isStopped) takeStock(sight, afterSuspend);
    } catch (error) {
      logger.error('What was seen of the GPUs could not be taken over.', { reason: String(error) });
    }
  };

  const takeStock = (sight: GpuSight, afterSuspend: boolean): void => {
    if (afterSuspend) fleet.retryNow(nowMs());
    const lost = takeOver(sight);
    for (const uuid of lost) logger.error(`A GPU is lost: ${fleet.find(uuid)?.problem ?? ''}`, { uuid });
    // Somebody else may have left a GPU.
    if (lost.length > 0) replan();
    else dispatcher.dispatch();
    void sample();
    probe();
    scheduleTry();
  };

  const findDevices = async (): Promise<void> => {
    try {
      const sight = await watch.refresh(0);
      takeOver(sight);
      if (sight.problem !== null) fleet.expectDisabled();
      const asked = fleet.openTo();
      const found = await discover(asked);
      if (isStopped) return;
      cpu = found.devices.find(({ kind }) => kind === 'cpu') ?? null;
      if (cpu === null && found.devices.length === 0) throw new Error('mofkernel names no device at all.');
      // A kernel that may open no GPU says nothing about them.
      cudaUnavailableReason = asked?.length === 0 ? null : found.cuda_unavailable_reason;
      fleet.offer(found.devices, asked, cudaUnavailableReason);
      remember();
      discoveryProblem = null;
      replan();
      const places = dispatcher.slots.map(({ plan }) => `${plan.device.name} (${plan.label.device})`);
      logger.info(`Tasks run on ${places.join(', ') || 'no device'}.`, {
        reason: waitsBecause ?? cudaUnavailableReason,
      });
      watch.start(onSight);
    } catch (error) {
      if (isStopped) return;
      failures += 1;
      discoveryProblem = error instanceof Error ? error.message : String(error);
      const delayMs = backoffDelayMs(failures);
      logger.error(`No device can be used: ${discoveryProblem}`, { retry_in_ms: delayMs });
      retry = setTimeout(find, delayMs);
    }
  };

  const find = (): void => {
    finding = findDevices();
  };

  /** Asks the kernel for the GPUs that are due. */
  const probe = (): void => {
    if (isStopped || cpu === null || fleet.due(nowMs()).length === 0) return;
    probing ??= probeDue()
      .catch((error: unknown) => {
        logger.error('The GPUs could not be tried again.', { reason: String(error) });
      })
      .finally(() => {
        probing = null;
        if (!isStopped) scheduleTry();
      });
  };

  const probeDue = async (): Promise<void> => {
    // What it sees is taken over by onSight.
    await watch.refresh(PLACEMENT_MAX_AGE_MS);
    const due = fleet.due(nowMs());
    const asked = due.filter(({ isAnswering }) => isBlind || isAnswering).map(({ uuid }) => uuid);
    const found = asked.length === 0 ? null : await discover(asked).catch(() => null);
    if (isStopped) return;
    for (const { uuid } of due) {
      const device = found?.devices.find((offered) => offered.uuid === uuid);
      if (device !== undefined) {
        logger.info(`${device.name} is there again.`, { uuid });
        fleet.recover(uuid, device);
      } else {
        const reason = found?.cuda_unavailable_reason ?? fleet.find(uuid)?.problem ?? 'mofkernel does not offer it.';
        fleet.lose(uuid, reason, nowMs());
      }
    }
    replan();
  };

  const scheduleTry = (): void => {
    clearTimeout(retry);
    const nextMs = fleet.nextTryMs();
    if (isStopped || nextMs === null) return;
    retry = setTimeout(probe, Math.max(0, nextMs - nowMs()));
    retry.unref();
  };

  /** With fresh figures where there are GPUs; however many tasks come at once, one look is enough. */
  const wake = async (): Promise<void> => {
    if (isWaking) return;
    isWaking = true;
    if (fleet.gpus().length > 0) await watch.refresh(PLACEMENT_MAX_AGE_MS);
    isWaking = false;
    dispatcher.wake();
  };

  const gpuOf = (id: string): FleetGpu => {
    const gpus = fleet.gpus();
    const gpu = gpus.find(({ uuid, index }) => uuid === id || String(index) === id);
    if (gpu !== undefined) return gpu;
    const known = gpus.map(({ index, uuid }) => ({ id: index, uuid }));
    throw new ServiceError(40405, { message: `There is no GPU "${id}".`, id, gpus: known });
  };

  const readySlots = (gpu_id: number | undefined): Slot[] => {
    const uuid = gpu_id === undefined ? null : gpuOf(String(gpu_id)).uuid;
    return dispatcher.slots.filter(({ isReady, plan }) => isReady && (uuid === null || plan.gpu_uuid === uuid));
  };

  // Later, so that a submission is answered before its task is prepared.
  queue.onQueued(() => setImmediate(() => void wake()));
  return {
    start: () => {
      fleet.setSettings(store.gpuSettings.all());
      find();
    },
    status: () => {
      const slots = dispatcher.slots.map(describeSlot);
      const down = slots.some(({ isReady }) => isReady) ? null : slots.find(({ problem }) => problem !== null);
      return {
        gpus: fleet.gpus(),
        cpu,
        slots,
        cuda_unavailable_reason: cudaUnavailableReason,
        problem: discoveryProblem ?? waitsBecause ?? down?.problem ?? null,
      };
    },
    refresh: async (maxAgeMs) => {
      if (fleet.gpus().length > 0) await watch.refresh(maxAgeMs);
    },
    cancel: (task_id) => {
      dispatcher.cancel(task_id);
    },
    loadModel: (model, gpu_id) => loadInto(readySlots(gpu_id), model),
    unloadModel: (model_id, gpu_id) => unloadFrom(readySlots(gpu_id), model_id),
    changeGpu: (id, wanted) => {
      const { uuid, settings } = gpuOf(id);
      // A full disk may have kept it from being remembered.
      remember();
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
      store.gpuSettings.change(uuid, { ...settings, ...given });
      fleet.setSettings(store.gpuSettings.all());
      replan();
      probe();
      return uuid;
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
    stop: async () => {
      isStopped = true;
      watch.stop();
      clearTimeout(retry);
      // A kernel that is asked for its devices ends with the answer; one that never answers is not waited for.
      const asked = Promise.allSettled([finding, probing]);
      await Promise.all([
        dispatcher.stop(),
        Promise.race([asked, setTimeoutPromise(STOP_GRACE_MS, null, { ref: false })]),
      ]);
    },
  };
}

function describeSlot({ plan, executor, isReady, running, loaded_models, lostAtMs, lossReason }: Slot): SlotStatus {
  return {
    label: plan.label,
    gpu_uuid: plan.gpu_uuid,
    device: plan.device,
    isReady,
    current_tasks: [...running.keys()],
    loaded_models: [...loaded_models],
    problem: executor.problem,
    lostAtMs,
    lossReason,
  };
}
