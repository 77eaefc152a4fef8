import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockHome } from './lock-home.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-lock-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the lock of the data folder', () => {
  test('a_second_holder_is_refused_until_the_first_releases', () => {
    const first = lockHome(folder);
    expect(() => lockHome(folder)).toThrow(expect.objectContaining({ code: 'home_in_use' }));
    first.release();
    lockHome(folder).release();
  });

  test('the_lock_of_a_killed_process_is_gone_with_it', async () => {
    const holder = fork(join(import.meta.dirname, 'testing', 'hold-lock.ts'), [folder], { execArgv: [] });
    await once(holder, 'message');
    expect(() => lockHome(folder)).toThrow(expect.objectContaining({ code: 'home_in_use' }));
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockHome(folder).release();
  });

  test('a_folder_that_cannot_be_made_is_named', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => lockHome(join(file, 'home'))).toThrow(expect.objectContaining({ code: 'home_not_writable' }));
  });
});
