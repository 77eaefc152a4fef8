// `mofsim serve` in a process of its own, with what it takes: memory and processor time, from /proc.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const COMMAND_LINE = join(import.meta.dirname, '..', 'worker', 'cli', 'mofsim.ts');
export const API_KEY = 'bench-key-of-one-run-0123456789abcdef';
/** USER_HZ; fixed in the interface of Linux for all architectures in use. */
const TICKS_PER_SECOND = 100;
const UNLIMITED = { limit: 1_000_000, window_seconds: 1 };

export interface ServiceProcess {
  url: string;
  /** From the start of the process to the first answer, s. */
  seconds: number;
  /** Of the service alone, MB; null where there is no /proc. */
  residentMegabytes: () => number | null;
  /** Of the service alone so far, s; null where there is no /proc. */
  ownCpuSeconds: () => number | null;
  /** Of the service, its task processes and kernels so far, s; null where there is no /proc. */
  cpuSeconds: () => number | null;
  stop: () => Promise<void>;
}

/** A data folder whose service has no rate limits. @param settings more of its config.json */
export async function makeUnlimitedHome(home: string, settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await mkdir(home, { recursive: true });
  const rate_limits = { submit: UNLIMITED, status: UNLIMITED, upload: UNLIMITED, other: UNLIMITED };
  await writeFile(join(home, 'config.json'), JSON.stringify({ rate_limits, max_queue_size: 1_000_000, ...settings }));
}

export async function startService(home: string): Promise<ServiceProcess> {
  const started = performance.now();
  const child = spawn(process.execPath, [COMMAND_LINE, 'serve', '--port', '0', '--home', home], {
    env: { ...process.env, MOFSIM_API_KEY: API_KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await addressOf(child);
  await (await fetch(`${url}/api/v1/health`)).json();
  const seconds = (performance.now() - started) / 1000;
  const pid = child.pid ?? 0;
  return {
    url,
    seconds,
    residentMegabytes: () => ifProc(() => residentMegabytes(pid)),
    ownCpuSeconds: () => ifProc(() => readStat(pid)?.seconds ?? 0),
    cpuSeconds: () => ifProc(() => cpuSecondsOfTree(pid)),
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('The service has no stdout.');
  for await (const line of createInterface(stdout)) {
    const url = /(http:\/\/[^/\s]+)\//.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The service ended before it printed its address.');
}

function ifProc(read: () => number): number | null {
  return process.platform === 'linux' ? read() : null;
}

function residentMegabytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (line === undefined) throw new Error(`/proc/${pid}/status does not tell the resident set.`);
  return Number(line) / 1024;
}

function cpuSecondsOfTree(root: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
  const ofTree = new Set([root]);
  for (let isGrowing = true; isGrowing;) {
    const children = processes.filter(({ pid, parent }) => ofTree.has(parent) && !ofTree.has(pid));
    for (const { pid } of children) ofTree.add(pid);
    isGrowing = children.length > 0;
  }
  return processes.filter(({ pid }) => ofTree.has(pid)).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** null when the process has ended meanwhile. */
function readStat(pid: number): { pid: number; parent: number; seconds: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold blanks. Fields behind it: state, parent, …, utime (14), stime (15).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
  } catch {
    return null;
  }
}
