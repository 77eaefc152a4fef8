// CO2 in MOF-5: a grid over the whole cell, and a million random insertions, through the kernel's own protocol.
import { cpus } from 'node:os';
import type { InsertionsRequest } from '../../contracts/kernel-message.ts';
import type { Structure } from '../../contracts/structure.ts';
import { readAdsorbate, toKernelAdsorbate } from '../../worker/adsorbates/read-adsorbate.ts';
import { listDevices } from '../../worker/kernel-client/devices.ts';
import { runInsertions } from '../../worker/kernel-client/insertions.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import type { Kernel } from '../../worker/kernel-client/kernel.ts';
import { volumeOf } from '../../worker/structures/cell.ts';
import type { Measurement } from '../measurement.ts';

const CUTOFF_A = 12.5;
const GRID_SPACING_A = 0.2;
const N_ORIENTATIONS = 8;
const N_INSERTIONS = 1_000_000;
/**
 * Operations of one Lennard-Jones pair: 3 differences, 5 for the squared distance, a division, 2 products for 1/r^6, 4
 * for the energy and its sum. The pairs of charges and the comparisons come on top and are not counted.
 */
const OPERATIONS_PER_PAIR = 15;
/** Two units of four doubles, each with a product and a sum per cycle (AVX2). */
const PEAK_OPERATIONS_PER_CYCLE = 16;

interface Options {
  kernelPath: string;
  kernelVersion: string;
  resourcesFolder: string;
  name: string;
  framework: Structure;
}

/** Seconds in the kernel from the request to the answer: typing, charges and the set-up of the sums are included. */
export async function measureAdsorption(options: Options): Promise<Measurement[]> {
  const kernel = await startKernel({ path: options.kernelPath });
  try {
    const cpu = (await listDevices(kernel)).devices.find(({ kind }) => kind === 'cpu');
    const nThreads = cpu?.n_threads ?? 1;
    return [
      await measureOne(kernel, options, nThreads, 'adsorption_grid', {
        mode: 'grid',
        spacing_A: GRID_SPACING_A,
        n_orientations: N_ORIENTATIONS,
      }),
      await measureOne(kernel, options, nThreads, 'adsorption_random', { mode: 'random', n_insertions: N_INSERTIONS }),
    ];
  } finally {
    await kernel.stop();
  }
}

async function measureOne(
  kernel: Kernel,
  options: Options,
  nThreads: number,
  name: string,
  placements: InsertionsRequest['placements'],
): Promise<Measurement> {
  const { framework } = options;
  if (framework.cell === null) throw new RangeError('Insertions need a framework with a cell.');
  const adsorbate = toKernelAdsorbate(await readAdsorbate(options.resourcesFolder, 'CO2_TraPPE'));
  const result = await runInsertions(
    kernel,
    framework,
    {
      potential: {
        kind: 'uff4mof',
        options: { dialect: 'paper', cutoff_A: CUTOFF_A, fallback: 'none' },
        electrostatics,
      },
      device: 'cpu',
      precision: 'float64',
      adsorbate,
      cutoff_A: CUTOFF_A,
      tail_correction: false,
      temperature_k: 298.15,
      seed: 1,
      placements,
      n_lowest: 10,
    },
    () => undefined,
  );
  const seconds = result.kernel_seconds;
  const density = framework.symbols.length / volumeOf(framework.cell);
  const neighbors = density * (4 / 3) * Math.PI * CUTOFF_A ** 3;
  const pairsPerSecond = (result.n_placements * adsorbate.sites.length * neighbors) / seconds;
  const cyclesPerSecond = (cpus()[0]?.speed ?? 0) * 1e6;
  const peak = nThreads * cyclesPerSecond * PEAK_OPERATIONS_PER_CYCLE;
  return {
    case: name,
    unit: 's',
    ours: { program: 'mofkernel', version: options.kernelVersion, value: seconds },
    peers: [],
    settings: {
      framework: options.name,
      n_atoms: framework.symbols.length,
      adsorbate: adsorbate.name,
      charges: electrostatics.charges,
      cutoff_A: CUTOFF_A,
      n_placements: result.n_placements,
      threads: nThreads,
      placements_per_second: Math.round(result.n_placements / seconds),
      lennard_jones_pairs_per_second: Math.round(pairsPerSecond),
      fraction_of_peak: peak > 0 ? Number(((pairsPerSecond * OPERATIONS_PER_PAIR) / peak).toFixed(3)) : 'unknown',
    },
    notes: [
      'no peer: RASPA comes with no package of the Python registry',
      `Henry coefficient ${result.henry_mol_kg_Pa.toExponential(3)} mol/(kg Pa), mean energy ${String(result.mean_energy_eV)} eV`,
    ],
  };
}

const electrostatics = {
  charges: 'eqeq',
  method: 'ewald',
  cutoff_A: 12.5,
  relative_accuracy: 1e-6,
  damping_per_A: 0.2,
} as const;
