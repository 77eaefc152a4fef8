// Harmonic vibrations on the kernel: displaced atoms, force constants, frequencies on a mesh.
import type { Vector3 } from '../../../contracts/structure.ts';
import { displacementsOf, findOrbits } from '../../phonons/displacements.ts';
import { buildLatticeDynamics } from '../../phonons/dynamical-matrix.ts';
import { acousticSumError, buildForceConstants, imposeSumRules } from '../../phonons/force-constants.ts';
import type { ForceConstantMatrix } from '../../phonons/force-constants.ts';
import { findSoftestMode } from '../../phonons/find-softest-mode.ts';
import { meshFrequencies } from '../../phonons/mesh-frequencies.ts';
import { buildPhononCells } from '../../phonons/phonon-cells.ts';
import type { PhononCells } from '../../phonons/phonon-cells.ts';
import { irreduciblePoints, meshOf } from '../../phonons/q-mesh.ts';
import type { QPoint } from '../../phonons/q-mesh.ts';
import type { Mode } from '../../phonons/softest-mode.ts';
import { unitCellDynamics } from '../../phonons/unit-cell-dynamics.ts';
import { buildSupercell } from '../../structures/supercell.ts';
import { stopOf, TaskFailure, TaskTimedOut } from '../task-failure.ts';
import { computeDisplacedForces } from './displaced-forces.ts';
import type { HeatCapacityContext, Start } from './start.ts';

/** Points of a mesh; far beyond what changes any digit. */
const MOST_POINTS = 1_000_000;

export interface ComputedForceConstants {
  readonly cells: PhononCells;
  /** With the sum rules. */
  readonly matrix: ForceConstantMatrix;
  readonly n_displacements: number;
  readonly acoustic_sum_error_eV_A2: number;
  /** Largest force norm on an atom that was not displaced, eV/A. */
  readonly residual_force_eV_A: number;
  readonly warnings: readonly string[];
}

/**
 * @param name of the checkpoint, unique in the task
 * @param progress per cent of the task before and after
 */
export async function computeCrystalForceConstants(
  context: HeatCapacityContext,
  { structure, repeats, name = 'displace' }: Pick<Start, 'structure' | 'repeats'> & { name?: string },
  progress: { from: number; to: number },
): Promise<ComputedForceConstants> {
  const { reporter } = context;
  reporter.stage('displace');
  const cells = buildPhononCells(structure, repeats);
  const orbits = findOrbits(cells);
  const displacements = displacementsOf(cells, orbits);
  reporter.log('INFO', `${displacements.length} displacements in the space group ${cells.spaceGroup}`, {
    n_displacements: displacements.length,
    n_atoms_supercell: cells.supercell.symbols.length,
    supercell: repeats,
  });
  const { rows, residual_force_eV_A, warnings } = await computeDisplacedForces(
    context,
    { name, topology: buildSupercell(context.structure, repeats), rest: cells.supercell },
    displacements,
    (part) => {
      reporter.progress(progress.from + (progress.to - progress.from) * part);
    },
  );
  const matrix = buildForceConstants(cells, orbits, rows);
  const acoustic_sum_error_eV_A2 = acousticSumError(cells, matrix);
  imposeSumRules(cells, matrix);
  return {
    cells,
    matrix,
    n_displacements: displacements.length,
    acoustic_sum_error_eV_A2,
    residual_force_eV_A,
    warnings,
  };
}

/** Of the vibrations that keep the unit cell, the one that costs least energy. */
export async function computeSoftestMode(
  context: HeatCapacityContext,
  { cells, matrix }: Pick<ComputedForceConstants, 'cells' | 'matrix'>,
): Promise<Mode> {
  const stop = stopSignal(context);
  try {
    const dynamics = unitCellDynamics(cells, matrix, context.structure.symbols.length);
    return await findSoftestMode(dynamics, stop.signal);
  } finally {
    stop.release();
  }
}

export interface MeshVibrations {
  readonly mesh: Vector3;
  readonly points: readonly QPoint[];
  /** [n_points][3 n_primitive], THz. */
  readonly frequencies: readonly Float64Array[];
}

export async function computeVibrations(
  context: HeatCapacityContext,
  { cells, matrix }: Pick<ComputedForceConstants, 'cells' | 'matrix'>,
  progress: { from: number; to: number },
): Promise<MeshVibrations> {
  const { reporter } = context;
  reporter.stage('analyze');
  const mesh = affordableMesh(cells, context.parameters.mesh_length_A);
  const points = irreduciblePoints(cells, mesh);
  const branches = 3 * matrix.nPrimitive;
  reporter.log('INFO', `Frequencies of ${branches} branches at ${points.length} wave vectors`, { mesh });
  const onProgress = (nDone: number): void => {
    reporter.progress(progress.from + ((progress.to - progress.from) * nDone) / points.length);
  };
  const stop = stopSignal(context);
  try {
    const dynamics = buildLatticeDynamics(cells, matrix);
    return { mesh, points, frequencies: await meshFrequencies(dynamics, points, { signal: stop.signal, onProgress }) };
  } finally {
    stop.release();
  }
}

function affordableMesh({ lattice }: PhononCells, mesh_length_A: number): Vector3 {
  const mesh = meshOf(lattice, mesh_length_A);
  if (mesh[0] * mesh[1] * mesh[2] <= MOST_POINTS) return mesh;
  throw new TaskFailure(
    'ModelError',
    `mesh_length_A ${mesh_length_A} means ${mesh.join('x')} wave vectors, more than ${MOST_POINTS}. Take a smaller one.`,
    { mesh, mesh_length_A },
  );
}

/** Aborted as the task is, or when its time is over; its reason is how the task ends. */
function stopSignal({ signal, deadline }: HeatCapacityContext): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onStop = (): void => {
    controller.abort(stopOf(signal));
  };
  if (signal.aborted) onStop();
  signal.addEventListener('abort', onStop);
  const seconds = deadline.remainingSeconds();
  const timer =
    seconds === null
      ? undefined
      : setTimeout(
          () => {
            controller.abort(new TaskTimedOut());
          },
          Math.min(2 ** 31 - 1, 1000 * seconds),
        );
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onStop);
    },
  };
}
