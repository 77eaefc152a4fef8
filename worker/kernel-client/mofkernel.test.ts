// The typed calls on the real kernel. Skipped where it has not been built.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdsorbateModel } from '../../contracts/adsorbate.ts';
import type { PotentialSpec } from '../../contracts/potential.ts';
import type { Structure } from '../../contracts/structure.ts';
import { parseStructure } from '../structures/parse-structure.ts';
import { runDynamics } from './dynamics.ts';
import type { MdSettings } from './dynamics.ts';
import { evaluateStructure, evaluateStructures } from './evaluate.ts';
import { computeForceConstants } from './force-constants.ts';
import { runInsertions } from './insertions.ts';
import { KernelFailure } from './kernel-failure.ts';
import { startKernel } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import { locateKernel } from './locate-kernel.ts';
import { NO_KERNEL } from './testing/real-kernel.ts';
import { relaxStructures } from './relax.ts';

const MOF_5 = resolve(import.meta.dirname, '..', '..', 'resources', 'structures', 'MOF-5_primitive.cif');
const POTENTIAL: PotentialSpec = {
  kind: 'uff4mof',
  options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none' },
};
const COMPUTE = { potential: POTENTIAL, device: 'cpu', precision: 'float64' as const };

const WATER: Structure = {
  cell: null,
  pbc: [false, false, false],
  symbols: ['O', 'H', 'H'],
  positions: [
    [0, 0, 0],
    [0.8, 0.6, 0],
    [-0.8, 0.6, 0],
  ],
};

/** TraPPE united-atom methane (Martin and Siepmann, J. Phys. Chem. B 102, 2569 (1998)): 148 K, 3.73 A. */
const METHANE: AdsorbateModel = {
  name: 'methane',
  sites: [
    {
      name: 'CH4',
      position_A: [0, 0, 0],
      epsilon_eV: 148 * 8.617333262e-5,
      sigma_A: 3.73,
      charge_e: 0,
      mass_amu: 16.043,
    },
  ],
};

