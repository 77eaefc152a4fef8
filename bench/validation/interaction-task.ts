// One interaction-energy task without a service, for the comparisons of this folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interactionEnergyResultSchema } from '../../contracts/results/interaction-energy.ts';
import type { InteractionEnergyResult } from '../../contracts/results/interaction-energy.ts';
import type { Structure } from '../../contracts/structure.ts';
import type { Kernel } from '../../worker/kernel-client/kernel.ts';
import { Reporter } from '../../worker/workflows/reporter.ts';
import { runTask } from '../../worker/workflows/run-task.ts';

export interface Estimate {
  value: number;
  standard_error: number;
}

export async function runInteractionTask(
  kernel: Kernel,
  structure_name: string,
  structure: Structure,
  parameters: Record<string, unknown>,
): Promise<InteractionEnergyResult> {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-interaction-'));
  try {
    const { result } = await runTask(
      {
        task_id: 'task_validation',
        task_type: 'interaction-energy',
        model: 'uff4mof',
        parameters,
        structure,
        structure_name,
        device: 'cpu',
        folder,
      },
      { kernel, signal: new AbortController().signal, reporter: new Reporter(() => undefined) },
    );
    return interactionEnergyResultSchema.parse(result);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function henryOf(result: InteractionEnergyResult): Estimate {
  return {
    value: result.henry_coefficient_mol_kg_Pa,
    standard_error: result.henry_coefficient_standard_error_mol_kg_Pa ?? Number.NaN,
  };
}

/** A row of a table in Markdown: what, ours, theirs, and how far they are apart in combined standard errors. */
export function comparedRow(what: string, ours: Estimate, theirs: Estimate): string {
  const text = ({ value, standard_error }: Estimate): string =>
    `${value.toPrecision(6)} ± ${standard_error.toPrecision(2)}`;
  const apart = (ours.value - theirs.value) / Math.hypot(ours.standard_error, theirs.standard_error);
  return `| ${what} | ${text(ours)} | ${text(theirs)} | ${apart.toFixed(1)} |`;
}
