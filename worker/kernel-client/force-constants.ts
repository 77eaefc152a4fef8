// Finite-difference force constants of one structure.
import type { ForceConstantsRequest, KernelProgress } from '../../contracts/kernel-message.ts';
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { calculationParts, f64, readNumbers, readVectors } from './arrays.ts';
import type { KernelRequests } from './kernel-requests.ts';
import type { CalculationOptions, ComputeSettings, RunSettings } from './settings.ts';

/** One row: this atom moves along this direction, of which only the direction counts. */
export interface Displacement {
  atom: number;
  /** Cartesian. */
  direction: Vector3;
}

export interface ForceConstants {
  /** [n_finished][n_atoms][3], eV/A^2: -(F(+d) - F(-d)) / (2 d), in the order of the displacements. */
  force_constants_eV_A2: Float64Array;
  n_finished: number;
  /** [n_atoms], eV/A, of the structure as given. */
  forces_eV_A: Vector3[];
  /** Why rows are missing; `none` when all are there. */
  stop: 'none' | 'cancelled' | 'deadline';
  warnings: string[];
  kernel_seconds: number;
}

/** @throws KernelFailure */
export async function computeForceConstants(
  kernel: KernelRequests,
  structure: Structure,
  settings: ComputeSettings & RunSettings & Pick<ForceConstantsRequest, 'displacement_A'>,
  displacements: readonly Displacement[],
  onProgress: (progress: KernelProgress) => void | Promise<void>,
  options: CalculationOptions = {},
): Promise<ForceConstants> {
  const nAtoms = structure.symbols.length;
  const parts = calculationParts(settings, [structure]);
  const { header, arrays } = await kernel.request(
    { type: 'force_constants', ...parts.header },
    {
      ...options,
      arrays: [
        ...parts.arrays,
        {
          name: 'displaced_atoms',
          shape: [displacements.length],
          values: new Int32Array(displacements.map(({ atom }) => atom)),
        },
        f64(
          'directions',
          [displacements.length, 3],
          displacements.flatMap(({ direction }) => direction),
        ),
      ],
      onMessage: onProgress,
    },
  );
  const { n_finished, stop, warnings, kernel_seconds } = header;
  return {
    force_constants_eV_A2: readNumbers(arrays, 'force_constants', n_finished * nAtoms * 3),
    n_finished,
    forces_eV_A: readVectors(arrays, 'forces', nAtoms),
    stop,
    warnings,
    kernel_seconds,
  };
}
