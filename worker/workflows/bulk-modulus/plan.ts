// What a bulk modulus asks of the kernel: one relaxation, then strained copies that relax at constant volume. Pure.
import type { BulkModulusParameters } from '../../../contracts/results/bulk-modulus.ts';
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import type { RelaxSettings } from '../../kernel-client/relax.ts';

export type RelaxPlan = Omit<RelaxSettings, 'frame_interval'>;

/** Below this the four parameters of a fit leave too little for its errors. */
const ENOUGH_POINTS = 7;

/** @param cellMode full: atoms and cell; fixed: atoms alone */
export function relaxPlan(
  { optimizer, fmax, max_steps }: BulkModulusParameters,
  cellMode: 'full' | 'fixed',
): RelaxPlan {
  return { optimizer, fmax_eV_A: fmax, max_steps, cell_mode: cellMode, pressure_eV_A3: 0 };
}

/** V/V0 from 1 - strain_range to 1 + strain_range, evenly spaced. */
export function volumeRatios({
  strain_range: range,
  num_points: n,
}: Pick<BulkModulusParameters, 'strain_range' | 'num_points'>): number[] {
  return Array.from({ length: n }, (_, i) => 1 + range * ((2 * i) / (n - 1) - 1));
}

/** The structure with its volume times `ratio`: every vector and position times its cube root, so that fractional places stay. */
export function strained(structure: Structure, ratio: number): Structure {
  const scale = Math.cbrt(ratio);
  const scaled = ([x, y, z]: Vector3): Vector3 => [scale * x, scale * y, scale * z];
  const { cell } = structure;
  const grown: Cell | null = cell === null ? null : [scaled(cell[0]), scaled(cell[1]), scaled(cell[2])];
  return { ...structure, cell: grown, positions: structure.positions.map(scaled) };
}

export function planWarnings({ num_points, relax_first }: BulkModulusParameters): string[] {
  return [
    ...(num_points < ENOUGH_POINTS
      ? [
          `Four parameters are fitted through ${num_points} points: the standard errors rest on ${num_points - 4} ` +
            `${num_points === 5 ? 'degree' : 'degrees'} of freedom. Use num_points of at least ${ENOUGH_POINTS}; the benchmark has 11.`,
        ]
      : []),
    ...(relax_first
      ? []
      : ['The structure was strained as it is (relax_first is false): its volume need not be that of the minimum.']),
  ];
}
