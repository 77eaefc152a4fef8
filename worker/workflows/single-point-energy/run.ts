// Evaluates one structure on the kernel and writes the report.
import { join } from 'node:path';
import type {
  SinglePointEnergyParameters,
  SinglePointEnergyResult,
} from '../../../contracts/results/single-point-energy.ts';
import { evaluateStructure } from '../../kernel-client/evaluate.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { computeSettings, strictTimeout } from '../compute-settings.ts';
import { renderReport } from '../output/report.ts';
import type { WorkflowContext } from '../workflow.ts';
import { analyzeSinglePointEnergy } from './analyze.ts';
import { planSinglePointEnergy } from './plan.ts';
import { singlePointReport } from './report.ts';

export async function runSinglePointEnergy(
  context: WorkflowContext<SinglePointEnergyParameters>,
): Promise<SinglePointEnergyResult> {
  const { parameters, structure, reporter } = context;
  const plan = planSinglePointEnergy(parameters, structure);
  reporter.stage('evaluate');
  const evaluation = await evaluateStructure(context.kernel, structure, computeSettings(context), plan.wants, {
    signal: context.signal,
    ...strictTimeout(context.deadline),
  });
  const result = analyzeSinglePointEnergy(evaluation, {
    nAtoms: structure.symbols.length,
    stress: parameters.compute_stress,
    warnings: plan.warnings,
  });
  for (const warning of result.warnings) reporter.log('WARNING', warning);
  await writeFileAtomic(join(context.folder, 'report.html'), renderReport(singlePointReport(context, result)));
  return result;
}
