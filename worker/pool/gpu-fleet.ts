// Every GPU of this machine with its state: what was last read of it, what its owner wants, whether the kernel offers it and
// why it is out. Decides nothing about tasks, starts nothing, and takes the time as an argument.
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import type { GpuSettingsRow, SeenGpu, WantedOfGpu } from '../store/gpu-settings.ts';
import type { GpuSight } from './gpu-watch.ts';
import type { GpuReading } from './nvidia-smi.ts';

const FIRST_RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 600_000;
/** One failed look can be a driver that is being updated; the second one is believed. */
const FAILED_LOOKS_BELIEVED = 2;
const BYTES_PER_MB = 1024 * 1024;
const DEFAULT_SETTINGS: WantedOfGpu = { is_enabled: true, is_paused: false, memory_limit_mb: null, concurrency: 1 };

export interface FleetGpu {
  uuid: string;
  /** As nvidia-smi counts. */
  index: number;
  name: string;
  memory_total_mb: number | null;
  memory_used_mb: number | null;
  reading: GpuReading | null;
  settings: WantedOfGpu;
  /** As the kernel sees it; null while it does not offer it, or was not asked because the GPU is disabled. */
  device: KernelDevice | null;
  /** It has fallen off, or the driver has; it is tried again. */
  isOut: boolean;
  /** Why no task goes there although it is enabled; null while all is well. */
  problem: string | null;
}

interface Member {
  uuid: string;
  index: number;
  name: string;
  memory_total_mb: number | null;
  reading: GpuReading | null;
  device: KernelDevice | null;
  wasAsked: boolean;
  outage: { reason: string; retryAtMs: number } | null;
  failures: number;
  /** Uncorrectable memory errors that are accounted for. */
  ecc_errors: number | null;
}

export class GpuFleet {
  readonly #members = new Map<string, Member>();
  #settings = new Map<string, GpuSettingsRow>();
  #failedLooks = 0;
  /** Why the kernel offers no GPU. */
  #kernelReason: string | null = null;

