// Symmetry expansion against ASE on asymmetric units written in seven ways; program, version and call in the data file.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cellSchema, vector3Schema } from '../../contracts/structure.ts';
import type { Vector3 } from '../../contracts/structure.ts';
import { inverseOf, multiply } from './cell.ts';
import { parseStructure } from './parse-structure.ts';

const referenceSchema = z.object({
  cases: z.record(
    z.string(),
    z.object({ symbols: z.array(z.string()), cell: cellSchema, fractional: z.array(vector3Schema) }),
  ),
});

const read = (file: string): Buffer => readFileSync(new URL(`./test-data/${file}`, import.meta.url));
const reference = referenceSchema.parse(JSON.parse(read('ase-expansions.json').toString()));
/** Coordinates in the files have four digits or more: thirds are off by 3.3e-5. */
const TOLERANCE = 5e-5;

function isSamePlace(p: Vector3, q: Vector3): boolean {
  return p.every((x, k) => Math.abs(x - q[k]! - Math.round(x - q[k]!)) < TOLERANCE);
}

describe('symmetry expansion agrees with ASE', () => {
  it.each(Object.entries(reference.cases))('%s', (name, expected) => {
    const [{ structure }] = parseStructure(read(`${name}.cif`), `${name}.cif`);
    expect(structure.symbols.length).toBe(expected.symbols.length);
    for (const [i, row] of structure.cell!.entries()) {
      for (const [j, component] of row.entries()) expect(component).toBeCloseTo(expected.cell[i]![j]!, 9);
    }
    const inverse = inverseOf(structure.cell!);
    const found = structure.positions.map((position) => multiply(position, inverse));
    for (const [i, fractional] of expected.fractional.entries()) {
      const matches = found.filter(
        (other, j) => structure.symbols[j] === expected.symbols[i] && isSamePlace(fractional, other),
      );
      expect(matches.length, `${expected.symbols[i]} at ${fractional.join(', ')}`).toBe(1);
    }
  });
});
