// Heat capacities on the real kernel: against phonopy with the same forces, classical limits, and what a stop leaves. Skipped where the
// kernel has not been built.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heatCapacityResultSchema } from '../../../contracts/results/heat-capacity.ts';
import type { TaskEvent } from '../../../contracts/event.ts';
import { startKernel } from '../../kernel-client/kernel.ts';
import type { Kernel } from '../../kernel-client/kernel.ts';
import { locateKernel } from '../../kernel-client/locate-kernel.ts';
import { NO_KERNEL } from '../../kernel-client/testing/real-kernel.ts';
import { referenceCrystal } from '../../phonons/test-data/phonopy-reference.ts';
import { parseStructure } from '../../structures/parse-structure.ts';
import { hasCheckpoints } from '../checkpoint-files.ts';
import { Deadline } from '../deadline.ts';
import { Reporter } from '../reporter.ts';
import { runTask } from '../run-task.ts';
import type { TaskTools } from '../run-task.ts';
import { TaskCancelled, TaskPreempted, TaskTimedOut } from '../task-failure.ts';

const SHARED = resolve(import.meta.dirname, '..', '..', '..', '..', 'shared', 'reference', 'mofsimbench');
const CADMIUM_FRAMEWORK = join(SHARED, 'structures', 'hcmof', 'RSM0030.cif');

/** A short cutoff: nine atoms, whose laws hold for any forces. */
const SMALL = { supercell: [1, 1, 1], mesh_length_A: 20, model_options: { cutoff_A: 4 } };
const DYNAMICS = {
  ...SMALL,
  method: 'md_fluctuation',
  temperature_range: [100, 150],
  temperature_step: 50,
  timestep_fs: 1,
  total_steps: 8000,
  equilibration_steps: 1000,
};

