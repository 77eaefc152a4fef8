// Saddles on the real kernel: a crystal whose double well is known. Skipped where the kernel has not been built.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heatCapacityParametersSchema, heatCapacityResultSchema } from '../../../contracts/results/heat-capacity.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { startKernel } from '../../kernel-client/kernel.ts';
import type { Kernel } from '../../kernel-client/kernel.ts';
import { locateKernel } from '../../kernel-client/locate-kernel.ts';
import { NO_KERNEL } from '../../kernel-client/testing/real-kernel.ts';
import { referenceCrystal } from '../../phonons/test-data/phonopy-reference.ts';
import { Reporter } from '../reporter.ts';
import { runTask } from '../run-task.ts';
import type { TaskTools } from '../run-task.ts';
import { TaskPreempted } from '../task-failure.ts';

/**
 * The C9 structure of cristobalite, Fd-3m, with straight Si-O-Si: every oxygen atom stands on the top between the places around the line, and the
 * crystal gains energy by turning its tetrahedra, at gamma to I-42d (Wright and Leadbetter, Philos. Mag. 31, 1391 (1975)).
 */
const A = 7.16;
const STRAIGHT_CRISTOBALITE: Structure = {
  cell: [
    [0, A / 2, A / 2],
    [A / 2, 0, A / 2],
    [A / 2, A / 2, 0],
  ],
  pbc: [true, true, true],
  symbols: ['Si', 'Si', 'O', 'O', 'O', 'O'],
  positions: [
    [A / 8, A / 8, A / 8],
    [(-1 * A) / 8, (-1 * A) / 8, (-1 * A) / 8],
    [0, 0, 0],
    [0, A / 4, A / 4],
    [A / 4, 0, A / 4],
    [A / 4, A / 4, 0],
  ],
};
const SMALL = { supercell: [1, 1, 1], mesh_length_A: 0, model_options: { cutoff_A: 4 } };

describe('following imaginary modes', () => {
  let kernel: Kernel | null = null;
  let root = '';

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'mofsim-follow-'));
    if (NO_KERNEL === null) kernel = await startKernel({ path: locateKernel() });
  });

  afterAll(async () => {
    await kernel?.stop();
    rmSync(root, { recursive: true });
  });

  async function compute(
    running: Kernel,
    name: string,
    follow_imaginary_modes: number,
    { structure = STRAIGHT_CRISTOBALITE, ...tools }: Partial<TaskTools> & { structure?: Structure } = {},
  ) {
    const folder = join(root, name);
    mkdirSync(folder, { recursive: true });
    const { result } = await runTask(
      {
        task_id: 'task_abcdefghijkl',
        task_type: 'heat-capacity',
        model: 'uff4mof',
        parameters: { ...SMALL, follow_imaginary_modes },
        structure,
        structure_name: 'crystal',
        device: 'cpu',
        folder,
      },
      { kernel: running, signal: new AbortController().signal, reporter: new Reporter(() => undefined), ...tools },
    );
    return heatCapacityResultSchema.parse(result);
  }

  it('leads_from_the_top_of_the_double_well_of_cristobalite_to_a_minimum', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const top = await compute(kernel, 'top', 0);
    expect(top).toMatchObject({ space_group: 'F d -3 m', n_imaginary_modes: 3, followed_modes: null });
    expect(top.warnings.join()).toContain('follow_imaginary_modes');
    const minimum = await compute(kernel, 'minimum', 5);
    expect(minimum).toMatchObject({ space_group: 'I -4 2 d', n_imaginary_modes: 0 });
    const [followed, ...others] = minimum.followed_modes ?? [];
    expect(others).toEqual([]);
    expect(followed).toMatchObject({ frequency_THz: top.lowest_frequency_THz, converged: true, accepted: true });
    // What the result says of the energy is what both relaxations say of it.
    const gain = (minimum.relaxation?.energy_eV ?? NaN) - (top.relaxation?.energy_eV ?? NaN);
    expect(gain).toBeLessThan(-0.1);
    expect(followed?.energy_change_eV).toBeCloseTo(gain, 9);
    expect(minimum.heat_capacities[0]).toBeGreaterThan(top.heat_capacities[0] ?? NaN);
    expect(minimum.warnings.join()).not.toContain('imaginary');
    expect(readFileSync(join(root, 'minimum', 'report.html'), 'utf8')).toContain('Followed: -9.04');
  });

  it('says_when_its_rounds_are_over', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    // Two cells of it along one vector: more vibrations keep this cell, and one round does not end them all.
    const [a, b, c] = STRAIGHT_CRISTOBALITE.cell ?? [];
    if (a === undefined || b === undefined || c === undefined) throw new TypeError();
    const doubled: Structure = {
      ...STRAIGHT_CRISTOBALITE,
      cell: [[2 * a[0], 2 * a[1], 2 * a[2]], b, c],
      symbols: [...STRAIGHT_CRISTOBALITE.symbols, ...STRAIGHT_CRISTOBALITE.symbols],
      positions: [
        ...STRAIGHT_CRISTOBALITE.positions,
        ...STRAIGHT_CRISTOBALITE.positions.map(([x, y, z]): [number, number, number] => [x + a[0], y + a[1], z + a[2]]),
      ],
    };
    const once = await compute(kernel, 'once', 1, { structure: doubled });
    expect(once.followed_modes).toHaveLength(1);
    const often = await compute(kernel, 'often', 20, { structure: doubled });
    expect(often.n_imaginary_modes).toBe(0);
    expect(often.relaxation?.energy_eV).toBeLessThanOrEqual((once.relaxation?.energy_eV ?? NaN) + 1e-6);
  });

  it('leaves_a_minimum_as_it_is', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const { structure } = referenceCrystal('quartz');
    const { followed_modes, ...result } = await compute(kernel, 'quartz', 5, { structure });
    const { followed_modes: none, ...expected } = await compute(kernel, 'quartz-0', 0, { structure });
    expect(result).toEqual(expected);
    expect([followed_modes, none]).toEqual([[], null]);
  });

  it('of_a_preempted_task_ends_as_if_it_had_been_left_alone', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const expected = await compute(kernel, 'alone', 5);
    const abort = new AbortController();
    const reporter = new Reporter((event) => {
      if (event.type === 'stage' && event.stage === 'analyze') abort.abort(new TaskPreempted());
    });
    const checkpointed = { checkpoint_interval_seconds: 60 };
    const stopped = compute(kernel, 'twice', 5, { ...checkpointed, reporter, signal: abort.signal });
    await expect(stopped).rejects.toThrow(TaskPreempted);
    expect(await compute(kernel, 'twice', 5, checkpointed)).toEqual(expected);
  });

  it('is_refused_where_there_is_no_relaxation_or_no_phonon', () => {
    for (const asked of [{ relax_first: false }, { method: 'md_fluctuation' }]) {
      const { success, error } = heatCapacityParametersSchema.safeParse({ follow_imaginary_modes: 3, ...asked });
      expect(success).toBe(false);
      expect(error?.message).toContain('needs a relaxation');
    }
  });
});
