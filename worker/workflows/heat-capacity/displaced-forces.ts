// Central differences of the forces on displaced atoms, with the types and bonds of the structure as given: a relaxation can bring atoms so
// near to each other that the relaxed structure, typed anew, has other bonds and is no minimum any more.
import type { Structure } from '../../../contracts/structure.ts';
import { computeForceConstants } from '../../kernel-client/force-constants.ts';
import type { Displacement } from '../../kernel-client/force-constants.ts';
import { largestForce } from '../forces.ts';
import { assertNotStopped, runWithCheckpoint } from '../stages/kernel-run.ts';
import type { HeatCapacityContext } from './start.ts';

export interface DisplacedForces {
  /** [n_displacements][n_atoms][3], eV/A^2: -(F(+d) - F(-d)) / (2 d). */
  readonly rows: Float64Array;
  /** Largest force norm on the structure at rest, eV/A. */
  readonly residual_force_eV_A: number;
  readonly warnings: readonly string[];
}

/**
 * @param name of the checkpoint
 * @param topology the atoms of `rest` in its order; its types, bonds and charges hold
 * @param onProgress from 0 to 1
 * @throws KernelFailure, and how the task ends that was stopped
 */
export async function computeDisplacedForces(
  context: HeatCapacityContext,
  { name, topology, rest }: { name: string; topology: Structure; rest: Structure },
  displacements: readonly Displacement[],
  onProgress: (part: number) => void,
): Promise<DisplacedForces> {
  const { displacement_A } = context.parameters;
  const computed = await runWithCheckpoint(context, name, (run) =>
    computeForceConstants(
      context.kernel,
      rest,
      { ...run.settings, displacement_A, topology },
      displacements,
      ({ n_done, n_total }) => {
        onProgress(n_done / n_total);
      },
      run.options,
    ),
  );
  assertNotStopped(context, computed.stop);
  const { force_constants_eV_A2: rows, forces_eV_A, warnings } = computed;
  return { rows, residual_force_eV_A: largestForce(forces_eV_A), warnings };
}
