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
import type { RelaxStageOutcome } from '../stages/relax-stage.ts';
import type { WorkflowContext } from '../workflow.ts';

export type HeatCapacityContext = WorkflowContext<HeatCapacityParameters>;

export interface Start {
  /** The unit cell whose heat capacity is computed. */
  readonly structure: Structure;
  readonly repeats: Vector3;
  readonly relaxation: HeatCapacityResult['relaxation'];
  readonly finalStructure: HeatCapacityResult['final_structure'];
  readonly warnings: string[];
}

/** @param percent of the task that the relaxation takes */
export async function prepareStart(context: HeatCapacityContext, percent: number): Promise<Start> {
  const { parameters, structure: given } = context;
  const repeats = repeatsOf(
    parameters.supercell,
    given,
    automaticWidth('heat-capacity', reachOf(context, parameters.model_options)),
  );
  const { relaxation, structure, warnings } = parameters.relax_first
    ? relaxed(context, await relax(context, percent))
    : { relaxation: null, structure: given, warnings: [] };
  const file = structureFile(structure, context.structure_name, relaxation === null ? 'structure' : 'relaxed');
  await writeFileAtomic(join(context.folder, file.filename), file.content);
  const { format, filename, content } = file;
  return {
    structure,
    repeats,
    relaxation,
    finalStructure: { format, content, file_url: `/files/${context.task_id}/${filename}` },
    warnings: [...warnings, ...thinSupercellWarnings(structure, repeats, context)],
  };
}

function relax(context: HeatCapacityContext, percent: number): Promise<RelaxStageOutcome> {
  const { fmax, max_steps, relax_cell } = context.parameters;
  context.reporter.stage('relax');
  return relaxStage(context, {
    name: 'relax',
    structures: [context.structure],
    settings: {
      optimizer: 'LBFGS',
      fmax_eV_A: fmax,
      max_steps,
      cell_mode: relax_cell ? 'full' : 'fixed',
      pressure_eV_A3: 0,
    },
    progress: { from: 0, to: percent },
  });
}

function relaxed(
  { structure: given, parameters }: HeatCapacityContext,
  outcome: RelaxStageOutcome,
): Pick<Start, 'structure' | 'relaxation' | 'warnings'> {
  const { structure, converged, steps, max_force_eV_A, energy_eV } = elementAt(outcome.structures, 0, 'structure');
  const ratio = structure.cell === null || given.cell === null ? 1 : volumeOf(structure.cell) / volumeOf(given.cell);
  const unconverged =
    `The relaxation did not converge to ${parameters.fmax} eV/A within ${steps} steps (largest force ` +
    `${max_force_eV_A.toPrecision(3)} eV/A). Vibrations belong to a minimum: raise max_steps, or relax the structure first.`;
  return {
    structure,
    relaxation: { converged, steps, max_force_eV_A, energy_eV, volume_change_percent: 100 * (ratio - 1) },
    warnings: [...outcome.warnings, ...(converged ? [] : [unconverged])],
  };
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
