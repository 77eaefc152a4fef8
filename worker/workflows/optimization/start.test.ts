import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { optimizationParametersSchema, optimizationResultSchema } from '../../../contracts/results/optimization.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { readStructure } from '../../cli/read-structure.ts';
import { startKernel } from '../../kernel-client/kernel.ts';
import { locateKernel } from '../../kernel-client/locate-kernel.ts';
import { parseExtendedXyz } from '../../structures/extended-xyz.ts';
import { DEFAULT_PARSE_LIMITS } from '../../structures/parsed-structure.ts';
import { findSpaceGroup } from '../../structures/symmetry.ts';
import { Reporter } from '../reporter.ts';
import { runTask } from '../run-task.ts';
import { lostSymmetryWarning, startOf } from './start.ts';

const RESOURCES = join(import.meta.dirname, '..', '..', '..', 'resources');
const KEEP = optimizationParametersSchema.parse({ keep_symmetry: true });

/** Every atom a little off its place, the same every time. */
function rattled(structure: Structure): Structure {
  const off = (i: number, k: number): number => 0.001 * Math.sin(7919 * (3 * i + k + 1));
  const shift = ([x, y, z]: Vector3, i: number): Vector3 => [x + off(i, 0), y + off(i, 1), z + off(i, 2)];
  return { ...structure, positions: structure.positions.map(shift) };
}

describe('a start that is to keep its symmetry', () => {
  it('is_the_input_when_nobody_asked', async () => {
    const { structure } = await readStructure('MOF-5_primitive', RESOURCES);
    const start = startOf({ ...KEEP, keep_symmetry: false }, structure);
    expect(start).toMatchObject({ structure, spaceGroup: null, warnings: [] });
  });

  it('is_exactly_symmetric', async () => {
    const { structure } = await readStructure('MOF-5_primitive', RESOURCES);
    const start = startOf(KEEP, rattled(structure));
    expect(findSpaceGroup(start.structure, 1e-6).number).toBe(225);
    expect(start).toMatchObject({ spaceGroup: 'F m -3 m', warnings: [] });
    expect(start.largest_shift_A).toBeGreaterThan(0.0005);
  });

  it('does_not_go_with_fixed_atoms', async () => {
    const { structure } = await readStructure('MOF-5_primitive', RESOURCES);
    expect(() => startOf({ ...KEEP, mask: [0] }, structure)).toThrow(/exclude each other/);
  });

  it('of_a_molecule_is_told_to_have_no_symmetry_to_keep', () => {
    const molecule: Structure = {
      cell: null,
      pbc: [false, false, false],
      symbols: ['Ar'],
      positions: [[0, 0, 0]],
    };
    expect(startOf(KEEP, molecule).warnings[0]).toContain('no effect');
  });

  it('a_lost_symmetry_is_told_only_when_it_was_to_be_kept', () => {
    const group = { number: 225, symbol: 'F m -3 m' };
    const lost = { symmetry_kept: false, space_group_before: group, space_group_after: { number: 1, symbol: 'P 1' } };
    expect(lostSymmetryWarning(KEEP, lost)).toContain('F m -3 m became P 1');
    expect(lostSymmetryWarning({ ...KEEP, keep_symmetry: false }, lost)).toBeNull();
    expect(lostSymmetryWarning(KEEP, { ...lost, symmetry_kept: true })).toBeNull();
  });
});

describe('a relaxation on mofkernel', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mofsim-symmetry-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is_exactly_in_the_group_of_its_start_in_every_frame_and_at_its_end', async ({ skip }) => {
    const { structure } = await readStructure('HKUST-1_primitive', RESOURCES);
    const kernel = await startKernel({ path: pathOr(skip) });
    try {
      const task = {
        task_id: 'task_abcdefghijkl',
        task_type: 'optimization' as const,
        model: 'uff4mof',
        parameters: { keep_symmetry: true, trajectory_interval: 1 },
        structure: rattled(structure),
        structure_name: 'HKUST-1',
        device: 'cpu',
        folder,
      };
      const tools = { kernel, signal: new AbortController().signal, reporter: new Reporter(() => undefined) };
      const result = optimizationResultSchema.parse((await runTask(task, tools)).result);
      expect(result).toMatchObject({ converged: true, symmetry_kept: true, warnings: [] });
      const { structure: end } = await readStructure(join(folder, 'optimized.cif'), RESOURCES);
      expect(findSpaceGroup(end, 1e-6).number).toBe(225);
      const frames = parseExtendedXyz(readFileSync(join(folder, 'trajectory.xyz'), 'utf8'), DEFAULT_PARSE_LIMITS);
      expect(frames).toHaveLength(result.steps + 1);
      for (const frame of frames) expect(findSpaceGroup(frame.structure, 1e-8).number).toBe(225);
      expect(result.max_force_eV_A).toBeLessThanOrEqual(0.001);
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
