// From the steps and the end of a relaxation to the result document. Pure.
import type { RelaxStep } from '../../../contracts/kernel-message.ts';
import type {
  BondChanges,
  OptimizationParameters,
  OptimizationResult,
} from '../../../contracts/results/optimization.ts';
import type { Structure } from '../../../contracts/structure.ts';
import type { Relaxation } from '../../kernel-client/relax.ts';
import { findBondChanges } from '../../structures/bond-changes.ts';
import { cellParameters, volumeOf } from '../../structures/cell.ts';
import { spaceGroupOrNull } from '../../structures/describe-symmetry.ts';
import { benchmarkRmsd } from '../../structures/superposition.ts';
import type { SpaceGroup } from '../../structures/symmetry.ts';
import { toVoigtGPa } from '../stress.ts';
import { rmsdFromInitial } from './displacement.ts';
import { lostSymmetryWarning } from './start.ts';

/** One step as it is kept for the history. */
export type StepRecord = Omit<RelaxStep, 'type' | 'id' | 'arrays' | 'payload_bytes' | 'structure'>;

/** The plain sentence for a relaxation that stopped at its step limit; null when it converged. */
export function notConvergedWarning(relaxation: Relaxation, parameters: OptimizationParameters): string | null {
  if (relaxation.end_state !== 'max_steps') return null;
  const cellForce = relaxation.max_cell_force_eV_A;
  const onTheCell = cellForce === null ? '' : `, on the cell ${cellForce.toPrecision(4)} eV/A`;
  return (
    `Not converged: after ${relaxation.steps} steps the largest force on an atom is ` +
    `${relaxation.max_force_eV_A.toPrecision(4)} eV/A${onTheCell}, asked for was ${parameters.fmax} eV/A. ` +
    `This structure is not a minimum: raise max_steps, or start again from it.`
  );
}

/** @param steps every step in order, step 0 being the start; at least one */
export function analyzeOptimization(outcome: {
  parameters: OptimizationParameters;
  initial: Structure;
  steps: readonly StepRecord[];
  relaxation: Relaxation;
  finalStructure: OptimizationResult['final_structure'];
  warnings: string[];
}): OptimizationResult {
  const { parameters, initial, steps, relaxation, finalStructure, warnings } = outcome;
  const initialVolume = initial.cell === null ? null : volumeOf(initial.cell);
  const finalCell = relaxation.structure.cell;
  const bondChanges = findBondChanges(initial, relaxation.structure);
  const symmetry = symmetryOf(initial, relaxation.structure);
  const lost = lostSymmetryWarning(parameters, symmetry);
  const finalVolume = finalCell === null ? null : volumeOf(finalCell);
  return {
    converged: relaxation.end_state === 'converged',
    steps: relaxation.steps,
    final_energy_eV: relaxation.energy_eV,
    initial_energy_eV: steps[0]?.energy_eV ?? relaxation.energy_eV,
    max_force_eV_A: relaxation.max_force_eV_A,
    energy_history: steps.map(({ energy_eV }) => energy_eV),
    max_force_history: steps.map(({ max_force_eV_A }) => max_force_eV_A),
    final_structure: finalStructure,
    initial_volume_A3: initialVolume,
    final_volume_A3: finalVolume,
    volume_change_percent:
      initialVolume === null || finalVolume === null ? null : 100 * (finalVolume / initialVolume - 1),
    cell_parameters: finalCell === null ? null : cellParameters(finalCell),
    stress_GPa: relaxation.stress_eV_A3 === null ? null : toVoigtGPa(relaxation.stress_eV_A3),
    rmsd_from_initial: rmsdFromInitial(initial, relaxation.structure),
    rmsd_benchmark_A: benchmarkRmsd(initial, relaxation.structure),
    ...symmetry,
    bond_changes: bondChanges,
    energy_components_eV: relaxation.energy_components_eV,
    warnings: [...warnings, ...(lost === null ? [] : [lost]), ...bondWarnings(bondChanges)],
  };
}

type Symmetry = Pick<OptimizationResult, 'space_group_before' | 'space_group_after' | 'symmetry_kept'>;

function symmetryOf(initial: Structure, final: Structure): Symmetry {
  const [before, after] = [spaceGroupOrNull(initial), spaceGroupOrNull(final)];
  return {
    space_group_before: named(before),
    space_group_after: named(after),
    symmetry_kept: before === null || after === null ? null : isKept(before, after),
  };
}

/** A subgroup has a divisor of the operations of its group. */
function isKept(before: SpaceGroup, after: SpaceGroup): boolean {
  if (after.nOperations === before.nOperations) return after.number === before.number;
  return after.nOperations % before.nOperations === 0;
}

function named(group: SpaceGroup | null): Symmetry['space_group_before'] {
  return group === null ? null : { number: group.number, symbol: group.symbol };
}

function bondWarnings({ n_broken, n_formed }: BondChanges): string[] {
  if (n_broken + n_formed === 0) return [];
  return [
    `Bonds have changed: ${n_broken} broken, ${n_formed} formed (by distance; listed in bond_changes). Look at the final ` +
      `structure: it may not be the framework that was put in, or the model may not hold this one together.`,
  ];
}
