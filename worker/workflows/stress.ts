// Stress between the kernel's units and the API's. Pure.
import type { Cell } from '../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../contracts/units.ts';

/** @returns six components, GPa, in the order xx yy zz yz xz xy, of a stress [3][3] in eV/A^3 */
export function toVoigtGPa(stress: Cell): number[] {
  const [[xx, xy, xz], [, yy, yz], [, , zz]] = stress;
  return [xx, yy, zz, yz, xz, xy].map((component) => component * GPA_PER_EV_A3);
}

/** @returns [3][3], GPa, of a stress [3][3] in eV/A^3 */
export function toGPa(stress: Cell): Cell {
  const scale = (row: Cell[number]): Cell[number] => [
    row[0] * GPA_PER_EV_A3,
    row[1] * GPA_PER_EV_A3,
    row[2] * GPA_PER_EV_A3,
  ];
  return [scale(stress[0]), scale(stress[1]), scale(stress[2])];
}
