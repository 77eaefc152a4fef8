// Reads the DFT energy-volume curves of MOFSimBench (dft_bulk_modulus.csv of https://github.com/AI4ChemS/mofsim-bench). No row of it is written
// anywhere, only deviations.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const EV_PER_HARTREE = 27.211386245988;

/** Their energies are in eV, whatever the column says: only then does a fit give their modulus. */
const IN_EV: ReadonlySet<string> = new Set(['AVAKEP02_full', 'GUPCEA_full', 'IPAQOI_full']);

/** Flat or narrow curves, whose listed modulus no refit gives: documented with the data. */
export const ODD_CURVES: ReadonlySet<string> = new Set([
  'KINFEU_full',
  'NIGGEQ_full',
  'OQOCOP_full',
  'boydwoo_str_m3_o7_o27_pcu_sym_8',
]);

export interface DftCurve {
  structure: string;
  points: { volume_A3: number; energy_eV: number }[];
  bulk_modulus_GPa: number;
}

const numbersSchema = z.array(z.number());

/** @param folder the reference data; @throws when the table is not there or not as described */
export function readDftCurves(folder: string): DftCurve[] {
  const [header = '', ...lines] = readFileSync(join(folder, 'dft_bulk_modulus.csv'), 'utf8').trim().split('\n');
  const columns = fieldsOf(header);
  return lines.map((line) => {
    const fields = fieldsOf(line);
    const field = (name: string): string => fields[columns.indexOf(name)] ?? '';
    const structure = field('structure');
    const unit = IN_EV.has(structure) ? 1 : EV_PER_HARTREE;
    const energies = numbersSchema.parse(JSON.parse(field('energies_au')));
    const points = numbersSchema
      .parse(JSON.parse(field('volumes_A3')))
      .map((volume_A3, i) => ({ volume_A3, energy_eV: unit * (energies[i] ?? NaN) }));
    return { structure, points, bulk_modulus_GPa: z.coerce.number().parse(field('B0_GPa')) };
  });
}

/** Of one line of CSV; a field in quotes may hold commas. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/("[^"]*"|[^,]*)(?:,|$)/g)].map(([, field = '']) => field.replace(/^"|"$/g, ''));
}
