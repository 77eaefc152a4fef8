// The workflow on the real kernel. Skipped where it has not been built.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../../contracts/event.ts';
import { stabilityResultSchema } from '../../../contracts/results/stability.ts';
import type { StabilityResult } from '../../../contracts/results/stability.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { startKernel } from '../../kernel-client/kernel.ts';
import type { Kernel } from '../../kernel-client/kernel.ts';
import { locateKernel } from '../../kernel-client/locate-kernel.ts';
import { NO_KERNEL } from '../../kernel-client/testing/real-kernel.ts';
import { parseStructure } from '../../structures/parse-structure.ts';
import { Deadline } from '../deadline.ts';
import { Reporter } from '../reporter.ts';
import { runTask } from '../run-task.ts';
import type { TaskTools } from '../run-task.ts';
import { isCancellation, TaskPreempted, TaskTimedOut } from '../task-failure.ts';

const STRUCTURES = resolve(import.meta.dirname, '..', '..', '..', 'resources', 'structures');
const SHORT = { total_steps: 600, equilibration_steps: 50, trajectory_interval: 10, sample_interval: 5 };

function builtIn(name: string): Structure {
  const path = join(STRUCTURES, `${name}.cif`);
  return parseStructure(readFileSync(path), path)[0].structure;
}

