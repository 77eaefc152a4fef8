// The one function that starts outside processes: argument list (never a shell), allow-listed environment, own process
// group, the last stderr lines kept for error messages, and a stop that confirms the end.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { inheritedEnvironment } from './inherited-environment.ts';

const KEPT_STDERR_LINES = 20;
const KEPT_LINE_LENGTH = 500;

export interface ProcessSpec {
  path: string;
  args: readonly string[];
  /** Added to the inherited variables; wins over them. */
  env?: Readonly<Record<string, string>>;
}

export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines that the program wrote for humans, oldest first. */
  stderrTail: readonly string[];
}

export interface OutsideProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Settles when the process has ended and its stderr is read to the end; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Closes stdin, waits `graceMs` for the process to end by itself, then kills its whole group. Safe to call twice. */
  stop(graceMs: number): Promise<ProcessExit>;
  /** Kills the whole group at once. */
  kill(): void;
}

/** The program could not be started at all: missing, not executable, out of processes. */
export class ProcessStartError extends Error {
  readonly path: string;

  constructor(path: string, options: ErrorOptions) {
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(`${path} could not be started: ${reason}`, options);
    this.name = 'ProcessStartError';
    this.path = path;
  }
}

/** @throws ProcessStartError */
export async function startProcess(spec: ProcessSpec): Promise<OutsideProcess> {
  const child = spawn(spec.path, spec.args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...inheritedEnvironment(process.env), ...spec.env },
    // A group of its own, so that stop() reaches whatever the program started. On Windows this would open a console.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const stderr = keepLastLines(child.stderr);
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, stderrTail: stderr() });
    });
  });
  // A program that dies makes writes to its stdin fail; `exited` tells about it, so the stream's own error is not news.
  child.stdin.on('error', () => undefined);
  const pid = await startedPid(child, spec.path);
  keepPriority(pid);

  const kill = () => {
    killGroup(child, pid);
  };
  const stop = async (graceMs: number) => {
    child.stdin.end();
    const timer = setTimeout(kill, graceMs);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  };
  return { pid, stdin: child.stdin, stdout: child.stdout, exited, stop, kill };
}

function startedPid(child: ChildProcess, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new ProcessStartError(path, { cause }));
    });
    child.once('spawn', () => {
      if (child.pid === undefined) reject(new ProcessStartError(path, { cause: 'no process id' }));
      else resolve(child.pid);
    });
  });
}

/**
 * Linux shares out time between sessions before it looks at `nice` (sched_autogroup), and a group of its own is a session of its
 * own: without this a kernel at `nice` 10 would take as much as the service and all else of its session together.
 */
function keepPriority(pid: number): void {
  const priority = getPriority();
  if (process.platform !== 'linux' || priority === 0) return;
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(priority));
  } catch {
    // Not built into this system, or asked too often for one who is not root: then `nice` alone has to do.
  }
}

function killGroup(child: ChildProcess, pid: number): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone between the check and the call: that is what was wanted.
  }
}

function keepLastLines(stream: Readable): () => readonly string[] {
  const lines: string[] = [];
  let open = '';
  const keep = (line: string) => {
    if (line.trim() === '') return;
    lines.push(line.slice(0, KEPT_LINE_LENGTH));
    if (lines.length > KEPT_STDERR_LINES) lines.shift();
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const parts = (open + text).split('\n');
    open = (parts.pop() ?? '').slice(0, KEPT_LINE_LENGTH);
    parts.forEach(keep);
  });
  return () => {
    keep(open);
    open = '';
    return [...lines];
  };
}
