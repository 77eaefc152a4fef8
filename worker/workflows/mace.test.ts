// Every task type with a MACE model on the real kernel: the figures of each are those of energies and forces that the kernel gives
// by itself, which mace-torch judges in tests/parity. The model has random weights (worker/kernel/tests/reference/mace), so that
// nothing here is physics. Skipped where the kernel has not been built.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { d3FunctionalSchema } from '../../contracts/dispersion.ts';
import { bulkModulusResultSchema } from '../../contracts/results/bulk-modulus.ts';
import { heatCapacityResultSchema } from '../../contracts/results/heat-capacity.ts';
import { interactionEnergyResultSchema } from '../../contracts/results/interaction-energy.ts';
import { optimizationResultSchema } from '../../contracts/results/optimization.ts';
import { singlePointEnergyResultSchema } from '../../contracts/results/single-point-energy.ts';
import { stabilityResultSchema } from '../../contracts/results/stability.ts';
import type { Structure } from '../../contracts/structure.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import { evaluateStructure } from '../kernel-client/evaluate.ts';
import { startKernel } from '../kernel-client/kernel.ts';
import type { Kernel } from '../kernel-client/kernel.ts';
import { locateKernel } from '../kernel-client/locate-kernel.ts';
import { NO_KERNEL } from '../kernel-client/testing/real-kernel.ts';
import { parseStructure } from '../structures/parse-structure.ts';
import { potentialOf } from './models.ts';
import { Reporter } from './reporter.ts';
import { runTask } from './run-task.ts';

const MODEL = {
  model: 'random',
  imported_model: {
    folder: resolve(import.meta.dirname, '..', 'kernel', 'tests', 'reference', 'mace', 'fixture-residual'),
    r_max_A: 4.5,
    heads: ['Default'],
  },
};

/** Solid carbon dioxide, Pa-3: De Smedt, Keesom, Proc. R. Acad. Amsterdam 27, 839 (1924), with round numbers. */
const DRY_ICE = dryIce(5.6, 0.118);

function dryIce(a: number, u: number): Structure {
  const molecules = [
    { at: [0, 0, 0], along: [1, 1, 1] },
    { at: [0, 0.5, 0.5], along: [1, 1, -1] },
    { at: [0.5, 0, 0.5], along: [-1, 1, 1] },
    { at: [0.5, 0.5, 0], along: [1, -1, 1] },
  ];
  const place = (at: readonly number[], along: readonly number[], by: number): [number, number, number] => {
    const coordinate = (k: number): number => a * ((at[k] ?? 0) + by * (along[k] ?? 0));
    return [coordinate(0), coordinate(1), coordinate(2)];
  };
  return {
    cell: [
      [a, 0, 0],
      [0, a, 0],
      [0, 0, a],
    ],
    pbc: [true, true, true],
    symbols: molecules.flatMap(() => ['C', 'O', 'O']),
    positions: molecules.flatMap(({ at, along }) => [0, u, -u].map((by) => place(at, along, by))),
  };
}

