// Runs a stability task: relax, repeat the cell, equilibrate, run, judge.
import type { StabilityParameters, StabilityResult } from '../../../contracts/results/stability.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import { buildSupercell } from '../../structures/supercell.ts';
import { automaticWidth, repeatsOf } from '../automatic-supercell.ts';
import { hasCheckpoints } from '../checkpoint-files.ts';
import { reachOf } from '../models.ts';
import { relaxStage } from '../stages/relax-stage.ts';
import type { RelaxStageOutcome } from '../stages/relax-stage.ts';
import type { WorkflowContext } from '../workflow.ts';
import { analyzeStability } from './analyze.ts';
import { doubtsOf } from './doubts.ts';
import { equilibrate } from './equilibrate.ts';
import type { Equilibrated } from './equilibrate.ts';
import { writeStabilityFiles } from './files.ts';
import { FirstImage } from './pictures.ts';
import { assertEnsemble, planWarnings, relaxSettings } from './plan.ts';
import { produce } from './produce.ts';
import type { Production } from './produce.ts';
import { withoutDrift } from '../velocities.ts';

/** Of the task, for the relaxation; the dynamics shares the rest by its steps. */
const RELAX_PERCENT = 10;
const DYNAMICS_PERCENT = 99;

type Context = WorkflowContext<StabilityParameters>;

export async function runStability(context: Context): Promise<StabilityResult> {
  const { parameters, structure, potential, reporter } = context;
  assertEnsemble(parameters, structure);
  const repeats = repeatsOf(
    parameters.supercell,
    structure,
    automaticWidth('stability', reachOf(context, parameters.model_options)),
  );
  const relaxation = parameters.relax_first ? await relax(context) : null;
  const relaxed = relaxation === null ? null : elementAt(relaxation.structures, 0, 'structure');
  const reference = repeated(relaxed?.structure ?? structure, repeats);
  const planned = planWarnings(parameters, reference, repeats);
  tell(context, planned);
  const { outcome, analysis, warnings } = await move(context, reference, repeats);

  reporter.stage('analyze');
  const figures = analyzeStability({ parameters, input: structure, relaxed, repeats, analysis, outcome });
  const doubts = doubtsOf(figures, parameters, potential);
  tell(context, [...warnings, ...doubts]);
  return writeStabilityFiles(context, {
    figures,
    relaxed: relaxed?.structure ?? null,
    last: outcome.structure,
    warnings: [...new Set([...planned, ...(relaxation?.warnings ?? []), ...warnings, ...doubts])],
  });
}

/** What earlier attempts have left is looked at stage by stage. */
export const isStabilityResumable = hasCheckpoints;

function relax(context: Context): Promise<RelaxStageOutcome> {
  context.reporter.stage('relax');
  return relaxStage(context, {
    name: 'relax',
    structures: [context.structure],
    settings: relaxSettings(context.parameters),
    progress: { from: 0, to: RELAX_PERCENT },
  });
}

function repeated(structure: Structure, repeats: Vector3): Structure {
  return repeats.every((count) => count === 1) ? structure : buildSupercell(structure, repeats);
}

async function move(context: Context, reference: Structure, repeats: Vector3): Promise<Production> {
  const { parameters, structure, reporter } = context;
  const { equilibration_steps, total_steps, relax_first } = parameters;
  const pictures = new FirstImage(structure, repeats, reporter);
  const begin = relax_first ? RELAX_PERCENT : 0;
  const middle = begin + ((DYNAMICS_PERCENT - begin) * equilibration_steps) / (equilibration_steps + total_steps);
  // What is hot or relaxed would be typed as it is at that moment; the bonds of the task are those of its input.
  const topology = repeated(structure, repeats);
  const state =
    equilibration_steps === 0
      ? null
      : await equilibrate(context, { start: reference, topology, pictures, progress: { from: begin, to: middle } });
  const production = await produce(context, {
    reference,
    topology,
    start: state?.structure ?? reference,
    ...velocitiesOf(state),
    pictures,
    progress: { from: middle, to: DYNAMICS_PERCENT },
  });
  return { ...production, warnings: [...(state?.warnings ?? []), ...production.warnings] };
}

/** A molecule without periodic axes must not turn as a whole either: the kernel draws it velocities that do not. */
function velocitiesOf(state: Equilibrated | null): { velocities?: Vector3[] } {
  if (!state?.structure.pbc.some(Boolean)) return {};
  return { velocities: withoutDrift(state.structure.symbols, state.velocities) };
}

function tell({ reporter }: Context, warnings: readonly string[]): void {
  for (const warning of warnings) reporter.log('WARNING', warning);
}
