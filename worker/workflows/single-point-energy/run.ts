// Evaluates one structure, or every structure of a file, on the kernel and writes the report.
import { join } from 'node:path';
import type {
  FrameEnergy,
  SinglePointEnergyParameters,
  SinglePointEnergyResult,
} from '../../../contracts/results/single-point-energy.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import { evaluateStructures } from '../../kernel-client/evaluate.ts';
import type { EvaluatedBatch, Evaluation, EvaluationWants } from '../../kernel-client/evaluate.ts';
import { KernelFailure } from '../../kernel-client/kernel-failure.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { computeSettings, strictTimeout } from '../compute-settings.ts';
import { GrowingFile } from '../output/growing-file.ts';
import { renderReport } from '../output/report.ts';
import type { WorkflowContext } from '../workflow.ts';
import { analyzeSinglePointEnergy } from './analyze.ts';
import { batchesOf, findFailing, formatFrame, formatFrameTable, frameEnergy, readFrames } from './frames.ts';
import type { NamedStructure } from './frames.ts';
import { planSinglePointEnergy } from './plan.ts';
import { singlePointReport } from './report.ts';

type Context = WorkflowContext<SinglePointEnergyParameters>;

export async function runSinglePointEnergy(context: Context): Promise<SinglePointEnergyResult> {
  const { parameters, structure, structure_name: name, reporter, folder } = context;
  reporter.stage('evaluate');
  const first = { name, structure };
  const frames = parameters.all_frames ? await readFrames(folder, first) : [first];
  const plan = planSinglePointEnergy(
    parameters,
    frames.map((frame) => frame.structure),
  );
  const evaluated = parameters.all_frames
    ? await evaluateFrames(context, frames, plan.wants)
    : { first: firstOf(await evaluate(context, frames, plan.wants)), frames: null };
  const result = analyzeSinglePointEnergy(evaluated.first, {
    nAtoms: elementAt(frames, 0, 'frame').structure.symbols.length,
    stress: parameters.compute_stress,
    warnings: plan.warnings,
    frames: evaluated.frames,
  });
  for (const warning of result.warnings) reporter.log('WARNING', warning);
  await writeFileAtomic(join(folder, 'report.html'), renderReport(singlePointReport(context, result)));
  return result;
}

function evaluate(
  context: Context,
  frames: readonly NamedStructure[],
  wants: EvaluationWants,
): Promise<EvaluatedBatch> {
  return evaluateStructures(
    context.kernel,
    frames.map(({ structure }) => structure),
    computeSettings(context),
    wants,
    { signal: context.signal, ...strictTimeout(context.deadline) },
  );
}

function firstOf({ structures, warnings, kernel_seconds }: EvaluatedBatch): Evaluation {
  return { ...elementAt(structures, 0, 'structure'), warnings, kernel_seconds };
}

/** A structure that the model cannot compute, with its place in the file; every other failure as it is. */
async function namingFrame(
  context: Context,
  batch: readonly NamedStructure[],
  nBefore: number,
  error: unknown,
): Promise<unknown> {
  if (!isStructureFailure(error)) return error;
  const i = await findFailing(batch, (part) =>
    evaluate(context, part, { forces: false, stress: false }).then(
      () => false,
      (other: unknown) => {
        if (isStructureFailure(other)) return true;
        throw other;
      },
    ),
  );
  const frame_index = nBefore + i;
  const message = `Structure ${frame_index} of the file (${elementAt(batch, i, 'frame').name}): ${error.message}`;
  return new KernelFailure(error.code, message, { ...error.details, frame_index }, { cause: error });
}

function isStructureFailure(error: unknown): error is KernelFailure {
  return error instanceof KernelFailure && (error.code === 'atom_typing' || error.code === 'bad_structure');
}

/** frames.xyz grows with every batch: the forces of all structures are never in memory together. */
async function evaluateFrames(
  context: Context,
  all: readonly NamedStructure[],
  wants: EvaluationWants,
): Promise<{ first: Evaluation; frames: FrameEnergy[] }> {
  const { folder, reporter, parameters } = context;
  const asked = { stress: parameters.compute_stress };
  const frames: FrameEnergy[] = [];
  const warnings = new Set<string>();
  let first: Evaluation | null = null;
  const file = wants.forces ? await GrowingFile.open(join(folder, 'frames.xyz')) : null;
  try {
    for (const batch of batchesOf(all)) {
      const evaluated = await evaluate(context, batch, wants).catch(async (error: unknown) => {
        throw await namingFrame(context, batch, frames.length, error);
      });
      first ??= firstOf(evaluated);
      for (const warning of evaluated.warnings) warnings.add(warning);
      const at = (i: number): number => frames.length + i;
      const pairs = batch.map((frame, i) => ({ frame, evaluation: elementAt(evaluated.structures, i, 'structure') }));
      await file?.append(pairs.map(({ frame, evaluation }, i) => formatFrame(at(i), frame, evaluation)).join(''));
      frames.push(...pairs.map(({ frame, evaluation }, i) => frameEnergy(at(i), frame, evaluation, asked)));
      reporter.progress((99 * frames.length) / all.length);
    }
  } finally {
    await file?.close();
  }
  if (first === null) throw new Error('A file that was read has a structure.');
  await writeFileAtomic(join(folder, 'frames.csv'), formatFrameTable(frames));
  return { first: { ...first, warnings: [...warnings] }, frames };
}
