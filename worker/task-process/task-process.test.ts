// The real task process, forked, with the stand-in kernel behind it.
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { optimizationResultSchema } from '../../contracts/results/optimization.ts';
import { singlePointEnergyResultSchema } from '../../contracts/results/single-point-energy.ts';
import { TASK_ID, TestBench } from './testing/test-slot.ts';

let bench: TestBench;

beforeEach(() => {
  bench = new TestBench();
});

afterEach(async () => {
  await bench.remove();
});

describe('task process', () => {
  it('an_optimization_ends_with_complete_files_and_every_step', async () => {
    const slot = bench.start();
    expect(await slot.until(({ type }) => type === 'ready')).toMatchObject({ kernel_version: '0.0.0-stand-in' });
    slot.send(bench.runMessage({ trajectory_interval: 3 }));
    expect(await slot.end()).toMatchObject({ type: 'completed' });

    const result = optimizationResultSchema.parse(bench.readJson('result.json'));
    // 0.08 eV/A halved seven times is the first value below 0.001.
    expect(result).toMatchObject({ converged: true, steps: 7, warnings: ['the toy system warns'] });
    expect(result.max_force_history).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => 0.08 / 2 ** n));
    expect(result.final_structure.file_url).toBe(`/files/${TASK_ID}/optimized.cif`);
    expect(result.volume_change_percent).toBeCloseTo(0, 12);
    // Every atom moves alike, and a common translation is no displacement.
    expect(result.rmsd_from_initial).toBeCloseTo(0, 12);

    const visible = readdirSync(bench.folder).filter((name) => !name.startsWith('.') && name !== 'mofkernel');
    expect(visible.sort()).toEqual([
      'optimized.cif',
      'report.html',
      'result.json',
      'steps.csv',
      'task.json',
      'trajectory.xyz',
    ]);
    expect(readdirSync(bench.folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(slot.events().flatMap((event) => (event.type === 'stage' ? [event.stage] : []))).toEqual([
      'relax',
      'analyze',
    ]);
    const frames = readFileSync(bench.path('trajectory.xyz'), 'utf8').match(/step=\d+/g);
    expect(frames).toEqual(['step=0', 'step=3', 'step=6', 'step=7']);
    expect(readFileSync(bench.path('steps.csv'), 'utf8').trim().split('\n')).toHaveLength(9);
    expect(readFileSync(bench.path('report.html'), 'utf8')).toContain('Optimization of toy &lt;crystal&gt;');
    expect(bench.readJson('task.json')).toMatchObject({
      potential: { kind: 'uff4mof', options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none' } },
      parameters: { optimizer: 'LBFGS', trajectory_interval: 3, precision: 'float64' },
      versions: { mofkernel: '0.0.0-stand-in' },
    });

    const events = slot.events();
    expect(slot.steps()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const progress = events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(100);
    expect(events.findLast((event) => event.type === 'frame')).toMatchObject({ step: 7 });
    expect(events.filter((event) => event.type === 'log' && event.level === 'WARNING')).toHaveLength(1);
  });

  it('a_single_point_energy_has_forces_stress_and_a_report', async () => {
    const slot = bench.start();
    slot.send(bench.runMessage({}, { task_type: 'single-point-energy' }));
    expect(await slot.end()).toMatchObject({ type: 'completed' });
    const result = singlePointEnergyResultSchema.parse(bench.readJson('result.json'));
    // Two springs of 1 eV/A^2 stretched by 0.08 A.
    expect(result.energy_eV).toBeCloseTo(0.0064, 12);
    expect(result.forces_eV_A).toEqual([
      [0.08, 0, 0],
      [0.08, 0, 0],
    ]);
    expect(result.stress_GPa).toHaveLength(3);
    expect(existsSync(bench.path('report.html'))).toBe(true);
  });

  it('a_relaxation_that_stops_at_max_steps_completes_and_says_not_converged', async () => {
    const slot = bench.start();
    slot.send(bench.runMessage({ max_steps: 2 }));
    expect(await slot.end()).toMatchObject({ type: 'completed' });
    const result = optimizationResultSchema.parse(bench.readJson('result.json'));
    expect(result).toMatchObject({ converged: false, steps: 2 });
    expect(result.warnings.at(-1)).toMatch(/^Not converged: after 2 steps/);
    const warnings = slot.events().filter((event) => event.type === 'log' && event.level === 'WARNING');
    expect(warnings.at(-1)).toMatchObject({ message: result.warnings.at(-1) });
  });

  it('a_divergence_fails_and_keeps_the_last_good_structure', async () => {
    const slot = bench.start('--diverge-at-step=3');
    slot.send(bench.runMessage({}));
    expect(await slot.end()).toMatchObject({
      type: 'failed',
      error: { type: 'OptimizationDiverged', details: { steps: 3, file: 'last_good.cif' } },
    });
    expect(readFileSync(bench.path('last_good.cif'), 'utf8')).toContain('_cell_length_a 5');
    expect(existsSync(bench.path('result.json'))).toBe(false);
    expect(existsSync(bench.path('trajectory.xyz'))).toBe(true);
  });

  it('a_cancelled_task_stops_between_two_steps_and_the_slot_lives_on', async () => {
    const slot = bench.start('--never-converge', '--step-ms=1');
    slot.send(bench.runMessage({ max_steps: 100_000 }));
    await slot.until((message) => message.type === 'events' && message.events.some(({ type }) => type === 'step'));
    slot.send({ type: 'cancel', task_id: TASK_ID });
    expect(await slot.end()).toEqual({ type: 'cancelled', task_id: TASK_ID });
    expect(existsSync(bench.path('result.json'))).toBe(false);

    const next = 'task_mnopqrstuvwx';
    slot.send(bench.runMessage({ max_steps: 3 }, { task_id: next }));
    expect(await slot.end(next)).toMatchObject({ type: 'completed' });
  });

  it('a_kernel_crash_fails_one_task_and_the_next_gets_a_new_kernel', async () => {
    const slot = bench.start('--crash-at-step=2');
    slot.send(bench.runMessage({}));
    expect(await slot.end()).toMatchObject({
      type: 'failed',
      error: { type: 'KernelCrashed', details: { signal: 'SIGSEGV' } },
    });
    const next = 'task_mnopqrstuvwx';
    slot.send(bench.runMessage({}, { task_id: next, task_type: 'single-point-energy' }));
    expect(await slot.end(next)).toMatchObject({ type: 'completed' });
  });

  it.each([
    ['an atom that cannot be typed', ['--error=atom_typing'], {}, 'AtomTypingError'],
    ['no memory', ['--error=out_of_memory'], {}, 'MemoryError'],
    ['an energy that is not finite', ['--nan'], { task_type: 'single-point-energy' as const }, 'StructureError'],
    ['garbage from the kernel', ['--garbage-at-step=1'], {}, 'KernelCrashed'],
    ['an optimizer that there is not', [], { parameters: { optimizer: 'SteepestDescent' } }, 'ModelError'],
    ['an unknown parameter', [], { parameters: { fmaxx: 1 } }, 'ModelError'],
    ['an unknown model', [], { model: 'mace' }, 'ModelError'],
  ])('fails_with_a_type: %s', async (_name, behavior, changes, type) => {
    const slot = bench.start(...behavior);
    slot.send(bench.runMessage({}, changes));
    expect(await slot.end()).toMatchObject({ type: 'failed', error: { type } });
  });

  it('it_ends_when_the_service_is_gone', async () => {
    const slot = bench.start('--never-converge', '--step-ms=1');
    slot.send(bench.runMessage({ max_steps: 100_000 }));
    await slot.until(({ type }) => type === 'started');
    const exit = once(slot.child, 'exit');
    slot.child.disconnect();
    expect(await exit).toEqual([0, null]);
  });

  it('it_ends_with_a_reason_when_there_is_no_kernel', async () => {
    const { child } = bench.start('--exit-at-start');
    const words: string[] = [];
    child.stderr!.setEncoding('utf8').on('data', (text: string) => words.push(text));
    expect(await once(child, 'exit')).toEqual([3, null]);
    expect(words.join('')).toContain('libcudart');
  });
});
