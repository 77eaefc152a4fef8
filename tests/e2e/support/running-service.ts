// `mofsim serve` as a user starts it: its own process, a free port, a data folder of its own.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const REPOSITORY = resolve(import.meta.dirname, '..', '..', '..');
const START_LIMIT_MS = 30_000;

export const API_KEY = 'end-to-end-key-0123456789abcdef0123456789abcdef';

export interface RunningService extends AsyncDisposable {
  /** Without a trailing slash. */
  readonly url: string;
}

/** The kernel of this build; the tests need it, and say so when it is not there. */
export function builtKernel(): string | null {
  const asked = process.env.MOFSIM_KERNEL;
  const path = asked ?? join(REPOSITORY, 'out', 'kernel', 'mofkernel');
  return existsSync(path) ? path : null;
}

export function hasBuiltPage(): boolean {
  return existsSync(join(REPOSITORY, 'out', 'renderer', 'index.html'));
}

export async function startService(kernelPath: string): Promise<RunningService> {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-e2e-'));
  const child = spawn(
    process.execPath,
    [join('worker', 'cli', 'mofsim.ts'), 'serve', '--port', '0', '--home', join(folder, 'home')],
    {
      cwd: REPOSITORY,
      env: { ...process.env, MOFSIM_API_KEY: API_KEY, MOFSIM_KERNEL: kernelPath },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: await addressOf(child), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The address that the service prints, or everything it has said when it ends without one. */
function addressOf(child: ChildProcess): Promise<string> {
  const { promise, resolve: found, reject } = Promise.withResolvers<string>();
  const said: string[] = [];
  const timer = setTimeout(() => {
    reject(new Error(`The service said no address within ${START_LIMIT_MS} ms:\n${said.join('\n')}`));
  }, START_LIMIT_MS);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface(stream).on('line', (line) => {
      said.push(line);
      const address = /(http:\/\/127\.0\.0\.1:\d+)\/#key=/.exec(line)?.[1];
      if (address !== undefined) found(address);
    });
  }
  child.once('exit', (code) => {
    reject(new Error(`The service ended with code ${String(code)}:\n${said.join('\n')}`));
  });
  return promise.finally(() => {
    clearTimeout(timer);
  });
}
