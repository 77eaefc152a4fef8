// The typed calls against the stand-in kernel: what goes out is what its schemas accept, what comes back has its shape.
import { afterEach, describe, expect, it } from 'vitest';
import { electrostaticsOptionsSchema } from '../../contracts/potential.ts';
import type { PotentialSpec } from '../../contracts/potential.ts';
import type { Structure } from '../../contracts/structure.ts';
import { structureArrays } from './arrays.ts';
import { runDynamics } from './dynamics.ts';
import type { MdSettings } from './dynamics.ts';
import { computeForceConstants } from './force-constants.ts';
import type { Displacement } from './force-constants.ts';
import { runInsertions } from './insertions.ts';
import type { InsertionSettings } from './insertions.ts';
import { startKernel } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import type { ComputeSettings } from './settings.ts';
import { STAND_IN_KERNEL } from './testing/install-stand-in.ts';

const kernels: Kernel[] = [];

async function start(...behavior: string[]): Promise<Kernel> {
  const kernel = await startKernel({ path: process.execPath, leadingArgs: [STAND_IN_KERNEL, ...behavior] });
  kernels.push(kernel);
  return kernel;
}

afterEach(async () => {
  await Promise.all(kernels.splice(0).map((kernel) => kernel.stop()));
});

const POTENTIAL: PotentialSpec = {
  kind: 'uff4mof',
  options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none' },
};
const COMPUTE = { potential: POTENTIAL, device: 'cpu', precision: 'float64' as const };
const PAIR: Structure = {
  cell: [
    [5, 0, 0],
    [0, 5, 0],
    [0, 0, 5],
  ],
  pbc: [true, true, true],
  symbols: ['C', 'O'],
  positions: [
    [1, 2, 3],
    [2, 2, 3],
  ],
};
const MOLECULE: Structure = { cell: null, pbc: [false, false, false], symbols: ['Zn'], positions: [[9, 8, 7]] };

const MD: MdSettings = {
  ensemble: 'nvt_langevin',
  timestep_fs: 0.5,
  n_steps: 6,
  temperature_k: 300,
  pressure_eV_A3: 0,
  seed: 1,
  sample_interval: 2,
  frame_interval: 4,
};

function arraysOf(structures: readonly Structure[], potential: PotentialSpec): { charges?: number[] } {
  return Object.fromEntries(structureArrays(structures, potential).map(({ name, values }) => [name, [...values]]));
}

