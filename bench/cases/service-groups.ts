// What it gains on this machine's processor that a slot computes several small tasks at the same time: 200 tasks on small built-in
// structures through the service, and the same structures in the kernel alone, one by one and as one batch.
import { join } from 'node:path';
import { ApiClient } from '../../worker/cli/api-client.ts';
import { RESOURCES_FOLDER } from '../../worker/cli/paths.ts';
import { readStructure } from '../../worker/cli/read-structure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { relaxStructures } from '../../worker/kernel-client/relax.ts';
import { machineLoad, median } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { API_KEY, makeUnlimitedHome, startService } from '../service-process.ts';

/** 54 to 156 atoms. */
const STRUCTURES = [
  'MOF-5_primitive',
  'MIL-47',
  'ZIF-8_primitive',
  'HKUST-1_primitive',
  'Zn-MOF-74_primitive',
  'Mg-MOF-74_primitive',
  'UiO-66_primitive',
];
const N_TASKS = 200;
const TYPES = { optimization: { fmax: 0.01 }, 'single-point-energy': {} } as const;
const GROUP_SIZES = [1, 4, 8, 16];
const REPEATS = 3;
const N_IN_BATCH = 32;

const taskFor = (task_type: string, i: number, parameters: object): unknown => ({
  task_type,
  model: 'uff4mof',
  structure: { source: 'builtin', name: STRUCTURES[i % STRUCTURES.length] },
  parameters,
});

export async function measureGroups(version: string, home: string): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const [task_type, parameters] of Object.entries(TYPES)) {
    // In turn, so that what else the machine does meets all of them alike.
    const seconds = new Map<number, number[]>();
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      for (const size of GROUP_SIZES) {
        const folder = join(home, `${task_type}-${size}-${repeat}`);
        seconds.set(size, [...(seconds.get(size) ?? []), await timeTasks(folder, size, task_type, parameters)]);
      }
    }
    for (const [size, times] of seconds) {
      measurements.push({
        case: `service_200_small_tasks_${task_type}_in_groups_of_${size}`,
        unit: 's',
        ours: { program: 'mofsim', version, value: median(times) },
        peers: [],
        settings: { n_tasks: N_TASKS, repeats: REPEATS, tasks_per_group: size, ...machineLoad() },
        notes: [],
      });
    }
  }
  return [...measurements, ...(await measureKernel(version))];
}

/** From the submission of all, in one request, to the end of the last one, s. */
async function timeTasks(home: string, cpu: number, task_type: string, parameters: object): Promise<number> {
  await makeUnlimitedHome(home, { tasks_per_group: { cpu } });
  const service = await startService(home);
  try {
    const api = new ApiClient(service.url, API_KEY, AbortSignal.timeout(600_000));
    // The kernel is there and the first measurement is made.
    await runAll(api, [taskFor(task_type, 0, parameters)], 1);
    const tasks = Array.from({ length: N_TASKS }, (_, i) => taskFor(task_type, i, parameters));
    const begun = performance.now();
    await runAll(api, tasks, cpu);
    return (performance.now() - begun) / 1000;
  } finally {
    await service.stop();
  }
}

/** The last ones to end are in the last group. */
async function runAll(api: ApiClient, tasks: readonly unknown[], tasks_per_group: number): Promise<void> {
  const submitted = (await api.submitBatch(tasks)).tasks;
  for (const { task_id } of submitted.slice(-tasks_per_group)) await untilEnd(api, task_id);
}

async function untilEnd(api: ApiClient, task_id: string): Promise<void> {
  let last = '';
  for await (const event of api.events(task_id)) if (event.type === 'state') last = event.status;
  if (last !== 'COMPLETED') throw new Error(`Task ${task_id} is ${last}.`);
}

async function measureKernel(version: string): Promise<Measurement[]> {
  const structures = await Promise.all(
    Array.from({ length: N_IN_BATCH }, async (_, i) => {
      const { structure } = await readStructure(STRUCTURES[i % STRUCTURES.length] ?? '', RESOURCES_FOLDER);
      return structure;
    }),
  );
  const settings = {
    potential: { kind: 'uff4mof', options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none' } },
    device: 'cpu',
    precision: 'float64',
    optimizer: 'LBFGS',
    fmax_eV_A: 0.01,
    max_steps: 500,
    cell_mode: 'full',
    pressure_eV_A3: 0,
    frame_interval: 10,
  } as const;
  const kernel = await startKernel({ path: locateKernel() });
  const times: { merged: number[]; alone: number[] } = { merged: [], alone: [] };
  try {
    for (let repeat = 0; repeat <= REPEATS; repeat += 1) {
      const begun = performance.now();
      for (const structure of structures) await relaxStructures(kernel, [structure], settings, () => undefined);
      const between = performance.now();
      await relaxStructures(kernel, structures, settings, () => undefined);
      // The first round warms up.
      if (repeat === 0) continue;
      times.alone.push((between - begun) / 1000);
      times.merged.push((performance.now() - between) / 1000);
    }
  } finally {
    await kernel.stop();
  }
  return (['alone', 'merged'] as const).map((how) => ({
    case: `kernel_${N_IN_BATCH}_small_relaxations_${how}`,
    unit: 's',
    ours: { program: 'mofsim', version, value: median(times[how]) },
    peers: [],
    settings: { n_structures: N_IN_BATCH, repeats: REPEATS, ...machineLoad() },
    notes: [],
  }));
}
