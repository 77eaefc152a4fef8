// What an optimization asks of the kernel. Pure.
import type { KernelRequest } from '../../../contracts/kernel-message.ts';
import type { OptimizationParameters } from '../../../contracts/results/optimization.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { isFullyPeriodic } from '../../kernel-client/arrays.ts';
import type { RelaxSettings } from '../../kernel-client/relax.ts';
import { TaskFailure } from '../task-failure.ts';

/** The window shows a moving structure: at least every tenth step brings positions, also with a coarser trajectory. */
const MAX_STEPS_BETWEEN_FRAMES = 10;

type KernelOptimizer = Extract<KernelRequest, { type: 'relax' }>['optimizer'];

const KERNEL_OPTIMIZERS: Readonly<Record<OptimizationParameters['optimizer'], KernelOptimizer | null>> = {
  LBFGS: 'LBFGS',
  FIRE: 'FIRE',
  BFGS: null,
  MDMin: null,
};

export interface OptimizationPlan {
  settings: RelaxSettings;
  warnings: string[];
}

/** @throws TaskFailure ModelError naming an optimizer that is not available yet */
export function planOptimization(parameters: OptimizationParameters, structure: Structure): OptimizationPlan {
  const optimizer = KERNEL_OPTIMIZERS[parameters.optimizer];
  if (optimizer === null) {
    const message = `The optimizer ${parameters.optimizer} is not available yet. Use LBFGS or FIRE.`;
    throw new TaskFailure('ModelError', message, { optimizer: parameters.optimizer, available: ['LBFGS', 'FIRE'] });
  }
  const movesCell = parameters.relax_cell && isFullyPeriodic(structure);
  return {
    settings: {
      optimizer,
      fmax_eV_A: parameters.fmax,
      max_steps: parameters.max_steps,
      cell_mode: movesCell ? 'full' : 'fixed',
      pressure_eV_A3: 0,
      frame_interval: frameInterval(parameters.trajectory_interval),
    },
    warnings:
      parameters.relax_cell && !movesCell
        ? ['The cell stays as it is: the structure is not periodic in all three directions.']
        : [],
  };
}

/** The largest divisor of the trajectory's interval that keeps frames close enough for the eye. */
export function frameInterval(trajectoryInterval: number): number {
  let interval = Math.min(trajectoryInterval, MAX_STEPS_BETWEEN_FRAMES);
  while (trajectoryInterval % interval !== 0) interval--;
  return interval;
}
