// What every request to the kernel carries, from the context of its task. Pure.
import type { CalculationOptions, ComputeSettings } from '../kernel-client/settings.ts';
import type { ComputeParameters } from './compute-parameters.ts';
import type { Deadline } from './deadline.ts';
import type { WorkflowContext } from './workflow.ts';

/** A run ends by itself at its deadline, with its state kept; only one that does not is stopped from here. */
const GRACE_SECONDS = 10;

export function computeSettings(context: WorkflowContext<ComputeParameters>): ComputeSettings {
  const { potential, device, parameters, memory_limit_bytes } = context;
  const limit = memory_limit_bytes === undefined ? {} : { memory_limit_bytes };
  return { potential, device, precision: parameters.precision, ...limit };
}

/** For requests that know a deadline of their own. */
export function requestTimeout(deadline: Deadline): Pick<CalculationOptions, 'timeoutMs'> {
  return timeoutOf(deadline, GRACE_SECONDS);
}

/** For requests that cannot be stopped but by the end of the kernel. */
export function strictTimeout(deadline: Deadline): Pick<CalculationOptions, 'timeoutMs'> {
  return timeoutOf(deadline, 0);
}

function timeoutOf(deadline: Deadline, graceSeconds: number): Pick<CalculationOptions, 'timeoutMs'> {
  const seconds = deadline.remainingSeconds();
  // Later is no longer a timer.
  return seconds === null ? {} : { timeoutMs: Math.min(2 ** 31 - 1, 1000 * (seconds + graceSeconds)) };
}
