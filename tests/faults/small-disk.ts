// A service whose data folder is a disk of its own, as small or as read-only as a test wants it: a tmpfs that only the service's
// processes see. Needs the right to mount, in a user namespace or as root.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const PROGRAM = join(import.meta.dirname, '..', '..', 'worker', 'service', 'testing', 'run-service.ts');
const NAMESPACE = ['--map-root-user', '--mount'];

const startedSchema = z.object({ url: z.string(), apiKey: z.string() });
const failedSchema = z.object({ failure: z.string() });

export function canMount(): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync('unshare', [...NAMESPACE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
}

export interface DiskOptions {
  home: string;
  resourcesFolder: string;
  kernelPath: string;
  /** As for mount(8), such as `size=8m` or `ro`. */
  mountOptions: string;
}

/** Sends what run-service.ts sends; the folder `home` must exist. */
export async function startOnDisk(options: DiskOptions): Promise<SmallDisk> {
  const { home, resourcesFolder, kernelPath, mountOptions } = options;
  const script = 'mount -t tmpfs -o "$0" tmpfs "$1" && exec "$2" "$3" "$1" "$4" "$5"';
  const args = [mountOptions, home, process.execPath, PROGRAM, resourcesFolder, kernelPath];
  const child = spawn('unshare', [...NAMESPACE, 'sh', '-c', script, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as unknown[];
  return new SmallDisk(child, home, message);
}

export class SmallDisk {
  readonly #child: ChildProcess;
  readonly #answer: unknown;
  /** The data folder as the service sees it. */
  readonly #root: string;

  constructor(child: ChildProcess, home: string, answer: unknown) {
    this.#child = child;
    this.#answer = answer;
    this.#root = join('/proc', String(child.pid), 'root', home);
  }

  /** @throws ZodError when the service did not start */
  get started(): { url: string; apiKey: string } {
    return startedSchema.parse(this.#answer);
  }

  /** Why the service did not start. */
  get failure(): string {
    return failedSchema.parse(this.#answer).failure;
  }

  /** Leaves not a byte. */
  fill(): void {
    for (let bytes = 1024 * 1024; bytes >= 1; bytes = Math.floor(bytes / 2)) this.#fillWith(bytes);
  }

  empty(): void {
    rmSync(join(this.#root, 'filler'), { force: true });
  }

  read(filename: string): string {
    return readFileSync(join(this.#root, filename), 'utf8');
  }

  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#root);
    return bavail * bsize;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }

  #fillWith(bytes: number): void {
    const piece = Buffer.alloc(bytes);
    try {
      for (;;) writeFileSync(join(this.#root, 'filler'), piece, { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOSPC') throw error;
    }
  }
}
