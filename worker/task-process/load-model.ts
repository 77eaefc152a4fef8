// Has the kernel read a model before the first task that names it: by the smallest calculation that there is.
import { readFile } from 'node:fs/promises';
import type { LoadModel } from '../../contracts/task-process-message.ts';
import { evaluateStructure } from '../kernel-client/evaluate.ts';
import type { Kernel } from '../kernel-client/kernel.ts';
import { potentialOf } from '../workflows/models.ts';

const KILOBYTES_PER_MB = 1024;
/** Of tasks that do not ask for another one. */
const PRECISION = 'float64';

export interface ModelLoad {
  seconds: number;
  /** By which the kernel grew; null on a GPU and where the system does not tell it. */
  memory_mb: number | null;
}

/** With the first of its heads: their weights are one file. @throws KernelFailure */
export async function loadModel(kernel: Kernel, message: LoadModel): Promise<ModelLoad> {
  const { imported_model, element, device, memory_limit_bytes } = message;
  const [head] = imported_model.heads;
  const potential = potentialOf(message, head === undefined ? {} : { head });
  const limit = memory_limit_bytes === undefined ? {} : { memory_limit_bytes };
  const before = await residentMb(kernel.pid);
  const began = performance.now();
  await evaluateStructure(
    kernel,
    { cell: null, pbc: [false, false, false], symbols: [element], positions: [[0, 0, 0]] },
    { potential, device, precision: PRECISION, ...limit },
    { forces: true, stress: false },
  );
  const seconds = (performance.now() - began) / 1000;
  const after = device === 'cpu' ? await residentMb(kernel.pid) : null;
  return { seconds, memory_mb: before === null || after === null ? null : Math.max(0, after - before) };
}

async function residentMb(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / KILOBYTES_PER_MB;
}
