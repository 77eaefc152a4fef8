// What a full disk and a read-only data folder cost: a clear error, and nothing that was acknowledged.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

const SCRIPT = join(import.meta.dirname, 'testing', 'small-disk.ts');

/** Runs shell words in a mount namespace of their own, so that no mount outlives them. */
function inNamespace(commands: string, ...args: string[]) {
  return spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-ec', commands, 'sh', ...args], {
    encoding: 'utf8',
  });
}

const probe = inNamespace('mount -t tmpfs -o size=64k tmpfs "$1"', tmpdir());
const canMount = probe.status === 0;
if (!canMount) {
  const reason = probe.error?.message ?? probe.stderr;
  process.stdout.write(`Tests of a full disk are left out: no small disk can be mounted here (${reason.trim()}).\n`);
}

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-disk-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!canMount)('a data folder', () => {
  test('on_a_full_disk_refuses_what_it_cannot_keep_keeps_the_rest_and_goes_on_when_there_is_room', () => {
    const { stdout, stderr } = inNamespace(
      'mount -t tmpfs -o size=6m tmpfs "$1" && "$2" "$3" "$1"',
      folder,
      process.execPath,
      SCRIPT,
    );
    const answer = z
      .object({
        warning: z.string(),
        refusal: z.string(),
        acknowledged: z.int(),
        whileFull: z.int(),
        found: z.int(),
        total: z.int(),
      })
      .parse(JSON.parse(stdout || stderr));
    expect(answer.refusal).toBe('SQLITE_FULL');
    expect(answer.warning).toContain('No backup was made');
    expect(answer.acknowledged).toBeGreaterThan(10);
    expect(answer.whileFull).toBe(answer.acknowledged);
    expect(answer.found).toBe(answer.acknowledged + 1);
    expect(answer.total).toBe(answer.acknowledged + 1);
  });

  test('that_cannot_be_written_is_refused_by_name', () => {
    const { stdout, stderr } = inNamespace(
      'mount -t tmpfs tmpfs "$1" && mount -o remount,ro "$1" && "$2" "$3" "$1"',
      folder,
      process.execPath,
      SCRIPT,
    );
    const answer = z.object({ code: z.string(), message: z.string() }).parse(JSON.parse(stdout || stderr));
    expect(answer.code).toBe('home_not_writable');
    expect(answer.message).toContain(folder);
  });

  test('that_has_no_room_for_a_database_is_refused_by_name', () => {
    const { stdout, stderr } = inNamespace(
      'mount -t tmpfs -o size=64k tmpfs "$1" && "$2" "$3" "$1"',
      folder,
      process.execPath,
      SCRIPT,
    );
    const answer = z.object({ code: z.string(), message: z.string() }).parse(JSON.parse(stdout || stderr));
    expect(answer.code).toBe('home_not_writable');
    expect(answer.message).toContain('disk');
  });
});
