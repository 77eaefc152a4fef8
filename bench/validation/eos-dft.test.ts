// The equations of state on the DFT curves of MOFSimBench. Skipped where that reference data is not there.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fitEnergies } from '../../worker/workflows/bulk-modulus/fit-equation.ts';
import { ODD_CURVES, readDftCurves } from './dft-curves.ts';

const FOLDER = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'reference', 'mofsimbench');

test('the_dft_curves_give_the_listed_moduli', ({ skip }) => {
  if (!existsSync(join(FOLDER, 'dft_bulk_modulus.csv'))) skip(`no reference data in ${FOLDER}`);
  const curves = readDftCurves(FOLDER);
  expect(curves).toHaveLength(75);
  const deviations = curves.map(({ structure, points, bulk_modulus_GPa }) => {
    const fitted = fitEnergies('birch_murnaghan', points)?.bulk_modulus_GPa ?? NaN;
    return { structure, percent: 100 * Math.abs(fitted / bulk_modulus_GPa - 1) };
  });
  const beyond = deviations.filter(({ percent }) => !(percent <= 2)).map(({ structure }) => structure);
  expect(beyond.sort()).toEqual([...ODD_CURVES].sort());
});
