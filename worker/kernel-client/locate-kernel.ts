// Where mofkernel lies on this installation.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KernelFailure } from './kernel-failure.ts';

const PROGRAM = process.platform === 'win32' ? 'mofkernel.exe' : 'mofkernel';

/**
 * `MOFSIM_KERNEL`, else the packaged application's resources, else the build folder of the repository.
 *
 * @param resourcesFolder Electron's `process.resourcesPath`; null outside the packaged application
 * @throws KernelFailure start_failed, naming every place that was looked at
 */
export function locateKernel(env: NodeJS.ProcessEnv = process.env, resourcesFolder: string | null = null): string {
  const asked = env.MOFSIM_KERNEL;
  if (asked !== undefined && asked !== '') {
    const path = resolve(asked);
    if (existsSync(path)) return path;
    throw new KernelFailure('start_failed', `MOFSIM_KERNEL names ${path}, which does not exist.`, { path });
  }
  const repository = resolve(import.meta.dirname, '..', '..');
  const candidates = [
    ...(resourcesFolder === null ? [] : [join(resourcesFolder, 'kernel', PROGRAM)]),
    join(repository, 'out', 'kernel', PROGRAM),
  ];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new KernelFailure(
    'start_failed',
    `The kernel was not found (looked at ${candidates.join(', ')}). Build it with: npm run build:kernel`,
    { looked_at: candidates },
  );
}
