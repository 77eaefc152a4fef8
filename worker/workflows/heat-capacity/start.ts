// Where both methods start from: the unit cell, relaxed when asked for, and how often it is repeated.
import { join } from 'node:path';
import type { HeatCapacityParameters, HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { perpendicularWidths, volumeOf } from '../../structures/cell.ts';
import { automaticWidth, repeatsOf } from '../automatic-supercell.ts';
import { reachOf } from '../models.ts';
import { structureFile } from '../output/structure-file.ts';
import { relaxStage } from '../stages/relax-stage.ts';
import type { RelaxedInStage, RelaxStageOutcome } from '../stages/relax-stage.ts';
import type { WorkflowContext } from '../workflow.ts';

export type HeatCapacityContext = WorkflowContext<HeatCapacityParameters>;

export interface Start {
  /** The unit cell whose heat capacity is computed. */
  readonly structure: Structure;
  readonly repeats: Vector3;
  readonly relaxation: HeatCapacityResult['relaxation'];
  readonly followedModes: HeatCapacityResult['followed_modes'];
  readonly finalStructure: HeatCapacityResult['final_structure'];
  readonly warnings: string[];
}

/** The unit cell at its minimum as far as a relaxation finds it, or as it was given. */
export type RelaxedUnitCell = Pick<Start, 'structure' | 'relaxation' | 'followedModes' | 'warnings'>;

/** @param percent of the task that the relaxation takes */
export async function relaxUnitCell(context: HeatCapacityContext, percent: number): Promise<RelaxedUnitCell> {
  if (!context.parameters.relax_first) {
    return { structure: context.structure, relaxation: null, followedModes: null, warnings: [] };
  }
  return relaxed(context, await relax(context, percent));
}

export function repeatsOfStart({ parameters, structure, ...context }: HeatCapacityContext): Vector3 {
  const width = automaticWidth('heat-capacity', reachOf(context, parameters.model_options));
  return repeatsOf(parameters.supercell, structure, width);
}

/** Writes down what the heat capacity is of. */
export async function prepareStart(context: HeatCapacityContext, unitCell: RelaxedUnitCell): Promise<Start> {
  const { structure, relaxation } = unitCell;
  const repeats = repeatsOfStart(context);
  const file = structureFile(structure, context.structure_name, relaxation === null ? 'structure' : 'relaxed');
  await writeFileAtomic(join(context.folder, file.filename), file.content);
  const { format, filename, content } = file;
  return {
    ...unitCell,
    repeats,
    finalStructure: { format, content, file_url: `/files/${context.task_id}/${filename}` },
    warnings: [...unitCell.warnings, ...thinSupercellWarnings(structure, repeats, context)],
  };
}

function relax(context: HeatCapacityContext, percent: number): Promise<RelaxStageOutcome> {
  context.reporter.stage('relax');
  return relaxStage(context, {
    name: 'relax',
    structures: [context.structure],
    settings: relaxSettings(context.parameters),
    progress: { from: 0, to: percent },
  });
}

export function relaxSettings({ fmax, max_steps, relax_cell }: HeatCapacityParameters) {
  return {
    optimizer: 'LBFGS',
    fmax_eV_A: fmax,
    max_steps,
    cell_mode: relax_cell ? 'full' : 'fixed',
    pressure_eV_A3: 0,
  } as const;
}

function relaxed(context: HeatCapacityContext, outcome: RelaxStageOutcome): RelaxedUnitCell {
  const found = elementAt(outcome.structures, 0, 'structure');
  return {
    structure: found.structure,
    relaxation: relaxationOf(found, context.structure),
    followedModes: null,
    warnings: [...outcome.warnings, ...unconvergedWarnings(found, context.parameters)],
  };
}

/** @param given what the change of the volume is counted from */
export function relaxationOf(
  { structure, converged, steps, max_force_eV_A, energy_eV }: RelaxedInStage,
  given: Structure,
): NonNullable<Start['relaxation']> {
  return { converged, steps, max_force_eV_A, energy_eV, volume_change_percent: volumeChange(given, structure) };
}

export function volumeChange({ cell: before }: Structure, { cell: after }: Structure): number {
  return before === null || after === null ? 0 : 100 * (volumeOf(after) / volumeOf(before) - 1);
}

function unconvergedWarnings(
  { converged, steps, max_force_eV_A }: RelaxedInStage,
  { fmax }: { fmax: number },
): string[] {
  if (converged) return [];
  return [
    `The relaxation did not converge to ${fmax} eV/A within ${steps} steps (largest force ` +
      `${max_force_eV_A.toPrecision(3)} eV/A). Vibrations belong to a minimum: raise max_steps, or relax the structure first.`,
  ];
}

function thinSupercellWarnings({ cell }: Structure, repeats: Vector3, context: HeatCapacityContext): string[] {
  const needed = automaticWidth('heat-capacity', reachOf(context, context.parameters.model_options));
  if (context.parameters.supercell === 'auto' || cell === null) return [];
  const width = Math.min(...perpendicularWidths(cell).map((w, k) => w * (repeats[k] ?? 1)));
  // The cell may have shrunk in the relaxation since the repeats were chosen.
  if (width > 0.95 * needed) return [];
  return [
    `The supercell ${repeats.join('x')} is ${width.toFixed(1)} A wide, less than twice the cutoff of the forces (${needed} A): an atom ` +
      'meets others together with their images. Choose supercell "auto" to see what that changes.',
  ];
}
