// What can go wrong with a kernel, seen from this side of the pipe.
import type { KernelErrorCode } from '../../contracts/kernel-message.ts';

/**
 * The kernel's own codes, and:
 *   start_failed  the program is missing, not executable, or is no mofkernel of our protocol
 *   crashed       it ended while a request was open
 *   protocol      it sent something that is not our protocol, or an answer that lacks what was asked for
 *   timeout       it did not answer within the deadline
 *   cancelled     the request was cancelled before it had a result
 *   stopped       it was asked to stop while the request was open, or before
 */
export type KernelFailureCode =
  KernelErrorCode | 'start_failed' | 'crashed' | 'protocol' | 'timeout' | 'cancelled' | 'stopped';

export class KernelFailure extends Error {
  readonly code: KernelFailureCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: KernelFailureCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'KernelFailure';
    this.code = code;
    this.details = details;
  }
}
