// What is measured on frames, against ASE, numpy and scipy: see bench/validation/stability-reference.py.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cellSchema, vector3Schema } from '../../../contracts/structure.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { benchmarkRmsd } from '../../structures/superposition.ts';
import { Displacements, rootMeanSquare } from './displacements.ts';
import { RadialDistribution } from './radial-distribution.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'bench', 'validation');
const frameSchema = z.object({
  cell: cellSchema,
  symbols: z.array(z.string()),
  positions: z.array(vector3Schema),
});
const referenceSchema = z.object({
  start: frameSchema,
  end: frameSchema,
  framework: z.array(z.int()),
  rdf_start: z.object({ reach_A: z.number() }).catchall(z.array(z.number())),
  displacement: z.object({ rmsd_A: z.number(), largest_A: z.number(), largest_atom: z.int() }),
  benchmark_rmsd_A: z.number(),
});
const reference = referenceSchema.parse(JSON.parse(readFileSync(join(FOLDER, 'stability-reference.json'), 'utf8')));
const periodic = (frame: z.infer<typeof frameSchema>): Structure => ({ ...frame, pbc: [true, true, true] });
const [start, end] = [periodic(reference.start), periodic(reference.end)];

describe('against ASE and numpy', () => {
  it.each(['all', 'Zn-O', 'Zn-C', 'Zn-Zn', 'C-O'])('the_radial_distribution_is_that_of_ase: %s', (name) => {
    const radial = new RadialDistribution(start);
    radial.add(start);
    const pair = name === 'all' ? ['all', 'all'] : name.split('-');
    const found = radial.result().find((rdf) => rdf.pair.join() === pair.join());
    const expected = z.array(z.number()).parse(reference.rdf_start[name]);
    expect(found?.g).toHaveLength(expected.length);
    expect(found?.distances_A.at(-1)).toBeCloseTo(reference.rdf_start.reach_A - 0.025, 12);
    for (const [bin, g] of (found?.g ?? []).entries()) expect(g).toBeCloseTo(expected[bin]!, 9);
    expect(Math.max(...expected)).toBeGreaterThan(0);
  });

  it('strain_and_drift_do_not_count_as_displacement', () => {
    const lengths = new Displacements(start, reference.framework).of(end);
    const { rmsd_A, largest_A, largest_atom } = reference.displacement;
    expect(rootMeanSquare(lengths, reference.framework)).toBeCloseTo(rmsd_A, 10);
    expect(Math.max(...lengths)).toBeCloseTo(largest_A, 10);
    expect(lengths[largest_atom]).toBe(Math.max(...lengths));
  });

  it('the_rmsd_of_the_benchmark_is_that_of_scipy_and_ase', () => {
    expect(benchmarkRmsd(start, end)).toBeCloseTo(reference.benchmark_rmsd_A, 10);
  });
});