describe('structures as arrays', () => {
  it('a_batch_is_one_array_of_each_kind', () => {
    const values = arraysOf([PAIR, MOLECULE], COMPUTE.potential);
    expect(values).toEqual({
      cells: [5, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      positions: [1, 2, 3, 2, 2, 3, 9, 8, 7],
      atomic_numbers: [6, 8, 30],
      n_atoms: [2, 1],
      pbc: [1, 1, 1, 0, 0, 0],
    });
  });

  it('charges_go_along_only_when_the_potential_takes_them', () => {
    const charged = { ...PAIR, charges: [0.4, -0.4] };
    const given: PotentialSpec = {
      ...COMPUTE.potential,
      electrostatics: electrostaticsOptionsSchema.parse({ charges: 'given' }),
    };
    expect(arraysOf([charged, charged], given).charges).toEqual([0.4, -0.4, 0.4, -0.4]);
    expect(arraysOf([charged], COMPUTE.potential)).not.toHaveProperty('charges');
    expect(() => structureArrays([charged, PAIR], given)).toThrow(/charges=cif.*charges=eqeq/);
  });
});

describe('molecular dynamics', () => {
  it('samples_arrive_in_order_and_wait_for_a_slow_listener', async () => {
    const kernel = await start();
    const seen: { step: number; hasFrame: boolean }[] = [];
    let isBusy = false;
    const run = await runDynamics(kernel, [PAIR], { ...COMPUTE, ...MD }, async ({ step }, frame) => {
      expect(isBusy).toBe(false);
      isBusy = true;
      await new Promise(setImmediate);
      isBusy = false;
      seen.push({ step, hasFrame: frame !== null });
      if (frame !== null) expect(frame.velocities).toHaveLength(2);
    });
    expect(seen).toEqual([
      { step: 0, hasFrame: true },
      { step: 2, hasFrame: false },
      { step: 4, hasFrame: true },
      { step: 6, hasFrame: false },
    ]);
    expect(run).toMatchObject({ resumed_from_step: 0, structures: [{ end_state: 'completed', steps: 6 }] });
    expect(run.structures[0]!.structure.symbols).toEqual(['C', 'O']);
  });

  it('an_abort_ends_the_run_with_its_state', async () => {
    const kernel = await start('--step-ms=1');
    const abort = new AbortController();
    const run = await runDynamics(
      kernel,
      [PAIR],
      { ...COMPUTE, ...MD, n_steps: 1_000_000 },
      ({ step }) => {
        if (step === 4) abort.abort();
      },
      { signal: abort.signal },
    );
    expect(run.structures[0]!.end_state).toBe('cancelled');
    expect(run.structures[0]!.structure.positions).toHaveLength(2);
  });
});

describe('force constants', () => {
  const displacements: Displacement[] = [
    { atom: 1, direction: [0, 1, 0] },
    { atom: 0, direction: [1, 0, 0] },
  ];

  it('rows_come_in_the_order_of_the_displacements', async () => {
    const kernel = await start();
    const done: number[] = [];
    const settings = { ...COMPUTE, displacement_A: 0.01 };
    const result = await computeForceConstants(kernel, PAIR, settings, displacements, ({ n_done, n_total }) => {
      done.push(n_done);
      expect(n_total).toBe(2);
    });
    expect(done).toEqual([1, 2]);
    expect([...result.force_constants_eV_A2]).toEqual([0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
    expect(result).toMatchObject({ n_finished: 2, stop: 'none' });
    expect(result.forces_eV_A).toHaveLength(2);
  });

  it('a_cancelled_run_keeps_its_finished_rows', async () => {
    const kernel = await start('--step-ms=1');
    const abort = new AbortController();
    const many = Array.from({ length: 100_000 }, () => displacements[0]!);
    const settings = { ...COMPUTE, displacement_A: 0.01 };
    const result = await computeForceConstants(
      kernel,
      PAIR,
      settings,
      many,
      ({ n_done }) => {
        if (n_done === 3) abort.abort();
      },
      { signal: abort.signal },
    );
    expect(result.stop).toBe('cancelled');
    expect(result.n_finished).toBeGreaterThanOrEqual(3);
    expect(result.force_constants_eV_A2).toHaveLength(result.n_finished * 6);
  });
});

describe('insertions', () => {
  const settings: ComputeSettings & Omit<InsertionSettings, 'placements'> = {
    ...COMPUTE,
    adsorbate: {
      name: 'methane',
      sites: [{ name: 'CH4', position_A: [0, 0, 0], epsilon_eV: 0.0128, sigma_A: 3.73, charge_e: 0, mass_amu: 16.04 }],
    },
    cutoff_A: 12.5,
    tail_correction: true,
    temperature_k: 298.15,
    seed: 1,
    n_lowest: 1,
  };

  it('random_insertions_have_errors_and_no_grid', async () => {
    const kernel = await start();
    const placements = { mode: 'random', n_insertions: 1000 } as const;
    const result = await runInsertions(kernel, PAIR, { ...settings, placements }, () => undefined);
    expect(result).toMatchObject({ n_placements: 1000, boltzmann_standard_error: 0, grid: null });
    expect(result.lowest).toEqual([{ energy_eV: 0, center: [0, 0, 0], sites: [[0, 0, 0]], max_force_eV_A: null }]);
  });

  it('a_grid_has_a_shape_and_no_errors', async () => {
    const kernel = await start();
    const placements = { mode: 'grid', spacing_A: 0.2, n_orientations: 8 } as const;
    const result = await runInsertions(kernel, PAIR, { ...settings, placements }, () => undefined);
    expect(result.boltzmann_standard_error).toBeNull();
    expect(result.grid?.shape).toEqual([1, 1, 1]);
    expect(result.grid?.minimum_eV).toBeInstanceOf(Float32Array);
  });
});
