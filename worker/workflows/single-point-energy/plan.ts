// What a single-point energy asks of the kernel. Pure.
import type { SinglePointEnergyParameters } from '../../../contracts/results/single-point-energy.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { isFullyPeriodic } from '../../kernel-client/arrays.ts';

export interface SinglePointPlan {
  wants: { forces: boolean; stress: boolean };
  warnings: string[];
}

export function planSinglePointEnergy(parameters: SinglePointEnergyParameters, structure: Structure): SinglePointPlan {
  const hasStress = isFullyPeriodic(structure);
  return {
    wants: { forces: parameters.compute_forces, stress: parameters.compute_stress && hasStress },
    warnings:
      parameters.compute_stress && !hasStress
        ? ['No stress: the structure is not periodic in all three directions.']
        : [],
  };
}