describe('tasks with a MACE model', () => {
  let kernel: Kernel | null = null;
  let folder = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mofsim-mace-'));
    if (NO_KERNEL === null) kernel = await startKernel({ path: locateKernel() });
  });

  afterAll(async () => {
    await kernel?.stop();
    rmSync(folder, { recursive: true });
  });

  async function run(running: Kernel, task_type: TaskType, parameters: Record<string, unknown>, with_d3 = false) {
    const into = join(folder, `${task_type}${with_d3 ? '-d3' : ''}`);
    mkdirSync(into);
    const task = {
      task_id: 'task_abcdefghijkl',
      task_type,
      ...MODEL,
      with_d3,
      parameters,
      structure: DRY_ICE,
      structure_name: 'dry-ice',
      device: 'cpu',
      folder: into,
    };
    const tools = { kernel: running, signal: new AbortController().signal, reporter: new Reporter(() => undefined) };
    return { result: (await runTask(task, tools)).result, folder: into };
  }

  function evaluate(running: Kernel, structure: Structure, with_d3 = false) {
    const settings = {
      potential: potentialOf({ ...MODEL, with_d3 }, {}),
      device: 'cpu',
      precision: 'float64' as const,
    };
    return evaluateStructure(running, structure, settings, { forces: true, stress: true });
  }

  it('single_points_with_and_without_dispersion', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const plain = singlePointEnergyResultSchema.parse((await run(kernel, 'single-point-energy', {})).result);
    const { energy_eV } = await evaluate(kernel, DRY_ICE);
    expect(plain.energy_eV).toBe(energy_eV);
    const d3 = singlePointEnergyResultSchema.parse((await run(kernel, 'single-point-energy', {}, true)).result);
    // Dispersion binds.
    expect(d3.energy_eV).toBeLessThan(plain.energy_eV);
    expect(d3.energy_eV).toBe((await evaluate(kernel, DRY_ICE, true)).energy_eV);
  });

  it('the_kernel_knows_every_functional_that_can_be_chosen', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const energies: number[] = [];
    for (const d3_functional of d3FunctionalSchema.options) {
      const potential = potentialOf({ ...MODEL, with_d3: true }, { d3_functional });
      const settings = { potential, device: 'cpu', precision: 'float64' as const };
      const { energy_components_eV } = await evaluateStructure(kernel, DRY_ICE, settings, {
        forces: false,
        stress: false,
      });
      energies.push(energy_components_eV.dispersion ?? 0);
    }
    expect(energies.every((energy) => energy < 0)).toBe(true);
    expect(new Set(energies).size).toBe(energies.length);
  });

  it('an_optimization_goes_down_and_its_file_has_the_energy_of_its_result', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const { result: raw, folder: into } = await run(kernel, 'optimization', { max_steps: 5, relax_cell: false });
    const result = optimizationResultSchema.parse(raw);
    expect(result.initial_energy_eV).toBeCloseTo((await evaluate(kernel, DRY_ICE)).energy_eV, 9);
    expect(result.final_energy_eV).toBeLessThan(result.initial_energy_eV);
    const path = join(into, 'optimized.cif');
    const [{ structure }] = parseStructure(readFileSync(path), path);
    expect((await evaluate(kernel, structure)).energy_eV).toBeCloseTo(result.final_energy_eV, 9);
  });

  it('dynamics_conserve_the_energy', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const parameters = {
      ...{ relax_first: false, equilibration_steps: 20, total_steps: 200, timestep_fs: 0.25, temperature_k: 100 },
      ...{ supercell: [1, 1, 1], trajectory_interval: 10 },
    };
    const result = stabilityResultSchema.parse((await run(kernel, 'stability', parameters)).result);
    expect(Math.abs(result.energy_drift_eV_atom_ps)).toBeLessThan(1e-2);
    // Nothing is said of a list of bonds that it does not have.
    expect(result.warnings.join(' ')).not.toContain('UFF4MOF');
  });

  it('a_bulk_modulus_is_fitted_to_energies_of_the_model', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    // Of a curve of random weights only this equation finds a minimum.
    const fitting_method = 'murnaghan';
    const parameters = { relax_first: false, num_points: 5, strain_range: 0.02, max_steps: 0, fitting_method };
    const { result: raw } = await run(kernel, 'bulk-modulus', parameters);
    const result = bulkModulusResultSchema.parse(raw);
    // The third of five volumes is that of the structure as given, whose atoms no step has moved.
    expect(result.energies_eV[2]).toBeCloseTo((await evaluate(kernel, DRY_ICE)).energy_eV, 9);
  });

  it('phonons_come_from_displacements_with_the_forces_of_the_model', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const parameters = { relax_first: false, supercell: [1, 1, 1], mesh_length_A: 0 };
    const result = heatCapacityResultSchema.parse((await run(kernel, 'heat-capacity', parameters)).result);
    expect(result).toMatchObject({ method: 'phonon', space_group_number: 205, n_modes: 36 });
    expect(result.acoustic_sum_error_eV_A2).toBeLessThan(1e-3);
  });

  it('an_interaction_energy_is_the_difference_of_energies_with_and_without_the_molecule', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const parameters = { adsorbate: 'CO2', grid_spacing: 1, num_orientations: 2, n_insertions: 0, n_sites: 1 };
    const result = interactionEnergyResultSchema.parse((await run(kernel, 'interaction-energy', parameters)).result);
    expect(result.energy_source).toBe('model');
  });
});
