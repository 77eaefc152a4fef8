// `node bench/validation/relax-symmetry.ts FOLDER [NAME…]`: relaxes built-in structures in their space groups and writes the trajectories
// FOLDER/NAME.xyz, every step a frame, for relax-symmetry-ase.py to read.
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readStructure } from '../../worker/cli/read-structure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { relaxStructure } from '../../worker/kernel-client/relax.ts';
import { findCellOperations } from '../../worker/structures/cell-operations.ts';
import { symmetrize } from '../../worker/structures/symmetrize.ts';
import { formatTrajectoryFrame } from '../../worker/workflows/output/extended-xyz.ts';

const TIMEOUT_MS = 600_000;

const [folder, ...asked] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name a folder for the trajectories.');
const names = asked.length === 0 ? ['MOF-5_primitive', 'HKUST-1', 'ZIF-8', 'MFI'] : asked;
const resourcesFolder = join(import.meta.dirname, '..', '..', 'resources');
const kernel = await startKernel({ path: locateKernel() });
for (const name of names) {
  const { structure: given } = await readStructure(name, resourcesFolder);
  const { structure, spaceGroup } = symmetrize(given);
  const path = join(folder, `${name}.xyz`);
  await writeFile(path, '');
  const { end_state, steps, energy_eV } = await relaxStructure(
    kernel,
    structure,
    {
      potential: { kind: 'uff4mof', options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none' } },
      device: 'cpu',
      precision: 'float64',
      optimizer: 'LBFGS',
      fmax_eV_A: 0.001,
      max_steps: 500,
      cell_mode: 'full',
      pressure_eV_A3: 0,
      frame_interval: 1,
    },
    async ({ step, energy_eV: energy, stress_voigt_eV_A3 }, frame) => {
      if (frame === null) return;
      const { positions, cell, forces_eV_A } = frame;
      const moved = { ...structure, positions, cell };
      const text = formatTrajectoryFrame({
        structure: moved,
        step,
        energy_eV: energy,
        forces_eV_A,
        stress_voigt_eV_A3,
      });
      await appendFile(path, text);
    },
    { timeoutMs: TIMEOUT_MS, details: { symmetry: [findCellOperations(structure)] } },
  );
  process.stdout.write(`${name}, ${spaceGroup}: ${end_state} after ${steps} steps, ${energy_eV} eV\n`);
}
await kernel.stop();
