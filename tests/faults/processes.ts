// Who runs on this machine, by /proc.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export function childrenOf(pid: number): number[] {
  return allPids().filter((candidate) => /^PPid:\s*(\d+)$/m.exec(read(candidate, 'status'))?.[1] === String(pid));
}

/** Processes that name the folder in their arguments or in their environment. */
export function processesOf(folder: string): number[] {
  return allPids().filter(
    (pid) => pid !== process.pid && (read(pid, 'cmdline').includes(folder) || read(pid, 'environ').includes(folder)),
  );
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Empty for a process that has ended meanwhile, and for one that is not ours. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(join('/proc', String(pid), file), 'utf8');
  } catch {
    return '';
  }
}
