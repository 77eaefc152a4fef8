import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { singlePointEnergyResultSchema } from '../../../contracts/results/single-point-energy.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { startKernel } from '../../kernel-client/kernel.ts';
import { locateKernel } from '../../kernel-client/locate-kernel.ts';
import { givenFilename } from '../../structures/given-file.ts';
import { writeExtendedXyz } from '../../structures/extended-xyz.ts';
import { parseStructure } from '../../structures/parse-structure.ts';
import { Reporter } from '../reporter.ts';
import { runTask } from '../run-task.ts';
import { batchesOf, findFailing, readFrames } from './frames.ts';

/** Argon atoms in a row, in a cube or free. */
function argon(n: number, distance: number, isPeriodic = true): Structure {
  return {
    cell: isPeriodic
      ? [
          [20, 0, 0],
          [0, 20, 0],
          [0, 0, 20],
        ]
      : null,
    pbc: [isPeriodic, isPeriodic, isPeriodic],
    symbols: Array.from({ length: n }, () => 'Ar'),
    positions: Array.from({ length: n }, (_, i) => [distance * i, 0, 0]),
  };
}

const FRAMES = [argon(2, 3.8), argon(3, 4), argon(1, 1), argon(2, 4.2, false)];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-frames-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('frames of a single-point energy', () => {
  it('batches_keep_the_order_and_hold_so_many_atoms', () => {
    const sizes = (atoms: number) =>
      batchesOf(
        FRAMES.map((structure) => ({ structure })),
        atoms,
      ).map((batch) => batch.map(({ structure }) => structure.symbols.length));
    expect(sizes(100)).toEqual([[2, 3, 1, 2]]);
    expect(sizes(4)).toEqual([[2], [3, 1], [2]]);
    expect(sizes(1)).toEqual([[2], [3], [1], [2]]);
  });

  it.each([0, 1, 2, 6])('the_one_that_fails_is_found_by_halves: %i', async (bad) => {
    let nAsked = 0;
    const fail = (part: readonly number[]): Promise<boolean> => {
      nAsked += 1;
      return Promise.resolve(part.includes(bad));
    };
    expect(await findFailing([0, 1, 2, 3, 4, 5, 6], fail)).toBe(bad);
    expect(nAsked).toBeLessThanOrEqual(3);
  });

  it('without_a_file_the_one_structure_is_the_only_frame', async () => {
    const first = { name: 'alone', structure: argon(2, 4) };
    expect(await readFrames(folder, first)).toEqual([first]);
  });

  it('every_structure_has_the_energy_that_it_has_alone', async ({ skip }) => {
    const kernel = await startKernel({ path: pathOr(skip) });
    try {
      const run = async (structure: Structure, parameters: Record<string, unknown>) => {
        const task = {
          task_id: 'task_abcdefghijkl',
          task_type: 'single-point-energy' as const,
          model: 'uff4mof',
          parameters,
          structure,
          structure_name: 'argon',
          device: 'cpu',
          folder,
        };
        const signal = new AbortController().signal;
        const { result } = await runTask(task, { kernel, signal, reporter: new Reporter(() => undefined) });
        return singlePointEnergyResultSchema.parse(result);
      };
      const alone: Awaited<ReturnType<typeof run>>[] = [];
      for (const structure of FRAMES) alone.push(await run(structure, {}));
      writeFileSync(join(folder, givenFilename('xyz')), FRAMES.map(writeExtendedXyz).join(''));
      const together = await run(FRAMES[0]!, { all_frames: true, compute_per_atom: true });

      expect(together.frames?.map(({ n_atoms }) => n_atoms)).toEqual([2, 3, 1, 2]);
      together.frames?.forEach(({ energy_eV, max_force_eV_A }, i) => {
        expect(energy_eV).toBeCloseTo(alone[i]!.energy_eV, 12);
        expect(max_force_eV_A).toBeCloseTo(alone[i]!.max_force_eV_A!, 12);
      });
      expect(together.energy_eV).toBeCloseTo(alone[0]!.energy_eV, 12);
      const [first, second] = together.energies_per_atom_eV!;
      // Two equal atoms share their pair.
      expect(first).toBeCloseTo(together.energy_eV / 2, 12);
      expect(second).toBeCloseTo(together.energy_eV / 2, 12);
      expect(together.frames?.[3]).toMatchObject({ stress_GPa: null });
      expect(together.warnings.join(' ')).toContain('1 of 4 structures');
      expect(parseStructure(readFileSync(join(folder, 'frames.xyz')), 'frames.xyz')).toHaveLength(4);
      expect(readFileSync(join(folder, 'frames.csv'), 'utf8').trim().split('\n')).toHaveLength(5);
      const bare: Structure = { ...argon(2, 2.1), symbols: ['Zr', 'O'] };
      writeFileSync(join(folder, givenFilename('xyz')), [...FRAMES, bare].map(writeExtendedXyz).join(''));
      await expect(run(FRAMES[0]!, { all_frames: true })).rejects.toMatchObject({
        message: expect.stringContaining('Structure 4 of the file (frame 5)') as string,
        details: { frame_index: 4, element: 'Zr' },
      });
    } finally {
      await kernel.stop();
    }
  });
});

function pathOr(skip: (reason: string) => never): string {
  try {
    return locateKernel();
  } catch (error) {
    return skip(error instanceof Error ? error.message : String(error));
  }
}
