// Where mace-torch, which judges the kernel's MACE, lies on this machine.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const DEFAULT_PYTHON = resolve(import.meta.dirname, '../../out/mace-torch/bin/python');

/** The Python that has mace-torch: MOFSIM_MACE_PYTHON, else the environment that README.md tells to make; null where it is not. */
export function findJudge(): string | null {
  const python = process.env.MOFSIM_MACE_PYTHON ?? DEFAULT_PYTHON;
  return existsSync(python) ? python : null;
}

export const NO_JUDGE = `mace-torch is not installed (no ${DEFAULT_PYTHON}, and MOFSIM_MACE_PYTHON names nothing else); tests/parity/README.md tells how.`;
