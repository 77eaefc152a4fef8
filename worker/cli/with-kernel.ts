// A kernel for the length of one command: started, given to `use`, stopped. Ctrl-C cancels what runs.
import type { Kernel } from '../kernel-client/kernel.ts';
import { startKernel } from '../kernel-client/kernel.ts';
import { listDevices } from '../kernel-client/devices.ts';
import { KernelFailure } from '../kernel-client/kernel-failure.ts';
import { locateKernel } from '../kernel-client/locate-kernel.ts';
import { isCancellation, isInputFailure, toTaskError } from '../workflows/task-failure.ts';
import { CliError, EXIT_BAD_INPUT, EXIT_FAILED, EXIT_INTERRUPTED } from './cli-error.ts';
import { onStopSignal } from './stop-signal.ts';

/** @throws CliError with the exit code that fits the failure */
export async function withKernel<T>(use: (kernel: Kernel, signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const stopListening = onStopSignal(() => {
    abort.abort();
  });
  let kernel: Kernel | null = null;
  try {
    kernel = await startKernel({ path: locateKernel() });
    return await use(kernel, abort.signal);
  } catch (error) {
    throw toCliError(error, abort.signal);
  } finally {
    await kernel?.stop();
    stopListening();
  }
}

/** The device asked for, else the first GPU, else the CPU. */
export async function chooseDevice(kernel: Kernel, asked: string | undefined): Promise<string> {
  if (asked !== undefined) return asked;
  const { devices } = await listDevices(kernel);
  return devices.find(({ kind }) => kind === 'cuda')?.device ?? 'cpu';
}

function toCliError(error: unknown, signal: AbortSignal): CliError {
  if (error instanceof CliError) return error;
  if (isCancellation(error) || signal.aborted) return new CliError(EXIT_INTERRUPTED, 'Interrupted.', { cause: error });
  const taskError = toTaskError(error);
  const isBadInput = isInputFailure(taskError) || (error instanceof KernelFailure && error.code === 'no_device');
  return new CliError(isBadInput ? EXIT_BAD_INPUT : EXIT_FAILED, taskError.message, { cause: error });
}
