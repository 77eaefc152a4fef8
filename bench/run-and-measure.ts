// A command with what it took besides wall time.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Resources {
  /** User and system time of the command and its children, s. */
  cpu_seconds: number;
  /** Largest resident set of one process, KiB. */
  max_rss_KiB: number;
}

/** GNU time; without it there are no resources to report. */
const GNU_TIME = '/usr/bin/time';

export function runAndMeasure(
  command: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): { status: number | null; stdout: string; stderr: string; resources: Resources | null } {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-time-'));
  try {
    const file = join(folder, 'resources');
    const isMeasured = existsSync(GNU_TIME);
    const [program = '', ...args] = isMeasured ? [GNU_TIME, '-f', '%U %S %M', '-o', file, ...command] : command;
    const { status, stdout, stderr } = spawnSync(program, args, {
      ...options,
      encoding: 'utf8',
      maxBuffer: 1024 * 1024 * 1024,
    });
    const [user, system, rss] = isMeasured
      ? (readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '').split(' ').map(Number)
      : [];
    const resources =
      user === undefined || system === undefined || rss === undefined
        ? null
        : { cpu_seconds: user + system, max_rss_KiB: rss };
    return { status, stdout, stderr, resources };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
