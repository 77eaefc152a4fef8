// Every structure of the benchmark collection beside the repository (absent on most machines: then skipped, with the reason).
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { perpendicularWidths, volumeOf } from './cell.ts';
import { hillFormula } from './formula.ts';
import { parseStructure } from './parse-structure.ts';
import { withoutLabels } from './test-structures.ts';
import { writeStructure } from './write-structure.ts';

const root = new URL('../../../shared/reference/mofsimbench/', import.meta.url);
const isThere = existsSync(new URL('structures/index.json', root));

const indexSchema = z.array(
  z.object({
    name: z.string(),
    file: z.string(),
    n_atoms: z.number(),
    formula: z.string(),
    cell_volume_A3: z.number(),
    smallest_perpendicular_width_A: z.number(),
    dft_optimised_file: z.string().nullish(),
    dft_optimised_n_atoms: z.number().nullish(),
    dft_optimised_volume_A3: z.number().nullish(),
  }),
);

const entries = isThere
  ? indexSchema.parse(JSON.parse(readFileSync(new URL('structures/index.json', root), 'utf8')))
  : [];

function read(file: string): ReturnType<typeof parseStructure>[0] {
  return parseStructure(readFileSync(new URL(file, root)), file)[0];
}

const title = isThere ? '' : ' (skipped: no ../shared/reference/mofsimbench beside the repository)';

describe.skipIf(!isThere)(`benchmark collection${title}`, () => {
  // The index gives volumes and widths to three decimals.
  it('has composition, atom count, volume and width of its index', () => {
    expect(entries.length).toBe(177);
    for (const entry of entries) {
      const { structure } = read(`structures/${entry.file}`);
      expect(structure.symbols.length, entry.name).toBe(entry.n_atoms);
      expect(hillFormula(structure.symbols), entry.name).toBe(entry.formula);
      expect(volumeOf(structure.cell!), entry.name).toBeCloseTo(entry.cell_volume_A3, 2);
      const width = Math.min(...perpendicularWidths(structure.cell!));
      expect(width, entry.name).toBeCloseTo(entry.smallest_perpendicular_width_A, 2);
    }
  });

  it('has atom count and volume of its DFT-relaxed structures', () => {
    const relaxed = entries.filter(({ dft_optimised_file }) => typeof dft_optimised_file === 'string');
    expect(relaxed.length).toBeGreaterThan(70);
    for (const entry of relaxed) {
      const { structure } = read(entry.dft_optimised_file!);
      expect(structure.symbols.length, entry.name).toBe(entry.dft_optimised_n_atoms);
      expect(volumeOf(structure.cell!), entry.name).toBeCloseTo(entry.dft_optimised_volume_A3!, 2);
    }
  });

  it('parses every file of the DFT folder', () => {
    const files = readdirSync(new URL('dft_optimised/', root));
    expect(files.length).toBe(77);
    for (const file of files) expect(read(`dft_optimised/${file}`).structure.symbols.length, file).toBeGreaterThan(0);
  });

  it('reads back bit for bit from every format', () => {
    for (const { file } of entries) {
      const { structure } = read(`structures/${file}`);
      const again = (format: 'cif' | 'xyz' | 'poscar'): unknown =>
        parseStructure(Buffer.from(writeStructure(structure, format, 'again')), `a.${format}`)[0].structure;
      if (structure.labels !== undefined) expect(again('cif'), file).toEqual(structure);
      expect(again('xyz'), file).toEqual(structure);
      expect(again('poscar'), file).toEqual(withoutLabels(structure));
    }
  });
});
