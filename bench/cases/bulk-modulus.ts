// The whole task: MOF-5 (primitive cell), UFF4MOF, from the start of the task to its last file, with the benchmark's 11 volumes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Structure } from '../../contracts/structure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import type { Kernel } from '../../worker/kernel-client/kernel.ts';
import { Reporter } from '../../worker/workflows/reporter.ts';
import { runTask } from '../../worker/workflows/run-task.ts';
import { machineLoad, median, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';

const PARAMETERS = { strain_range: 0.04, num_points: 11 };
const N_REPEATS = 5;

interface Options {
  kernelPath: string;
  kernelVersion: string;
  name: string;
  structure: Structure;
}

export async function measureBulkModulus(options: Options): Promise<Measurement> {
  const kernel = await startKernel({ path: options.kernelPath });
  try {
    const seconds: number[] = [];
    for (let i = 0; i < N_REPEATS; i += 1) seconds.push(await measureOnce(kernel, options));
    return {
      case: `bulk_modulus ${options.name}`,
      unit: 's',
      ours: { program: 'mofsim', version: options.kernelVersion, value: rounded(median(seconds)) },
      peers: [],
      settings: {
        model: 'uff4mof',
        device: 'cpu',
        n_atoms: options.structure.symbols.length,
        ...PARAMETERS,
        ...machineLoad(),
      },
      notes: [`median of ${N_REPEATS} on a kernel that is already there; the goal is below 15 s on two cores`],
    };
  } finally {
    await kernel.stop();
  }
}

async function measureOnce(kernel: Kernel, { name, structure }: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-'));
  try {
    const { execution_time_seconds } = await runTask(
      {
        task_id: 'task_benchmark',
        task_type: 'bulk-modulus',
        model: 'uff4mof',
        parameters: PARAMETERS,
        structure,
        structure_name: name,
        device: 'cpu',
        folder,
      },
      { kernel, signal: new AbortController().signal, reporter: new Reporter(() => undefined) },
    );
    return execution_time_seconds;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
