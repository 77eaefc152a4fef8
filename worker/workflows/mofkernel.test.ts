// The workflows on the real kernel. Skipped where it has not been built.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { optimizationResultSchema } from '../../contracts/results/optimization.ts';
import { vector3Schema } from '../../contracts/structure.ts';
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { evaluateStructure } from '../kernel-client/evaluate.ts';
import type { Kernel } from '../kernel-client/kernel.ts';
import { startKernel } from '../kernel-client/kernel.ts';
import { locateKernel } from '../kernel-client/locate-kernel.ts';
import { NO_KERNEL } from '../kernel-client/testing/real-kernel.ts';
import { parseStructure } from '../structures/parse-structure.ts';
import { Deadline } from './deadline.ts';
import { largestForce } from './forces.ts';
import { potentialOf } from './models.ts';
import { Reporter } from './reporter.ts';
import { runTask } from './run-task.ts';
import type { TaskTools } from './run-task.ts';
import { TaskPreempted, TaskTimedOut } from './task-failure.ts';

const REPOSITORY = resolve(import.meta.dirname, '..', '..');
const REFERENCE = join(REPOSITORY, '..', 'shared', 'reference', 'uff4mof', 'MOF-5_primitive.json');
const MOF_5 = join(REPOSITORY, 'resources', 'structures', 'MOF-5_primitive.cif');
/** 558 atoms that no optimizer brings to rest soon: runs of it can be stopped on their way. */
const NU_1000 = join(REPOSITORY, 'resources', 'structures', 'NU-1000.cif');

/** LAMMPS 29 Sep 2021 Update 2 with terms of lammps_interface 255f027c; see the README beside the file. */
const referenceSchema = z.object({
  unit_cell: z.object({
    cell_A: z.tuple([vector3Schema, vector3Schema, vector3Schema]),
    species: z.array(z.string()),
    configurations: z.object({
      original: z.object({
        positions_A: z.array(vector3Schema),
        energy: z.object({ eV: z.object({ total: z.number() }) }),
      }),
    }),
  }),
});

