// What machines with GPUs answer, from reported devices; nothing is computed here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import { gpusSchema } from '../../contracts/system.ts';
import type { Pool, PoolStatus } from '../pool/pool.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { createSystemService } from './system-service.ts';

const CPU: KernelDevice = {
  device: 'cpu',
  kind: 'cpu',
  name: 'Processor',
  uuid: null,
  memory_total_bytes: 2 ** 35,
  memory_free_bytes: 2 ** 34,
  compute_capability: null,
  n_threads: 16,
};

function gpu(i: number): KernelDevice {
  return {
    device: `cuda:${i}`,
    kind: 'cuda',
    name: 'NVIDIA GeForce RTX 3090',
    uuid: `GPU-${i}`,
    memory_total_bytes: 24576 * 2 ** 20,
    memory_free_bytes: 24000 * 2 ** 20,
    compute_capability: '8.6',
    n_threads: null,
  };
}

let home = '';
let store: Store;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-system-'));
  store = openStore(home);
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function serviceWith(status: Partial<PoolStatus>, readGpuUsage = () => Promise.resolve(new Map())) {
  const pool: Pool = {
    start: () => undefined,
    cancel: () => undefined,
    stop: () => Promise.resolve(),
    status: () => ({ devices: [CPU], slots: [], cuda_unavailable_reason: null, problem: null, ...status }),
  };
  return createSystemService({ store, pool, readGpuUsage, version: '1.2.3', now: () => new Date() });
}

function slotOn(device: KernelDevice, rest: { isReady: boolean; current_task: string | null; problem: string | null }) {
  return { label: { slot_id: device.uuid ?? 'cpu', device: device.device, gpu_id: 0 }, device, ...rest };
}

test.each([1, 2, 8])('%i_gpus_are_listed_with_memory_and_the_task_of_the_slot', async (n) => {
  const devices = [CPU, ...Array.from({ length: n }, (_, i) => gpu(i))];
  const slots = [slotOn(gpu(0), { isReady: true, current_task: 'task_aaaaaaaaaaaaaaaa', problem: null })];
  const usage = new Map([['GPU-0', { memory_used_mb: 18000, memory_total_mb: 24576 }]]);
  const system = serviceWith({ devices, slots }, () => Promise.resolve(usage));
  const { gpus, cpu, unavailable_reason } = gpusSchema.parse(await system.gpus());
  expect(gpus).toHaveLength(n);
  expect(gpus[0]).toMatchObject({
    id: 0,
    status: 'busy',
    memory_used_mb: 18000,
    current_task: 'task_aaaaaaaaaaaaaaaa',
  });
  for (const other of gpus.slice(1))
    expect(other).toMatchObject({ status: 'free', memory_used_mb: 576, current_task: null });
  expect(cpu.status).toBe('unused');
  expect(unavailable_reason).toBeNull();
  expect(system.health()).toMatchObject({ status: 'ok', gpus: n, version: '1.2.3' });
});

test('a_gpu_whose_slot_is_down_is_offline_and_health_says_degraded', async () => {
  const problem = 'The task process ended unexpectedly (signal SIGSEGV).';
  const slots = [slotOn(gpu(0), { isReady: false, current_task: null, problem })];
  const system = serviceWith({ devices: [CPU, gpu(0)], slots, problem });
  expect((await system.gpus()).gpus[0]?.status).toBe('offline');
  expect(system.health().status).toBe('degraded');
});

test('without_nvidia_smi_the_kernels_figures_stand_in', async () => {
  const system = serviceWith({ devices: [CPU, gpu(0)] }, () => Promise.reject(new Error('no nvidia-smi')));
  expect((await system.gpus()).gpus[0]).toMatchObject({ memory_used_mb: 576, memory_total_mb: 24576 });
});

test('the_memory_of_the_computer_is_told_beside_its_processor', async () => {
  const { cpu } = await serviceWith({}).gpus();
  expect(cpu.memory_total_mb).toBe(Math.round(totalmem() / 2 ** 20));
  expect(cpu.memory_used_mb).toBeGreaterThan(0);
  expect(cpu.memory_used_mb).toBeLessThan(cpu.memory_total_mb);
});
