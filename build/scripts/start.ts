// `npm start`: opens the window, or, where Electron's runtime cannot be had, serves the same page to the browser and says so.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { repositoryFolder } from './paths.ts';

const INSTALL_TIMEOUT_MS = 180_000;

/** The runtime's executable, or null when it has not been fetched. */
function findElectron(packageFolder: string): string | null {
  const pathFile = join(packageFolder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const executable = join(packageFolder, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(executable) ? executable : null;
}

/** Electron's own installer; its failure is not ours, so its output is kept back and only its last line is told. */
function installElectron(packageFolder: string): string | null {
  const run = spawnSync(process.execPath, [join(packageFolder, 'install.js')], {
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (run.status === 0) return null;
  const reason = /(?:Error|error): .*/.exec(run.stderr)?.[0];
  return reason ?? run.error?.message ?? 'the installer failed';
}

function startProgram(command: string, args: readonly string[]): void {
  const child = spawn(command, args, { cwd: repositoryFolder, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
}

const electronPackage = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
const failure = findElectron(electronPackage) === null ? installElectron(electronPackage) : null;
const electron = findElectron(electronPackage);
if (electron === null) {
  console.log(
    `Electron's runtime is not available here (${failure ?? 'not installed'}); open the address below in a browser instead.`,
  );
  startProgram(process.execPath, [join('worker', 'cli', 'mofsim.ts'), 'serve']);
} else {
  startProgram(electron, ['.']);
}
