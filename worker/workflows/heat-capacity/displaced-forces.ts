// Central differences of the forces on displaced atoms, with the types and bonds of the structure as given: a relaxation can bring atoms so
// near to each other that the relaxed structure, typed anew, has other bonds and is no minimum any more.
import { z } from 'zod';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import { evaluateStructures } from '../../kernel-client/evaluate.ts';
import type { Displacement } from '../../kernel-client/force-constants.ts';
import { norm } from '../../structures/cell.ts';
import { computeSettings, strictTimeout } from '../compute-settings.ts';
import { largestForce } from '../forces.ts';
import { finishedStage } from '../stages/stage-store.ts';
import { stopOf, TaskTimedOut } from '../task-failure.ts';
import type { HeatCapacityContext } from './start.ts';

/** Of one request: many for a GPU, and few enough to stop between two requests. */
const MOST_ATOMS_PER_BATCH = 50_000;

const batchSchema = z.object({
  /** [n_displacements of the batch][n_atoms][3], eV/A^2. */
  rows: z.array(z.number()),
  /** Largest force norm on the structure at rest, eV/A. */
  residual_force_eV_A: z.number().nonnegative(),
  warnings: z.array(z.string()),
});
type Batch = z.infer<typeof batchSchema>;

export interface DisplacedForces {
  /** [n_displacements][n_atoms][3], eV/A^2: -(F(+d) - F(-d)) / (2 d). */
  readonly rows: Float64Array;
  readonly residual_force_eV_A: number;
  readonly warnings: readonly string[];
}

/**
 * @param topology the atoms of `rest` in its order; its types, bonds and charges hold
 * @param onProgress from 0 to 1
 * @throws KernelFailure, and how the task ends that was stopped
 */
export async function computeDisplacedForces(
  context: HeatCapacityContext,
  { topology, rest }: { topology: Structure; rest: Structure },
  displacements: readonly Displacement[],
  onProgress: (part: number) => void,
): Promise<DisplacedForces> {
  const nAtoms = rest.symbols.length;
  const size = Math.max(1, Math.floor(MOST_ATOMS_PER_BATCH / (2 * nAtoms)));
  const rows = new Float64Array(3 * nAtoms * displacements.length);
  let residual_force_eV_A = 0;
  const warnings = new Set<string>();
  for (let first = 0; first < displacements.length; first += size) {
    assertGoesOn(context);
    const some = displacements.slice(first, first + size);
    const batch = await finishedStage(context, `displace-${first}`, batchSchema, () =>
      evaluateBatch(context, topology, rest, some),
    );
    rows.set(batch.rows, 3 * nAtoms * first);
    residual_force_eV_A = Math.max(residual_force_eV_A, batch.residual_force_eV_A);
    batch.warnings.forEach((warning) => warnings.add(warning));
    onProgress(Math.min(1, (first + size) / displacements.length));
  }
  return { rows, residual_force_eV_A, warnings: [...warnings] };
}

async function evaluateBatch(
  context: HeatCapacityContext,
  topology: Structure,
  rest: Structure,
  displacements: readonly Displacement[],
): Promise<Batch> {
  const { displacement_A } = context.parameters;
  const moved = displacements.flatMap((displacement) => [
    displaced(rest, displacement, displacement_A),
    displaced(rest, displacement, -displacement_A),
  ]);
  const { structures, warnings } = await evaluateStructures(
    context.kernel,
    [rest, ...moved],
    { ...computeSettings(context), topology },
    { forces: true, stress: false },
    { signal: context.signal, ...strictTimeout(context.deadline) },
  );
  const forcesOf = (i: number): Vector3[] => elementAt(structures, i, 'structure').forces_eV_A ?? [];
  const rows = displacements.flatMap((_, k) => {
    const [plus, minus] = [forcesOf(1 + 2 * k), forcesOf(2 + 2 * k)];
    return plus.flatMap((force, atom) =>
      force.map((component, axis) => ((minus[atom]?.[axis] ?? Number.NaN) - component) / (2 * displacement_A)),
    );
  });
  return { rows, residual_force_eV_A: largestForce(forcesOf(0)), warnings };
}

function displaced(structure: Structure, { atom, direction }: Displacement, distance_A: number): Structure {
  const factor = distance_A / norm(direction);
  const positions = structure.positions.map((position, i): Vector3 => {
    if (i !== atom) return position;
    return [
      position[0] + factor * direction[0],
      position[1] + factor * direction[1],
      position[2] + factor * direction[2],
    ];
  });
  return { ...structure, positions };
}

/** Between two requests: what was finished is kept. */
function assertGoesOn({ signal, deadline }: HeatCapacityContext): void {
  if (signal.aborted) throw stopOf(signal);
  if (deadline.hasPassed) throw new TaskTimedOut();
}
