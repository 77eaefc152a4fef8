import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listBackups } from '../store/backups.ts';
import { lockHome } from '../store/lock-home.ts';
import { DATABASE_FILE, openStore } from '../store/store.ts';
import { DAMAGES } from '../store/testing/damage.ts';
import { runMofsim } from './testing/run-mofsim.ts';

let home = '';
let file = '';

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-restore-'));
  file = join(home, DATABASE_FILE);
  const store = openStore(home);
  store.settings.set('before', true);
  const backups = store.automaticBackups(
    () => new Date(),
    (message) => {
      throw new Error(message);
    },
  );
  await backups.start();
  await backups.stop();
  store.settings.set('after', true);
  store.close();
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

describe('mofsim restore', () => {
  test('puts_the_last_backup_in_place_and_says_where_the_former_database_lies', async () => {
    DAMAGES['garbage in its pages'](file);
    const damaged = readFileSync(file);
    const { code, stdout } = await runMofsim(['restore', '--home', home], {});
    expect(code).toBe(0);
    const aside = /lies in (.*)\.$/m.exec(stdout)?.[1] ?? '';
    expect(readFileSync(aside).equals(damaged)).toBe(true);
    const connection = openStore(home);
    connection.close();
  });

  test('lists_the_backups_and_takes_the_one_that_is_named', async () => {
    const name = basename(listBackups(file)[0]?.path ?? '');
    const listed = await runMofsim(['restore', '--list', '--home', home], {});
    expect(listed.stdout).toContain(name);
    expect((await runMofsim(['restore', name, '--home', home], {})).code).toBe(0);
    const unknown = await runMofsim(['restore', 'mofsim-none.db', '--home', home], {});
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('--list');
  });

  test('leaves_a_data_folder_alone_that_a_service_uses', async () => {
    const before = readFileSync(file);
    const lock = lockHome(home);
    try {
      const { code, stderr } = await runMofsim(['restore', '--home', home], {});
      expect(code).toBe(1);
      expect(stderr).toContain('in use by another running service');
      expect(readFileSync(file).equals(before)).toBe(true);
    } finally {
      lock.release();
    }
  });
});
