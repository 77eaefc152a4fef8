import { expect, it } from 'vitest';
import type { Cell } from '../../contracts/structure.ts';
import { toGPa, toVoigtGPa } from './stress.ts';

const STRESS: Cell = [
  [1, 6, 5],
  [6, 2, 4],
  [5, 4, 3],
];

it('voigt_order_is_xx_yy_zz_yz_xz_xy_in_GPa', () => {
  // 1 eV/A^3 = 160.2176634 GPa exactly (SI 2019: e = 1.602176634e-19 C).
  expect(toVoigtGPa(STRESS)).toEqual([1, 2, 3, 4, 5, 6].map((component) => component * 160.2176634));
  expect(toGPa(STRESS)[0][2]).toBe(5 * 160.2176634);
});
