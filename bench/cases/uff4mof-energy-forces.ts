// Energy and forces of UFF4MOF at fixed positions, ns per atom, beside LAMMPS on the same terms.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Structure } from '../../contracts/structure.ts';
import { buildDeck } from '../lammps/deck.ts';
import { DECK_DATA_FILENAME, findLammps, runLammps } from '../lammps/lammps.ts';
import { termsSchema } from '../lammps/terms.ts';
import { median, type Measurement } from '../measurement.ts';

const CUTOFF_A = 12.5;
/** Both programs take turns, so that a busy machine slows both. */
const N_ROUNDS = 5;
/** One round lasts about this long, s. */
const SECONDS_PER_ROUND = 1;

const timedEvaluationSchema = z.object({
  energy_components_eV: z.record(z.string(), z.number()),
  timing: z.object({ mean_ns_per_atom: z.number() }),
});

function runKernel(kernelPath: string, args: readonly string[]): unknown {
  const run = spawnSync(kernelPath, args, { encoding: 'utf8', maxBuffer: 1024 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(`mofkernel ${args.join(' ')} failed: ${run.stderr.trim()}`);
  return JSON.parse(run.stdout);
}

/** The two programs must have evaluated the same energy, or the times mean nothing. */
function largestDifference(ours: readonly number[], theirs: readonly number[]): number {
  return Math.max(...ours.map((value, i) => Math.abs(value - (theirs[i] ?? NaN)) / Math.max(1, Math.abs(value))));
}

export function measureEnergyAndForces(options: {
  kernelPath: string;
  kernelVersion: string;
  name: string;
  structure: Structure;
  extxyz: string;
  nThreads: number;
}): Measurement {
  const { kernelPath, structure, nThreads } = options;
  const nAtoms = structure.symbols.length;
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-'));
  try {
    const file = join(folder, 'structure.xyz');
    writeFileSync(file, options.extxyz);
    const dialect = ['--dialect', 'lammps_interface', '--cutoff', String(CUTOFF_A)];
    const time = (nRepeats: number) =>
      timedEvaluationSchema.parse(
        runKernel(kernelPath, [
          'evaluate',
          file,
          ...dialect,
          '--threads',
          String(nThreads),
          '--repeat',
          String(nRepeats),
          '--json',
        ]),
      );
    const trial = time(20);
    const secondsPerStep = trial.timing.mean_ns_per_atom * 1e-9 * nAtoms;
    const nSteps = Math.max(20, Math.round(SECONDS_PER_ROUND / secondsPerStep));

    const lammps = findLammps();
    const deck =
      lammps === null
        ? null
        : buildDeck(termsSchema.parse(runKernel(kernelPath, ['terms', file, ...dialect])), DECK_DATA_FILENAME);
    const oursNs: number[] = [];
    const theirsNs = { withEnergies: [] as number[], forcesAlone: [] as number[] };
    const notes: string[] = [];
    for (let round = 0; round < N_ROUNDS; round += 1) {
      oursNs.push(time(nSteps).timing.mean_ns_per_atom);
      if (lammps === null || deck === null) continue;
      const settings = { nSteps: Math.max(20, Math.round(nSteps / 2)), nProcesses: nThreads };
      const run = runLammps(lammps, deck, { ...settings, withEnergies: true });
      const forcesAlone = runLammps(lammps, deck, { ...settings, withEnergies: false });
      theirsNs.withEnergies.push((run.seconds_per_step * 1e9) / nAtoms);
      theirsNs.forcesAlone.push((forcesAlone.seconds_per_step * 1e9) / nAtoms);
      if (round === 0) {
        const difference = largestDifference(Object.values(trial.energy_components_eV), run.components_eV);
        notes.push(`largest relative difference of an energy component to LAMMPS: ${difference.toExponential(1)}`);
      }
    }
    if (lammps?.hasOpt === true) notes.push('LAMMPS ran with the styles of its package OPT (-sf opt)');
    if (lammps === null) notes.push('LAMMPS was not found: put `lmp` on the PATH or name it in LMP');
    return {
      case: 'uff4mof_energy_forces',
      unit: 'ns/atom',
      ours: { program: 'mofkernel', version: options.kernelVersion, value: median(oursNs) },
      peers:
        lammps === null
          ? []
          : [
              { program: 'lammps', version: lammps.version, value: median(theirsNs.withEnergies) },
              { program: 'lammps, forces alone', version: lammps.version, value: median(theirsNs.forcesAlone) },
            ],
      settings: {
        structure: options.name,
        n_atoms: nAtoms,
        threads: nThreads,
        cutoff_A: CUTOFF_A,
        precision: 'float64',
      },
      notes,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
