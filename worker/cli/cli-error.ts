// How a command ends: 0 ok, 1 failed, 2 bad input. Every command throws; only mofsim.ts sets the exit code.

export const EXIT_FAILED = 1;
export const EXIT_BAD_INPUT = 2;
/** By convention 128 + the number of SIGINT. */
export const EXIT_INTERRUPTED = 130;

export class CliError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

export function badInput(message: string, options?: ErrorOptions): CliError {
  return new CliError(EXIT_BAD_INPUT, message, options);
}
