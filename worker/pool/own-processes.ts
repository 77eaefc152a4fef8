// Which programs on a GPU are ours: descendants of this process.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { GpuProcess } from './nvidia-smi.ts';

const MAX_GENERATIONS = 32;

/** Those of somebody else. Where parents cannot be read (not Linux, or ids of another container), the kernel's name decides. */
export async function foreignProcesses(
  processes: readonly GpuProcess[],
  kernelPath: string,
  own = { pid: process.pid, readParent },
): Promise<GpuProcess[]> {
  const isForeign = await Promise.all(
    processes.map(async ({ pid, name }) => {
      const isDescendant = await descendsFrom(own.pid, pid, own.readParent);
      return isDescendant === null ? !isKernel(name, kernelPath) : !isDescendant;
    }),
  );
  return processes.filter((_, i) => isForeign[i] === true);
}

/** null when the process is not known here. */
async function descendsFrom(
  ancestor: number,
  pid: number,
  parentOf: (pid: number) => Promise<number | null>,
): Promise<boolean | null> {
  let at = pid;
  for (let generation = 0; generation < MAX_GENERATIONS; generation++) {
    if (at === ancestor) return true;
    const parent = await parentOf(at);
    if (parent === null) return generation === 0 ? null : false;
    if (parent <= 1) return false;
    at = parent;
  }
  return false;
}

/** @returns null when there is no such process, or no /proc */
async function readParent(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, parent] = /^PPid:\s+(\d+)$/m.exec(status) ?? [];
  return parent === undefined ? null : Number(parent);
}

function isKernel(name: string, kernelPath: string): boolean {
  return name === kernelPath || basename(name) === basename(kernelPath);
}
