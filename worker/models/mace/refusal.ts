// How a checkpoint is refused: by name, with a sentence that says what it is and what can be done.
import { ServiceError } from '../../../contracts/error-code.ts';

/** @param reasons whole sentences for whoever brought the file */
export function refusal(reasons: string | readonly string[], options?: ErrorOptions): ServiceError {
  const list = typeof reasons === 'string' ? [reasons] : [...reasons];
  return new ServiceError(42206, { message: list.join(' '), reasons: list }, options);
}

/** For what a checkpoint must have: it was written by something else than mace-torch, or was changed afterwards. */
export function assertConsistent(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw refusal(`The checkpoint contradicts itself or the layout of mace-torch: ${sentence}`);
}
