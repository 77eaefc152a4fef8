// The whole task: CO2 in MOF-5 with charges, a grid of 0.5 A and 100 000 insertions, from the start of the task to its last file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Structure } from '../../contracts/structure.ts';
import { interactionEnergyResultSchema } from '../../contracts/results/interaction-energy.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import type { Kernel } from '../../worker/kernel-client/kernel.ts';
import { Reporter } from '../../worker/workflows/reporter.ts';
import { runTask } from '../../worker/workflows/run-task.ts';
import { machineLoad, median, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';

const PARAMETERS = { adsorbate: 'CO2', grid_spacing: 0.5, num_orientations: 8, n_insertions: 100_000 };
const MODEL_OPTIONS = { charges: 'eqeq' };
const N_REPEATS = 3;

interface Options {
  kernelPath: string;
  kernelVersion: string;
  name: string;
  structure: Structure;
}

export async function measureInteractionEnergy(options: Options): Promise<Measurement> {
  const kernel = await startKernel({ path: options.kernelPath });
  try {
    const runs: { seconds: number; n_evaluations: number }[] = [];
    for (let i = 0; i < N_REPEATS; i += 1) runs.push(await measureOnce(kernel, options));
    return {
      case: `interaction_energy ${options.name}`,
      unit: 's',
      ours: {
        program: 'mofsim',
        version: options.kernelVersion,
        value: rounded(median(runs.map(({ seconds }) => seconds))),
      },
      peers: [],
      settings: {
        device: 'cpu',
        n_atoms: options.structure.symbols.length,
        ...PARAMETERS,
        ...MODEL_OPTIONS,
        n_evaluations: runs[0]?.n_evaluations ?? 0,
        ...machineLoad(),
      },
      notes: [
        `median of ${N_REPEATS} on a kernel that is already there; typing, charges twice, relaxed sites, cubes and report included`,
      ],
    };
  } finally {
    await kernel.stop();
  }
}

async function measureOnce(
  kernel: Kernel,
  { name, structure }: Options,
): Promise<{ seconds: number; n_evaluations: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-'));
  try {
    const { execution_time_seconds, result } = await runTask(
      {
        task_id: 'task_benchmark',
        task_type: 'interaction-energy',
        model: 'uff4mof',
        parameters: { ...PARAMETERS, model_options: MODEL_OPTIONS },
        structure,
        structure_name: name,
        device: 'cpu',
        folder,
      },
      { kernel, signal: new AbortController().signal, reporter: new Reporter(() => undefined) },
    );
    const { n_evaluations } = interactionEnergyResultSchema.parse(result);
    return { seconds: execution_time_seconds, n_evaluations };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
