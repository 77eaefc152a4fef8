// Where things lie when the command line runs from the repository.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const REPOSITORY = resolve(import.meta.dirname, '..', '..');

export const RESOURCES_FOLDER = join(REPOSITORY, 'resources');
export const RENDERER_FOLDER = join(REPOSITORY, 'out', 'renderer');

const APPLICATION = 'MOFSimBench';

/** `MOFSIM_HOME`, else the folder that the platform gives to the data of one user's application. */
export function defaultHome(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.MOFSIM_HOME !== undefined && env.MOFSIM_HOME !== '') return resolve(env.MOFSIM_HOME);
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), APPLICATION);
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', APPLICATION);
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), APPLICATION);
}

/** Where the service of a data folder keeps the checkpoints and what was imported of them. */
export function modelsFolderOf(home: string): string {
  return join(home, 'models');
}

/** `MOFSIM_CACHE`, else the folder that the platform gives to what may be deleted at any time. */
export function modelCacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.MOFSIM_CACHE !== undefined && env.MOFSIM_CACHE !== '') return join(resolve(env.MOFSIM_CACHE), 'models');
  if (platform === 'win32') {
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), APPLICATION, 'Cache', 'models');
  }
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', APPLICATION, 'models');
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), APPLICATION, 'models');
}
