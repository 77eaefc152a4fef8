import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { createCredentials } from './credentials.ts';

let home = '';
let store: Store;
const now = () => new Date('2026-01-01T00:00:00.000Z');

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-keys-'));
  store = openStore(home);
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

describe('keys', () => {
  test('the_first_key_is_made_once_lies_in_a_private_file_and_only_its_hash_is_stored', async () => {
    const key = await createCredentials(store, now).prepareFirstKey(undefined);
    expect(await createCredentials(store, now).prepareFirstKey(undefined)).toBe(key);
    const file = join(home, 'api-key');
    expect(readFileSync(file, 'utf8').trim()).toBe(key);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(home, 'mofsim.db')).includes(key)).toBe(false);
    expect(readFileSync(join(home, 'mofsim.db-wal')).includes(key)).toBe(false);
  });

  test('a_lost_or_edited_key_file_gets_a_new_key_and_the_old_one_ends', async () => {
    const old = await createCredentials(store, now).prepareFirstKey(undefined);
    writeFileSync(join(home, 'api-key'), 'something else');
    const credentials = createCredentials(store, now);
    const fresh = await credentials.prepareFirstKey(undefined);
    expect(fresh).not.toBe(old);
    expect(credentials.check(fresh)).toEqual({ owner: 'local' });
    expect(() => credentials.check(old)).toThrow(expect.objectContaining({ code: 40103 }));
  });

  test('a_preset_key_works_for_this_run_and_is_written_nowhere', async () => {
    const credentials = createCredentials(store, now);
    expect(await credentials.prepareFirstKey('preset')).toBe('preset');
    expect(credentials.check('preset')).toEqual({ owner: 'local' });
    expect(store.apiKeys.all()).toEqual([]);
    expect(() => createCredentials(store, now).check('preset')).toThrow(expect.objectContaining({ code: 40103 }));
  });

  test('session_tokens_differ_and_end_with_the_service', async () => {
    const credentials = createCredentials(store, now);
    const [first, second] = [credentials.createSessionToken(), credentials.createSessionToken()];
    expect(first).not.toBe(second);
    expect(credentials.check(first)).toEqual({ owner: 'local' });
    expect(() => createCredentials(store, now).check(first)).toThrow(expect.objectContaining({ code: 40103 }));
  });
});