  /** By index. */
  gpus(): FleetGpu[] {
    return [...this.#members.values()].sort((a, b) => a.index - b.index).map((member) => this.#describe(member));
  }

  find(uuid: string): FleetGpu | null {
    const member = this.#members.get(uuid);
    return member === undefined ? null : this.#describe(member);
  }

  /** GPUs that were seen in earlier runs are not members until they are seen again, or expected. */
  setSettings(rows: readonly GpuSettingsRow[]): void {
    this.#settings = new Map(rows.map((row) => [row.uuid, row]));
  }

  /** Where nvidia-smi cannot say which GPUs are there, the disabled ones are believed to be: the kernel may not look. */
  expectDisabled(): void {
    for (const { uuid, gpu_index, name, memory_total_mb, is_enabled } of this.#settings.values()) {
      if (is_enabled || this.#members.has(uuid)) continue;
      this.#members.set(uuid, newMember(uuid, gpu_index, name, memory_total_mb));
    }
  }

  /** UUIDs that a program of ours may open now; null where nothing has to be kept from it. */
  openTo(): readonly string[] | null {
    const closed = [...this.#members.values()].filter((member) => !this.#isOpen(member));
    if (closed.length === 0) return null;
    const known = new Set([...this.#members.keys(), ...this.#settings.keys()]);
    return [...known].filter((uuid) => !closed.some((member) => member.uuid === uuid));
  }

  /** What is to be remembered of the GPUs that are there. */
  seen(): SeenGpu[] {
    return this.gpus().map(({ uuid, name, index, memory_total_mb }) => ({
      uuid,
      name,
      gpu_index: index,
      memory_total_mb: memory_total_mb ?? 0,
    }));
  }

  /**
   * Takes over what was read.
   *
   * @param isOurs false for a GPU that this program may not use at all (CUDA_VISIBLE_DEVICES of its user)
   * @returns UUIDs of those that have just been lost
   */
  observe(sight: GpuSight, isOurs: (reading: GpuReading) => boolean, nowMs: number): string[] {
    if (sight.isBlind || sight.isUnsure) return [];
    this.#failedLooks = sight.problem === null ? 0 : this.#failedLooks + 1;
    if (sight.problem !== null && this.#failedLooks < FAILED_LOOKS_BELIEVED) return [];
    const seen = sight.gpus.filter(isOurs);
    for (const reading of seen) this.#update(reading);
    const lost: string[] = [];
    for (const member of this.#members.values()) {
      const reading = seen.find(({ uuid }) => uuid === member.uuid) ?? null;
      member.reading = reading;
      const reason = reading === null ? absence(sight) : complaintAbout(member, reading);
      if (reason === null || member.outage !== null) continue;
      this.lose(member.uuid, reason, nowMs);
      lost.push(member.uuid);
    }
    return lost;
  }

  /** Takes over what the kernel offers when it may open the GPUs `asked`; null = all. */
  offer(devices: readonly KernelDevice[], asked: readonly string[] | null, reason: string | null): void {
    const cuda = devices.filter(({ kind }) => kind === 'cuda');
    this.#kernelReason = cuda.length === 0 ? reason : null;
    cuda.forEach((device, position) => {
      if (device.uuid !== null && !this.#members.has(device.uuid)) this.#add(device, device.uuid, position);
    });
    for (const member of this.#members.values()) {
      if (asked !== null && !asked.includes(member.uuid)) continue;
      member.wasAsked = true;
      member.device = cuda.find(({ uuid }) => uuid === member.uuid) ?? null;
    }
  }

  /** Takes a GPU out until its next try. What was lost already is lost once, however many tell of it. */
  lose(uuid: string, reason: string, nowMs: number): void {
    const member = this.#members.get(uuid);
    if (member === undefined || (member.outage !== null && member.outage.retryAtMs > nowMs)) return;
    member.failures += 1;
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (member.failures - 1));
    member.outage = { reason, retryAtMs: nowMs + delayMs };
    member.device = null;
  }

  /** GPUs to ask the kernel for: those whose next try is due, and new or newly enabled ones. */
  due(nowMs: number): { uuid: string; isAnswering: boolean }[] {
    return [...this.#members.values()]
      .filter(({ uuid, outage, wasAsked }) =>
        outage === null ? !wasAsked && this.#settingsOf(uuid).is_enabled : outage.retryAtMs <= nowMs,
      )
      .map(({ uuid, reading, outage }) => ({ uuid, isAnswering: outage === null || reading?.problem === null }));
  }

  /** After a suspend everything may have come back: nobody waits for a delay that began before it. */
  retryNow(nowMs: number): void {
    for (const { outage } of this.#members.values()) if (outage !== null) outage.retryAtMs = nowMs;
  }

  nextTryMs(): number | null {
    const times = [...this.#members.values()].flatMap(({ outage }) => (outage === null ? [] : [outage.retryAtMs]));
    return times.length === 0 ? null : Math.min(...times);
  }

  /** The kernel offers it again; its delays go on growing until it has computed a task. */
  recover(uuid: string, device: KernelDevice): void {
    const member = this.#members.get(uuid);
    if (member === undefined) return;
    member.outage = null;
    member.device = device;
    member.wasAsked = true;
    member.ecc_errors = member.reading?.ecc_errors ?? null;
  }

  prove(uuid: string): void {
    const member = this.#members.get(uuid);
    if (member !== undefined) member.failures = 0;
  }

  #update(reading: GpuReading): void {
    const known = this.#members.get(reading.uuid);
    const { uuid, index, name, ecc_errors } = reading;
    const memory_total_mb = reading.memory_total_mb ?? known?.memory_total_mb ?? null;
    const member = known ?? { ...newMember(uuid, index, name, memory_total_mb), ecc_errors };
    this.#members.set(uuid, { ...member, index, name, memory_total_mb, reading });
  }

  /** Without nvidia-smi the kernel's own order stands in, which is by PCI address too. */
  #add(device: KernelDevice, uuid: string, position: number): void {
    const index = this.#settings.get(uuid)?.gpu_index ?? position;
    this.#members.set(uuid, newMember(uuid, index, device.name, Math.round(device.memory_total_bytes / BYTES_PER_MB)));
  }

  #isOpen({ uuid, outage }: Member): boolean {
    return outage === null && this.#settingsOf(uuid).is_enabled;
  }

  #settingsOf(uuid: string): WantedOfGpu {
    return this.#settings.get(uuid) ?? DEFAULT_SETTINGS;
  }

  #describe(member: Member): FleetGpu {
    const { uuid, index, name, memory_total_mb, reading, device, outage, wasAsked } = member;
    const settings = this.#settingsOf(uuid);
    const refused = this.#kernelReason ?? 'mofkernel does not offer this GPU.';
    const problem = outage?.reason ?? (settings.is_enabled && wasAsked && device === null ? refused : null);
    const memory_used_mb = reading?.memory_used_mb ?? (device === null ? null : usedAtStart(device));
    const isOut = outage !== null;
    return { uuid, index, name, memory_total_mb, memory_used_mb, reading, settings, device, isOut, problem };
  }
}

function newMember(uuid: string, index: number, name: string, memory_total_mb: number | null): Member {
  const unknown = { reading: null, device: null, wasAsked: false, outage: null, failures: 0, ecc_errors: null };
  return { uuid, index, name, memory_total_mb, ...unknown };
}

function absence({ problem, complaint }: GpuSight): string {
  return problem ?? complaint ?? 'nvidia-smi does not list it any more.';
}

/** Also accounts for memory errors that are there from the start: they are of somebody else's time. */
function complaintAbout(member: Member, reading: GpuReading): string | null {
  if (reading.problem !== null) return `The driver says ${reading.problem}.`;
  const before = member.ecc_errors ?? 0;
  const now = reading.ecc_errors ?? 0;
  member.ecc_errors = reading.ecc_errors;
  return now > before ? `It had ${now - before} uncorrectable memory errors (ECC).` : null;
}

function usedAtStart({ memory_total_bytes, memory_free_bytes }: KernelDevice): number {
  return Math.round((memory_total_bytes - memory_free_bytes) / BYTES_PER_MB);
}
