// What a single-point energy asks of the kernel. Pure.
import type { SinglePointEnergyParameters } from '../../../contracts/results/single-point-energy.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { isFullyPeriodic } from '../../kernel-client/arrays.ts';
import type { EvaluationWants } from '../../kernel-client/evaluate.ts';

export interface SinglePointPlan {
  wants: EvaluationWants;
  warnings: string[];
}

export function planSinglePointEnergy(
  { compute_forces, compute_stress, compute_per_atom }: SinglePointEnergyParameters,
  structures: readonly Structure[],
): SinglePointPlan {
  const nPeriodic = structures.filter(isFullyPeriodic).length;
  return {
    wants: { forces: compute_forces, stress: compute_stress && nPeriodic > 0, per_atom: compute_per_atom },
    warnings: compute_stress ? stressWarnings(structures.length, nPeriodic) : [],
  };
}

function stressWarnings(n: number, nPeriodic: number): string[] {
  if (nPeriodic === n) return [];
  return [
    n === 1
      ? 'No stress: the structure is not periodic in all three directions.'
      : `No stress for ${n - nPeriodic} of ${n} structures: they are not periodic in all three directions.`,
  ];
}
