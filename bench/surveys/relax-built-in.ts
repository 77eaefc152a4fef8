// `npm run survey:optimizers`: relaxes every built-in structure with every optimizer of the kernel, atoms and full cell,
// and prints the table of docs/relaxation.md: steps to two thresholds, and seconds to the tighter one on one thread.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Structure } from '../../contracts/structure.ts';
import { readStructure } from '../../worker/cli/read-structure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { relaxStructure } from '../../worker/kernel-client/relax.ts';

const OPTIMIZERS = ['LBFGS', 'BFGS', 'FIRE', 'MDMin'] as const;
const LOOSE_FMAX_EV_A = 0.01;
const TIGHT_FMAX_EV_A = 0.001;
const MAX_STEPS = 3000;
const TIMEOUT_MS = 600_000;

const indexSchema = z.object({ structures: z.array(z.object({ name: z.string(), n_atoms: z.int() })) });

interface Outcome {
  stepsToLoose: number | null;
  stepsToTight: number | null;
  seconds: number;
}

async function relax(structure: Structure, optimizer: (typeof OPTIMIZERS)[number]): Promise<Outcome> {
  const kernel = await startKernel({ path: locateKernel() });
  let stepsToLoose: number | null = null;
  try {
    const relaxed = await relaxStructure(
      kernel,
      structure,
      {
        potential: { kind: 'uff4mof', options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none' } },
        device: 'cpu',
        precision: 'float64',
        optimizer,
        fmax_eV_A: TIGHT_FMAX_EV_A,
        max_steps: MAX_STEPS,
        cell_mode: 'full',
        pressure_eV_A3: 0,
        frame_interval: 0,
      },
      (step) => {
        const largest = Math.max(step.max_force_eV_A, step.max_cell_force_eV_A ?? 0);
        if (largest < LOOSE_FMAX_EV_A) stepsToLoose ??= step.step;
      },
      { timeoutMs: TIMEOUT_MS },
    );
    const stepsToTight = relaxed.end_state === 'converged' ? relaxed.steps : null;
    return { stepsToLoose, stepsToTight, seconds: relaxed.kernel_seconds };
  } finally {
    await kernel.stop();
  }
}

function describe({ stepsToLoose, stepsToTight, seconds }: Outcome): string {
  const steps = (n: number | null): string => (n === null ? '-' : String(n));
  return `${steps(stepsToLoose)} / ${steps(stepsToTight)} (${seconds.toFixed(2)})`;
}

const resourcesFolder = join(import.meta.dirname, '..', '..', 'resources');
const index: unknown = JSON.parse(await readFile(join(resourcesFolder, 'structures', 'index.json'), 'utf8'));
// Threads of a busy machine wait for each other; one has a time of its own.
process.env.OMP_NUM_THREADS = '1';
process.stdout.write(`| structure | atoms | ${OPTIMIZERS.join(' | ')} |\n`);
process.stdout.write(`| --- | --- | ${OPTIMIZERS.map(() => '---').join(' | ')} |\n`);
for (const { name, n_atoms: nAtoms } of indexSchema.parse(index).structures) {
  const { structure } = await readStructure(name, resourcesFolder);
  const cells: string[] = [];
  for (const optimizer of OPTIMIZERS) cells.push(describe(await relax(structure, optimizer)));
  process.stdout.write(`| ${name} | ${nAtoms} | ${cells.join(' | ')} |\n`);
}