describe.skipIf(NO_KERNEL !== null)('stability on mofkernel', () => {
  let kernel: Kernel;
  let root = '';
  let mof5: Structure;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'mofsim-stability-'));
    mof5 = builtIn('MOF-5_primitive');
    kernel = await startKernel({ path: locateKernel() });
  });

  afterAll(async () => {
    await kernel.stop();
    rmSync(root, { recursive: true });
  });

  function folderOf(name: string): string {
    const folder = join(root, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async function run(
    name: string,
    parameters: Record<string, unknown>,
    tools: Partial<TaskTools> = {},
    structure = mof5,
  ): Promise<StabilityResult> {
    const { result } = await runTask(
      {
        task_id: 'task_abcdefghijkl',
        task_type: 'stability',
        model: 'uff4mof',
        parameters,
        structure,
        structure_name: 'MOF-5_primitive',
        device: 'cpu',
        folder: folderOf(name),
      },
      { kernel, signal: new AbortController().signal, reporter: new Reporter(() => undefined), ...tools },
    );
    return stabilityResultSchema.parse(result);
  }

  /** Preempted at the first event that fits; then gone on with until the end. */
  async function interrupted(
    name: string,
    parameters: Record<string, unknown>,
    fits: (event: TaskEvent) => boolean,
    between: (folder: string) => void = () => undefined,
  ): Promise<{ result: StabilityResult; steps: number[]; wentOn: boolean }> {
    const abort = new AbortController();
    const first = new Reporter((event) => {
      if (fits(event)) abort.abort(new TaskPreempted());
    });
    const stopped = run(name, parameters, {
      signal: abort.signal,
      reporter: first,
      checkpoint_interval_seconds: 60,
    });
    // A request that was not sent yet is cancelled; one that runs ends as preempted. The runner of tasks takes both alike.
    await expect(stopped).rejects.toSatisfy((error) => error instanceof TaskPreempted || isCancellation(error));
    between(folderOf(name));
    const events: TaskEvent[] = [];
    const second = new Reporter((event) => events.push(event));
    const result = await run(name, parameters, { reporter: second, checkpoint_interval_seconds: 60 });
    return { result, ...told(events) };
  }

  function told(events: readonly TaskEvent[]): { steps: number[]; wentOn: boolean } {
    return {
      steps: events.flatMap((event) => (event.type === 'step' ? [event.step] : [])),
      wentOn: events.some((event) => event.type === 'log' && /^Running .* from step \d+$/.test(event.message)),
    };
  }

  it('a_framework_that_holds_is_stable_and_its_files_are_there', async () => {
    const result = await run('alone', SHORT);
    expect(result).toMatchObject({ stable: true, end_state: 'completed', n_atoms: 106, n_frames: 61, n_samples: 121 });
    expect(result.criteria.map(({ name }) => name)).toEqual([
      'dynamics',
      'rmsd_A',
      'coordination_change',
      'broken_bonds',
    ]);
    expect(result.coordination).toEqual([{ element: 'Zn', n_atoms: 8, first: 4, relaxed: 4, last: 4 }]);
    expect(result.series.time_ps.at(-1)).toBeCloseTo(0.6, 12);
    expect(result.relaxation).toMatchObject({ converged: true });
    expect(readdirSync(folderOf('alone')).sort()).toEqual([
      'bond_events.csv',
      'final.cif',
      'rdf.csv',
      'relaxed.cif',
      'report.html',
      'result.json',
      'samples.csv',
      'series.csv',
      'task.json',
      'trajectory.mofj',
      'trajectory.xyz',
    ]);
  });

  it('the_series_is_what_the_kernel_wrote_into_the_trajectory', async () => {
    const { series } = await run('alone', SHORT);
    const text = readFileSync(join(folderOf('alone'), 'trajectory.xyz'), 'utf8');
    const numbers = (key: string) =>
      [...text.matchAll(new RegExp(` ${key}=(\\S+)`, 'g'))].map(([, value]) => Number(value));
    expect(series.temperature_k).toEqual(numbers('temperature_k'));
    expect(series.potential_energy_eV).toEqual(numbers('energy'));
    expect(series.time_ps).toEqual(numbers('time_fs').map((time) => time / 1000));
    expect(series.pressure_GPa).toEqual(numbers('pressure_eV_A3').map((pressure) => pressure * GPA_PER_EV_A3));
  });

  it('a_vibrating_bond_is_where_the_force_field_has_it', async () => {
    const { rdf } = await run('alone', SHORT);
    const bond = rdf.find(({ pair }) => pair.join('-') === 'Zn-O');
    const highest = bond?.g.indexOf(Math.max(...bond.g)) ?? 0;
    // Zn-O in MOF-5: 1.93 to 1.96 A (Li et al., Nature 402, 276 (1999)).
    expect(bond?.distances_A[highest]).toBeGreaterThan(1.85);
    expect(bond?.distances_A[highest]).toBeLessThan(2.05);
  });

  it.each<[string, (event: TaskEvent) => boolean]>([
    ['relaxation', (event) => event.type === 'stage' && event.stage === 'relax'],
    ['equilibration', (event) => event.type === 'stage' && event.stage === 'equilibrate'],
    ['run', (event) => event.type === 'step' && event.step === 50],
  ])('stopped_in_the_%s_it_ends_with_the_bits_of_a_run_that_was_left_alone', async (stage, fits) => {
    const expected = await run('left-alone', SHORT);
    const { result, steps, wentOn } = await interrupted(`stopped-${stage}`, SHORT, fits);
    expect(result).toEqual(expected);
    expect(wentOn).toBe(stage === 'run');
    // Whoever watches hears every step, those of the first attempt once more.
    expect(steps).toEqual(Array.from({ length: 121 }, (_, i) => 5 * i));
    const read = (name: string, file: string) => readFileSync(join(folderOf(name), file));
    expect(readdirSync(folderOf(`stopped-${stage}`))).toEqual(readdirSync(folderOf('left-alone')));
    for (const file of ['samples.csv', 'trajectory.xyz', 'trajectory.mofj', 'rdf.csv', 'final.cif'])
      expect(read(`stopped-${stage}`, file).equals(read('left-alone', file))).toBe(true);
  });

  it('begins_the_run_anew_when_its_samples_do_not_reach_the_checkpoint', async () => {
    const expected = await run('left-alone', SHORT);
    const atStep = (event: TaskEvent) => event.type === 'step' && event.step === 50;
    const { result, wentOn } = await interrupted('lost-samples', SHORT, atStep, (folder) => {
      truncateSync(join(folder, 'samples.csv'), 500);
    });
    expect(result).toEqual(expected);
    expect(wentOn).toBe(false);
  });

  it('goes_on_with_another_kernel_when_the_first_was_killed', async () => {
    const expected = await run('left-alone', SHORT);
    const doomed = await startKernel({ path: locateKernel() });
    const reporter = new Reporter((event) => {
      if (event.type === 'step' && event.step === 50) process.kill(doomed.pid, 'SIGKILL');
    });
    const first = run('killed', SHORT, { kernel: doomed, reporter, checkpoint_interval_seconds: 0.001 });
    await expect(first).rejects.toMatchObject({ code: 'crashed' });
    const events: TaskEvent[] = [];
    const second = { reporter: new Reporter((event) => events.push(event)), checkpoint_interval_seconds: 60 };
    expect(await run('killed', SHORT, second)).toEqual(expected);
    expect(told(events).wentOn).toBe(true);
  });

  it('repeats_a_small_cell_and_shows_its_first_image', async () => {
    const frames: number[] = [];
    const reporter = new Reporter((event) => {
      if (event.type === 'frame') frames.push(event.positions.length);
    });
    const parameters = { ...SHORT, total_steps: 20, equilibration_steps: 0, supercell: [2, 1, 1], relax_first: false };
    const result = await run('repeated', parameters, { reporter });
    expect(result).toMatchObject({ n_atoms: 212, supercell: [2, 1, 1], relaxation: null });
    expect(result.coordination).toEqual([{ element: 'Zn', n_atoms: 16, first: 4, relaxed: null, last: 4 }]);
    expect(new Set(frames)).toEqual(new Set([106]));
    expect(result.warnings.join(' ')).toMatch(/no equilibration/);
  });

  it('at_constant_pressure_the_volume_is_judged', async () => {
    const parameters = { ...SHORT, ensemble: 'NPT', barostat_time_fs: 100, max_volume_drift_percent: 1e-6 };
    const result = await run('npt', parameters);
    expect(result.volume_drift_percent).toBeCloseTo(100 * (result.last_volume_A3! / result.first_volume_A3! - 1), 12);
    expect(result.criteria.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual(['volume_drift_percent']);
    expect(result.stable).toBe(false);
    // An isotropic barostat keeps the angles.
    expect(result.lattice_last?.alpha).toBeCloseTo(result.lattice_first!.alpha, 9);
    expect(result.lattice_last?.a).not.toBe(result.lattice_first?.a);
  });

  it('a_run_that_diverges_is_a_verdict_and_not_a_failure', async () => {
    const parameters = {
      ...SHORT,
      equilibration_steps: 0,
      timestep_fs: 10,
      temperature_k: 5000,
      trajectory_interval: 1,
    };
    const result = await run('diverged', parameters);
    expect(result).toMatchObject({ stable: false, end_state: 'diverged' });
    expect(result.criteria[0]).toMatchObject({ name: 'dynamics', value: result.steps, limit: 600, passed: false });
    expect(result.steps).toBeLessThan(600);
    expect(result.final_structure.file_url).toMatch(/last_good\.cif$/);
    expect(result.warnings.join(' ')).toMatch(/diverged after/);
  });

  it('an_equilibration_that_diverges_leaves_nothing_to_judge', async () => {
    const parameters = { ...SHORT, equilibration_steps: 200, timestep_fs: 10, temperature_k: 5000 };
    await expect(run('unstable', parameters)).rejects.toMatchObject({ taskError: { type: 'MDUnstable' } });
    expect(readdirSync(folderOf('unstable'))).toContain('last_good.cif');
  });

  it('a_run_whose_time_is_over_keeps_what_it_has', async () => {
    const endless = { ...SHORT, total_steps: 1_000_000 };
    await expect(run('late', endless, { deadline: new Deadline(1) })).rejects.toThrow(TaskTimedOut);
    const files = readdirSync(folderOf('late'));
    for (const file of ['last.cif', 'samples.csv', 'trajectory.xyz']) expect(files).toContain(file);
    expect(files).not.toContain('result.json');
  });

  it('a_layer_has_a_lattice_and_no_volume', async () => {
    const graphene: Structure = {
      cell: [
        [2.46, 0, 0],
        [-1.23, 2.1304224933, 0],
        [0, 0, 20],
      ],
      pbc: [true, true, false],
      symbols: ['C', 'C'],
      positions: [
        [0, 0, 10],
        [0, 1.4202816622, 10],
      ],
    };
    const result = await run('layer', { ...SHORT, total_steps: 20 }, {}, graphene);
    expect(result).toMatchObject({ first_volume_A3: null, last_volume_A3: null, mean_volume_A3: null, rdf: [] });
    // At least 12 A between opposite edges, and never more than one cell along the direction that is not periodic.
    expect(result).toMatchObject({ supercell: [6, 6, 1], n_atoms: 72, n_bonds_first: 108, n_framework_atoms: 72 });
    expect(result.lattice_last).toEqual(result.lattice_first);
    expect(result.lattice_last?.a).toBeCloseTo(6 * 2.46, 9);
  });

  it('a_molecule_has_no_volume_and_no_distribution', async () => {
    const water: Structure = {
      cell: null,
      pbc: [false, false, false],
      symbols: ['O', 'H', 'H'],
      positions: [
        [0, 0, 0],
        [0.96, 0, 0],
        [-0.24, 0.93, 0],
      ],
    };
    const result = await run('molecule', { ...SHORT, model_options: { fallback: 'uff' } }, {}, water);
    expect(result).toMatchObject({ mean_volume_A3: null, mean_pressure_GPa: null, rdf: [], coordination: [] });
    expect(result.n_framework_atoms).toBe(3);
  });
});