describe('calculations on mofkernel', () => {
  let kernel: Kernel | null = null;
  let folder = '';
  const [{ structure: mof5 }] = parseStructure(readFileSync(MOF_5), MOF_5);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mofsim-kernel-client-'));
    if (NO_KERNEL === null) kernel = await startKernel({ path: locateKernel() });
  });

  afterAll(async () => {
    await kernel?.stop();
    rmSync(folder, { recursive: true });
  });

  it('a_batch_is_its_structures_one_by_one', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const wants = { forces: true, stress: true };
    const batch = await evaluateStructures(kernel, [WATER, mof5, WATER], COMPUTE, wants);
    const alone = await evaluateStructure(kernel, mof5, COMPUTE, wants);
    expect(batch.structures.map(({ forces_eV_A }) => forces_eV_A!.length)).toEqual([3, mof5.symbols.length, 3]);
    expect(batch.structures[1]!.energy_eV).toBeCloseTo(alone.energy_eV, 9);
    expect(batch.structures[0]!.stress_eV_A3).toBeNull();
    expect(batch.structures[1]!.stress_eV_A3).not.toBeNull();
    expect(batch.structures[2]).toEqual(batch.structures[0]);
  });

  it('a_ping_is_answered_while_it_computes', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    let isComputing = true;
    // Dozens of copies of the framework, so that the answer to the ping is the first of the two.
    const copies = Array.from({ length: 60 }, () => mof5);
    const evaluation = evaluateStructures(kernel, copies, COMPUTE, { forces: true, stress: true }).then(() => {
      isComputing = false;
    });
    await kernel.ping();
    expect(isComputing).toBe(true);
    await evaluation;
  });

  it('a_memory_limit_that_nothing_fits_is_told_as_such', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const settings = { ...COMPUTE, memory_limit_bytes: 1000 };
    const failure: unknown = await evaluateStructure(kernel, mof5, settings, { forces: true, stress: true }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(KernelFailure);
    expect(failure).toMatchObject({ code: 'out_of_memory', details: { limit_bytes: 1000, structure: 0 } });
  });

  it.for(['BFGS', 'MDMin'] as const)('%s_relaxes_a_batch_each_to_its_own_end', async (optimizer, { skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const seen = new Set<number>();
    const settings = {
      ...COMPUTE,
      optimizer,
      fmax_eV_A: 0.02,
      max_steps: 500,
      cell_mode: 'fixed' as const,
      pressure_eV_A3: 0,
      frame_interval: 0,
    };
    const stretched: Structure = { ...WATER, positions: WATER.positions.map(([x, y, z]) => [1.1 * x, 1.1 * y, z]) };
    const details = { fixed_atoms: [false, false, false, true, false, false] };
    const relaxed = await relaxStructures(
      kernel,
      [WATER, stretched],
      settings,
      ({ structure }) => {
        seen.add(structure);
      },
      { details },
    );
    expect(relaxed.structures.map(({ end_state }) => end_state)).toEqual(['converged', 'converged']);
    expect([...seen]).toEqual([0, 1]);
    expect(relaxed.structures[1]!.structure.positions[0]).toEqual([0, 0, 0]);
    // The minimum of a molecule does not depend on where it started; forces below 0.02 eV/A over 30 eV/A^2.
    expect(relaxed.structures[0]!.energy_eV).toBeCloseTo(relaxed.structures[1]!.energy_eV, 3);
  });

  it('dynamics_sample_in_order_and_go_on_from_a_checkpoint', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const settings = (name: string, n_steps: number): MdSettings => ({
      ensemble: 'nvt_langevin',
      timestep_fs: 0.5,
      n_steps,
      temperature_k: 300,
      pressure_eV_A3: 0,
      seed: 7,
      sample_interval: 5,
      frame_interval: 10,
      trajectories: [{ structure: 0, format: 'extxyz', path: join(folder, `${name}.extxyz`), interval_steps: 10 }],
    });
    const checkpoint = (name: string) => ({
      checkpoint: { path: join(folder, `${name}.checkpoint`), interval_steps: 10, interval_seconds: 0, resume: true },
    });
    const steps: number[] = [];
    const whole = await runDynamics(
      kernel,
      [mof5],
      { ...COMPUTE, ...settings('whole', 20), ...checkpoint('whole') },
      async ({ step }, frame) => {
        await new Promise(setImmediate);
        steps.push(step);
        expect(frame === null).toBe(step % 10 !== 0);
      },
    );
    expect(steps).toEqual([0, 5, 10, 15, 20]);
    expect(whole.structures[0]).toMatchObject({ end_state: 'completed', steps: 20 });

    const abort = new AbortController();
    const first = await runDynamics(
      kernel,
      [mof5],
      { ...COMPUTE, ...settings('halves', 20), ...checkpoint('halves') },
      ({ step }) => {
        if (step === 5) abort.abort();
      },
      { signal: abort.signal },
    );
    expect(['cancelled', 'completed']).toContain(first.structures[0]!.end_state);
    const second = await runDynamics(
      kernel,
      [mof5],
      { ...COMPUTE, ...settings('halves', 20), ...checkpoint('halves') },
      () => undefined,
    );
    expect(second.resumed_from_step).toBe(first.structures[0]!.steps);
    expect(second.structures).toEqual(whole.structures);
    expect(readFileSync(join(folder, 'halves.extxyz'), 'utf8')).toBe(
      readFileSync(join(folder, 'whole.extxyz'), 'utf8'),
    );
    expect(existsSync(join(folder, 'halves.checkpoint'))).toBe(true);
  });

  it('force_constants_of_one_atom_pull_back', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const progress: number[] = [];
    const result = await computeForceConstants(
      kernel,
      mof5,
      { ...COMPUTE, displacement_A: 0.01 },
      [
        { atom: 0, direction: [1, 0, 0] },
        { atom: 0, direction: [0, 3, 0] },
      ],
      ({ n_done, n_total }) => {
        progress.push(n_done);
        expect(n_total).toBe(2);
      },
    );
    expect(result).toMatchObject({ n_finished: 2, stop: 'none' });
    expect(progress.at(-1)).toBe(2);
    const rows = result.force_constants_eV_A2;
    expect(rows).toHaveLength(2 * 3 * mof5.symbols.length);
    expect(rows[0]).toBeGreaterThan(0);
    // The mixed derivative is the same from both sides, up to the third derivative times the displacement squared.
    expect(rows[1]).toBeCloseTo(rows[3 * mof5.symbols.length] ?? Number.NaN, 2);
  });

  it('methane_likes_mof_5', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const settings = {
      ...COMPUTE,
      adsorbate: METHANE,
      cutoff_A: 12.5,
      tail_correction: false,
      temperature_k: 298.15,
      seed: 1,
      n_lowest: 2,
    };
    const random = await runInsertions(
      kernel,
      mof5,
      { ...settings, placements: { mode: 'random', n_insertions: 20_000 } },
      () => undefined,
    );
    expect(random.n_placements).toBe(20_000);
    expect(random.boltzmann_mean).toBeGreaterThan(1);
    expect(random.mean_energy_eV).toBeLessThan(0);
    expect(random.lowest[0]!.energy_eV).toBeLessThan(random.mean_energy_eV!);
    const grid = await runInsertions(
      kernel,
      mof5,
      { ...settings, placements: { mode: 'grid', spacing_A: 1, n_orientations: 1 }, relax_lowest: true },
      () => undefined,
    );
    expect(grid.lowest[0]!.energy_eV).toBeLessThan(random.lowest[0]!.energy_eV);
    expect(grid.lowest[0]!.max_force_eV_A).toBeLessThan(1e-3);
    const [a, b, c] = grid.grid!.shape;
    expect(grid.grid!.minimum_eV).toHaveLength(a * b * c);
    // Two ways to the same average; 20 000 random points have an error of a few per cent.
    const error = 5 * random.boltzmann_standard_error!;
    expect(Math.abs(grid.boltzmann_mean - random.boltzmann_mean)).toBeLessThan(error + 0.05 * random.boltzmann_mean);
  });
});
