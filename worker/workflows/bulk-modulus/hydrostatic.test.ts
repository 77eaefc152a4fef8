// The modulus of a cell that may change its shape: formula and sentences, and the real kernel (skipped where it has not been built).
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bulkModulusResultSchema } from '../../../contracts/results/bulk-modulus.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { startKernel } from '../../kernel-client/kernel.ts';
import type { Kernel } from '../../kernel-client/kernel.ts';
import { locateKernel } from '../../kernel-client/locate-kernel.ts';
import { NO_KERNEL } from '../../kernel-client/testing/real-kernel.ts';
import { referenceCrystal } from '../../phonons/test-data/phonopy-reference.ts';
import { Reporter } from '../reporter.ts';
import { runTask } from '../run-task.ts';
import { hydrostaticWarnings, secantModulus } from './secant-modulus.ts';

/** One atom of an fcc crystal. */
const ARGON: Structure = {
  cell: [
    [0, 2.7, 2.7],
    [2.7, 0, 2.7],
    [2.7, 2.7, 0],
  ],
  pbc: [true, true, true],
  symbols: ['Ar'],
  positions: [[0, 0, 0]],
};

describe('two volumes', () => {
  it('of_a_crystal_that_obeys_hooke_give_its_modulus_and_others_none', () => {
    expect(secantModulus(0.5, { pressed: 100 * (1 - 0.5 / 20), pulled: 100 * (1 + 0.5 / 20) })).toBeCloseTo(20, 12);
    expect(secantModulus(0.5, { pressed: 101, pulled: 100 })).toBeNull();
  });

  it('are_spoken_of_where_the_shape_matters_or_a_relaxation_failed', () => {
    const found = {
      pressure_GPa: 0.1,
      bulk_modulus_GPa: 10,
      volumes_A3: [99, 101] as [number, number],
      converged: true,
    };
    expect(hydrostaticWarnings(null, 10)).toEqual([]);
    expect(hydrostaticWarnings(found, 10.4)).toEqual([]);
    expect(hydrostaticWarnings(found, 16).join()).toContain('16.0 GPa where it is kept, 10.0 GPa where it gives way');
    expect(hydrostaticWarnings({ ...found, converged: false }, 10).join()).toContain('did not relax to fmax');
    expect(hydrostaticWarnings({ ...found, bulk_modulus_GPa: null }, 10).join()).toContain('does not become smaller');
  });
});

describe('a hydrostatic modulus on mofkernel', () => {
  let kernel: Kernel | null = null;
  let folder = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mofsim-hydrostatic-'));
    if (NO_KERNEL === null) kernel = await startKernel({ path: locateKernel() });
  });

  afterAll(async () => {
    await kernel?.stop();
    rmSync(folder, { recursive: true });
  });

  async function compute(running: Kernel, name: string, structure: Structure, parameters: Record<string, unknown>) {
    mkdirSync(join(folder, name));
    const { result } = await runTask(
      {
        task_id: 'task_abcdefghijkl',
        task_type: 'bulk-modulus',
        model: 'uff4mof',
        parameters: { strain_range: 0.02, num_points: 7, fmax: 1e-4, ...parameters },
        structure,
        structure_name: name,
        device: 'cpu',
        folder: join(folder, name),
      },
      { kernel: running, signal: new AbortController().signal, reporter: new Reporter(() => undefined) },
    );
    return bulkModulusResultSchema.parse(result);
  }

  it('of_a_cubic_crystal_is_that_of_its_curve', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const result = await compute(kernel, 'cubic', ARGON, { hydrostatic_pressure_GPa: 0.02 });
    // By symmetry pressure does not change the shape. A central difference errs by the square of the strain, 1e-4.
    expect((result.hydrostatic?.bulk_modulus_GPa ?? NaN) / result.bulk_modulus_GPa).toBeCloseTo(1, 2);
    expect(result.hydrostatic).toMatchObject({ pressure_GPa: 0.02, converged: true });
    expect(result.warnings.join()).not.toContain('shape');
  });

  it('of_quartz_is_below_that_at_constant_shape', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const { structure } = referenceCrystal('quartz');
    const parameters = { hydrostatic_pressure_GPa: 0.2, model_options: { cutoff_A: 6 } };
    const result = await compute(kernel, 'quartz', structure, parameters);
    const modulus = result.hydrostatic?.bulk_modulus_GPa ?? NaN;
    expect(modulus).toBeGreaterThan(0);
    expect(modulus).toBeLessThan(result.bulk_modulus_GPa);
  });

  it('is_not_computed_unless_it_is_asked_for', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    expect((await compute(kernel, 'none', ARGON, {})).hydrostatic).toBeNull();
  });
});