describe('workflows on mofkernel', () => {
  let kernel: Kernel | null = null;
  let folder = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mofsim-workflows-'));
    if (NO_KERNEL === null) kernel = await startKernel({ path: locateKernel() });
  });

  afterAll(async () => {
    await kernel?.stop();
    rmSync(folder, { recursive: true });
  });

  async function optimize(
    running: Kernel,
    parameters: Record<string, unknown>,
    tools: Partial<TaskTools> = {},
    into = folder,
    file = MOF_5,
  ) {
    const [{ structure }] = parseStructure(readFileSync(file), file);
    const { result } = await runTask(
      {
        task_id: 'task_abcdefghijkl',
        task_type: 'optimization',
        model: 'uff4mof',
        parameters,
        structure,
        structure_name: basename(file, '.cif'),
        device: 'cpu',
        folder: into,
      },
      { kernel: running, signal: new AbortController().signal, reporter: new Reporter(() => undefined), ...tools },
    );
    return optimizationResultSchema.parse(result);
  }

  function energyOf(running: Kernel, structure: Structure, options: { dialect?: 'lammps_interface' } = {}) {
    const settings = {
      potential: potentialOf({ model: 'uff4mof' }, options),
      device: 'cpu',
      precision: 'float64' as const,
    };
    return evaluateStructure(running, structure, settings, { forces: true, stress: true });
  }

  it('the_optimized_file_has_the_energy_and_the_forces_of_the_result', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const result = await optimize(kernel, { fmax: 0.001 });
    expect(result).toMatchObject({ converged: true });
    expect(result.final_energy_eV).toBeLessThan(result.initial_energy_eV);
    // The framework is F m -3 m, and a relaxation along forces of that symmetry keeps it.
    expect(result).toMatchObject({ symmetry_kept: true, bond_changes: { n_broken: 0, n_formed: 0 } });
    expect(result.space_group_before).toEqual({ number: 225, symbol: 'F m -3 m' });

    const path = join(folder, 'optimized.cif');
    const [{ structure }] = parseStructure(readFileSync(path), path);
    const { energy_eV, forces_eV_A, stress_eV_A3 } = await energyOf(kernel, structure);
    // The file carries every digit, so only the order of summation may differ.
    expect(energy_eV).toBeCloseTo(result.final_energy_eV, 9);
    const largest = largestForce(forces_eV_A!);
    expect(largest).toBeLessThanOrEqual(0.001);
    expect(largest).toBeCloseTo(result.max_force_eV_A, 9);
    // At the minimum of energy over the cell the stress vanishes: the cell rows of the filter are below fmax too.
    const cellForce = Math.max(...stress_eV_A3!.map((row) => Math.hypot(...row))) * result.final_volume_A3!;
    expect(cellForce / structure.symbols.length).toBeLessThanOrEqual(0.001);
  });

  it('lbfgs_and_fire_find_the_same_minimum', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const lbfgs = await optimize(kernel, { relax_cell: false });
    const fire = await optimize(kernel, { relax_cell: false, optimizer: 'FIRE' });
    expect(fire.converged && lbfgs.converged).toBe(true);
    // Forces below f leave an energy error of about f^2 / k for a stiffness k; 1e-6 eV^2/A^2 over the softest 0.1 eV/A^2.
    expect(fire.final_energy_eV).toBeCloseTo(lbfgs.final_energy_eV, 5);
  });

  it('a_preempted_optimization_ends_with_the_bits_of_one_that_was_left_alone', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const parameters = { fmax: 1e-6, optimizer: 'FIRE', max_steps: 200, trajectory_interval: 7 };
    const [alone, twice] = [join(folder, 'alone'), join(folder, 'twice')];
    for (const path of [alone, twice]) mkdirSync(path);
    const expected = await optimize(kernel, parameters, {}, alone, NU_1000);

    const abort = new AbortController();
    const steps: number[] = [];
    const reporter = new Reporter((event) => {
      if (event.type !== 'step') return;
      steps.push(event.step);
      if (event.step === 20) abort.abort(new TaskPreempted());
    });
    const checkpointed = { checkpoint_interval_seconds: 60, reporter };
    const stopped = optimize(kernel, parameters, { ...checkpointed, signal: abort.signal }, twice, NU_1000);
    await expect(stopped).rejects.toThrow(TaskPreempted);
    const nBefore = steps.splice(0).length;
    expect(nBefore).toBeLessThan(expected.steps);
    expect(await optimize(kernel, parameters, checkpointed, twice, NU_1000)).toEqual(expected);
    expect(steps).toEqual(Array.from({ length: expected.steps + 1 }, (_, i) => i));
    const read = (path: string, file: string) => readFileSync(join(path, file), 'utf8');
    for (const file of ['trajectory.xyz', 'steps.csv']) expect(read(twice, file)).toBe(read(alone, file));
  });

  it('an_optimization_whose_time_is_over_keeps_its_last_structure', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const path = join(folder, 'late');
    mkdirSync(path);
    const endless = { fmax: 1e-6, optimizer: 'MDMin', max_steps: 100_000 };
    const late = optimize(kernel, endless, { deadline: new Deadline(0.2) }, path, NU_1000);
    await expect(late).rejects.toThrow(TaskTimedOut);
    const [{ structure }] = parseStructure(readFileSync(join(path, 'last.cif')), 'last.cif');
    expect(structure.symbols).toHaveLength(558);
    expect(existsSync(join(path, 'result.json'))).toBe(false);
  });

  it('atoms_of_the_mask_keep_their_places', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const [{ structure: start }] = parseStructure(readFileSync(MOF_5), MOF_5);
    await optimize(kernel, { mask: [0, 5], relax_cell: false });
    const path = join(folder, 'optimized.cif');
    const [{ structure: end }] = parseStructure(readFileSync(path), path);
    const hasMoved = (i: number) => distance(start.positions[i]!, end.positions[i]!) > 1e-6;
    expect([0, 5].filter(hasMoved)).toEqual([]);
    expect(start.symbols.map((_, i) => i).filter(hasMoved).length).toBeGreaterThan(50);
  });

  it('energies_agree_with_lammps_in_its_dialect', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    if (!existsSync(REFERENCE)) return skip('the shared reference data is not there');
    const { unit_cell } = referenceSchema.parse(JSON.parse(readFileSync(REFERENCE, 'utf8')));
    const { positions_A, energy } = unit_cell.configurations.original;
    const structure: Structure = {
      cell: unit_cell.cell_A,
      pbc: [true, true, true],
      symbols: unit_cell.species,
      positions: positions_A,
    };
    const { energy_eV } = await energyOf(kernel, structure, { dialect: 'lammps_interface' });
    expect(Math.abs(energy_eV / energy.eV.total - 1)).toBeLessThan(1e-4);
  });
});

function distance([x, y, z]: Vector3, [u, v, w]: Vector3): number {
  return Math.hypot(u - x, v - y, w - z);
}