describe('heat capacities on mofkernel', () => {
  let kernel: Kernel | null = null;
  let root = '';
  const { structure: quartz } = referenceCrystal('quartz');

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'mofsim-heat-'));
    if (NO_KERNEL === null) kernel = await startKernel({ path: locateKernel() });
  });

  afterAll(async () => {
    await kernel?.stop();
    rmSync(root, { recursive: true });
  });

  async function compute(
    running: Kernel,
    name: string,
    parameters: Record<string, unknown>,
    { structure = quartz, ...tools }: Partial<TaskTools> & { structure?: typeof quartz } = {},
  ) {
    const folder = join(root, name);
    if (!existsSync(folder)) mkdirSync(folder);
    const { result } = await runTask(
      {
        task_id: 'task_abcdefghijkl',
        task_type: 'heat-capacity',
        model: 'uff4mof',
        parameters,
        structure,
        structure_name: 'crystal',
        device: 'cpu',
        folder,
      },
      { kernel: running, signal: new AbortController().signal, reporter: new Reporter(() => undefined), ...tools },
    );
    return heatCapacityResultSchema.parse(result);
  }

  it('of_a_framework_are_those_of_phonopy_with_the_same_forces', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const { crystal, structure } = referenceCrystal('Mg-MOF-74');
    const parameters = {
      supercell: crystal.repeats,
      mesh_length_A: crystal.mesh_length_A,
      relax_first: false,
      temperature_range: [100, 300],
      temperature_step: 200,
    };
    const result = await compute(kernel, 'framework', parameters, { structure });
    expect(result).toMatchObject({
      mesh: crystal.mesh,
      n_irreducible_q_points: crystal.n_irreducible_q_points,
      space_group: 'R -3',
      n_displacements: crystal.n_displaced_supercells / 2,
      n_imaginary_modes: 0,
      relaxation: null,
    });
    result.temperatures.forEach((temperature, i) => {
      const k = crystal.temperatures_k.indexOf(temperature);
      // phonopy chooses other directions of the displacements: what is left is their anharmonicity.
      expect((result.heat_capacities[i] ?? NaN) / (crystal.heat_capacities_J_mol_K[k] ?? NaN)).toBeCloseTo(1, 3.5);
      expect((result.entropies_J_mol_K?.[i] ?? NaN) / (crystal.entropies_J_mol_K[k] ?? NaN)).toBeCloseTo(1, 3);
    });
    for (const file of ['phonopy.yaml', 'FORCE_CONSTANTS', 'dos.csv', 'thermal.csv', 'report.html', 'structure.cif']) {
      expect(existsSync(join(root, 'framework', file)), file).toBe(true);
    }
    expect(result.warnings.join()).toContain('less than twice the cutoff');
  });

  it('of_phonons_reach_the_classical_limit_and_vanish_at_0_K', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const parameters = { ...SMALL, temperature_range: [0, 5000], temperature_step: 1000 };
    const result = await compute(kernel, 'limits', parameters);
    expect(result.heat_capacities[0]).toBe(0);
    // Above all Debye temperatures (37 THz is 1800 K): 1 - (h nu / kT)^2 / 12 for each mode; acoustic ones at gamma are left out.
    const counted = result.classical_limit_J_mol_K * (1 - 3 / (result.n_modes ?? NaN));
    const ratio = (result.heat_capacities.at(-1) ?? NaN) / counted;
    expect(ratio).toBeGreaterThan(0.985);
    expect(ratio).toBeLessThan(1);
    expect(result.heat_capacities).toEqual(result.heat_capacities.toSorted((a, b) => a - b));
    expect(result.relaxation?.converged).toBe(true);
  });

  it('of_a_structure_off_its_minimum_say_so_and_leave_imaginary_modes_out_openly', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const { cell } = quartz;
    if (cell === null) throw new TypeError();
    const squeezed = {
      ...quartz,
      cell: cell.map((row) => row.map((x) => 0.93 * x)) as typeof cell,
      positions: quartz.positions.map((position) => position.map((x) => 0.93 * x) as typeof position),
    };
    const result = await compute(kernel, 'off', { ...SMALL, relax_first: false }, { structure: squeezed });
    expect(result.n_imaginary_modes).toBeGreaterThan(0);
    expect(result.lowest_frequency_THz).toBe(result.imaginary_modes?.[0]?.frequency_THz);
    expect(result.warnings.join('\n')).toMatch(/not at a minimum[^]*modes are imaginary[^]*left out/);
  });

  it('keep_the_bonds_of_the_structure_as_given', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    if (!existsSync(CADMIUM_FRAMEWORK)) return skip('the shared reference data is not there');
    const [{ structure }] = parseStructure(readFileSync(CADMIUM_FRAMEWORK), CADMIUM_FRAMEWORK);
    // Relaxed, two oxygen atoms of different ligands are 1.34 A apart. Bonded to each other, they would feel 15 eV/A.
    const parameters = { supercell: [1, 1, 1], mesh_length_A: 0, fmax: 0.001, model_options: { fallback: 'uff' } };
    const result = await compute(kernel, 'bonds', parameters, { structure });
    expect(result.relaxation?.converged).toBe(true);
    expect(result.n_imaginary_modes).toBe(0);
    expect(result.warnings.join()).not.toContain('not at a minimum');
  });

  it('of_a_preempted_task_are_those_of_one_that_was_left_alone', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const expected = await compute(kernel, 'alone', SMALL);
    const abort = new AbortController();
    const reporter = new Reporter((event) => {
      if (event.type === 'stage' && event.stage === 'analyze') abort.abort(new TaskPreempted());
    });
    const checkpointed = { checkpoint_interval_seconds: 60 };
    const stopped = compute(kernel, 'twice', SMALL, { ...checkpointed, reporter, signal: abort.signal });
    await expect(stopped).rejects.toThrow(TaskPreempted);
    expect(await hasCheckpoints(join(root, 'twice'))).toBe(true);
    const events: TaskEvent[] = [];
    const log = new Reporter((event) => events.push(event));
    expect(await compute(kernel, 'twice', SMALL, { ...checkpointed, reporter: log })).toEqual(expected);
    expect(
      events.some((event) => event.type === 'log' && event.message.includes('finished by an earlier attempt')),
    ).toBe(true);
    expect(await hasCheckpoints(join(root, 'twice'))).toBe(false);
  });

  it('of_a_task_whose_time_is_over_leave_the_relaxed_structure', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    let isOver = false;
    const deadline = new Deadline(60, { monotonic: () => (isOver ? 1e9 : 0) });
    const reporter = new Reporter((event) => {
      if (event.type === 'stage' && event.stage === 'analyze') isOver = true;
    });
    await expect(compute(kernel, 'late', SMALL, { deadline, reporter })).rejects.toThrow(TaskTimedOut);
    expect(parseStructure(readFileSync(join(root, 'late', 'relaxed.cif')), 'relaxed.cif')).toHaveLength(1);
    expect(existsSync(join(root, 'late', 'FORCE_CONSTANTS'))).toBe(true);
    expect(existsSync(join(root, 'late', 'result.json'))).toBe(false);
  });

  it('end_when_the_user_cancels', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const abort = new AbortController();
    const reporter = new Reporter((event) => {
      if (event.type === 'stage' && event.stage === 'analyze') abort.abort();
    });
    await expect(compute(kernel, 'cancelled', SMALL, { reporter, signal: abort.signal })).rejects.toThrow(
      TaskCancelled,
    );
  });

  it('refuse_a_mesh_that_no_one_waits_for', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    await expect(compute(kernel, 'mesh', { ...SMALL, mesh_length_A: 1000 })).rejects.toThrow(/mesh_length_A 1000/);
  });

  it('by_fluctuations_are_classical_and_the_same_after_a_preemption', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const expected = await compute(kernel, 'dynamics', DYNAMICS, { checkpoint_interval_seconds: 60 });
    // Moving the crystal as a whole costs no energy: 1.5 k of 27 k are missing, and quartz is not quite harmonic.
    const limit = expected.classical_limit_J_mol_K;
    expected.heat_capacities.forEach((value, i) => {
      const error = expected.heat_capacity_errors_J_mol_K?.[i] ?? NaN;
      expect(error).toBeLessThan(0.2 * limit);
      expect(Math.abs(value - limit)).toBeLessThan(4 * error + 0.1 * limit);
    });
    expect(expected.warnings.join()).toContain('classical');

    const abort = new AbortController();
    const reporter = new Reporter((event) => {
      if (event.type === 'step' && event.step > 5000) abort.abort(new TaskPreempted());
    });
    const tools = { checkpoint_interval_seconds: 60 };
    const stopped = compute(kernel, 'again', DYNAMICS, { ...tools, reporter, signal: abort.signal });
    await expect(stopped).rejects.toThrow(TaskPreempted);
    const steps: number[] = [];
    const log = new Reporter((event) => {
      if (event.type === 'step') steps.push(event.step);
    });
    expect(await compute(kernel, 'again', DYNAMICS, { ...tools, reporter: log })).toEqual(expected);
    expect(steps[0]).toBeGreaterThan(4000);
    // And without segments.
    expect((await compute(kernel, 'unkept', DYNAMICS)).heat_capacities).toEqual(expected.heat_capacities);
  });
});
