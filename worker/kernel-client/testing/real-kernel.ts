// For tests on the kernel itself: skipped, with the reason, where it has not been built.
import { locateKernel } from '../locate-kernel.ts';

/** Why there is none; null where there is one. */
export const NO_KERNEL: string | null = reasonWithout();

function reasonWithout(): string | null {
  try {
    locateKernel();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
