// The temperatures of a task. Pure.
import type { HeatCapacityParameters } from '../../../contracts/results/heat-capacity.ts';

/** Of a step, so that a range of whole steps reaches its end whatever rounding does. */
const ROUNDING = 1e-6;

/** @returns K, ascending, from the first temperature in steps up to the last one at most */
export function temperaturesOf({
  temperature_range: [from, to],
  temperature_step: step,
}: Pick<HeatCapacityParameters, 'temperature_range' | 'temperature_step'>): number[] {
  const nSteps = Math.floor((to - from) / step + ROUNDING);
  return Array.from({ length: nSteps + 1 }, (_, i) => Number((from + i * step).toFixed(9)));
}
