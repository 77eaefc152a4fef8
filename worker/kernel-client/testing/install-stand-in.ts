// Puts an executable stand-in kernel with a chosen behavior into a test's folder, for code that takes a kernel's path.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const STAND_IN_KERNEL = join(import.meta.dirname, 'stand-in-kernel.ts');

/** @returns absolute path of a program that can be spawned as a kernel; POSIX only */
export function installStandIn(folder: string, behavior: readonly string[] = []): string {
  const path = join(folder, 'mofkernel');
  const command = [process.execPath, STAND_IN_KERNEL, ...behavior].map((part) => `'${part}'`).join(' ');
  writeFileSync(path, `#!/bin/sh\nexec ${command} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}
