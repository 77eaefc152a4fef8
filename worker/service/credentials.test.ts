import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newApiKeySchema } from '../../contracts/api-key.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { createAudit } from './audit.ts';
import { createCredentials } from './credentials.ts';
import type { Caller, Credentials } from './credentials.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const ADMIN: Caller = { owner: 'local', key_id: 'first', scope: 'admin' };

let home = '';
let store: Store;
let nowMs = START;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-keys-'));
  store = openStore(home);
  nowMs = START;
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function credentialsOf(): Credentials {
  const now = () => new Date(nowMs);
  return createCredentials({ store, audit: createAudit(store, now), now });
}

const code = (expected: number): unknown => expect.objectContaining({ code: expected });
const create = (credentials: Credentials, key: Record<string, unknown>) =>
  credentials.create(ADMIN, newApiKeySchema.parse({ name: 'a script', ...key }));

describe('the first key', () => {
  test('is_made_once_lies_in_a_private_file_and_only_its_hash_is_stored', async () => {
    const key = await credentialsOf().prepareFirstKey(undefined);
    expect(await credentialsOf().prepareFirstKey(undefined)).toBe(key);
    const file = join(home, 'api-key');
    expect(readFileSync(file, 'utf8').trim()).toBe(key);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(home, 'mofsim.db')).includes(key)).toBe(false);
    expect(readFileSync(join(home, 'mofsim.db-wal')).includes(key)).toBe(false);
    expect(credentialsOf().check(key)).toEqual(ADMIN);
  });

  test('a_lost_or_edited_key_file_gets_a_new_key_and_the_old_one_ends', async () => {
    const old = await credentialsOf().prepareFirstKey(undefined);
    writeFileSync(join(home, 'api-key'), 'something else');
    const credentials = credentialsOf();
    const fresh = await credentials.prepareFirstKey(undefined);
    expect(fresh).not.toBe(old);
    expect(credentials.check(fresh)).toEqual(ADMIN);
    expect(() => credentials.check(old)).toThrow(code(40103));
  });

  test('a_preset_key_works_for_this_run_and_is_written_nowhere', async () => {
    const credentials = credentialsOf();
    expect(await credentials.prepareFirstKey('preset')).toBe('preset');
    expect(credentials.check('preset')).toEqual({ ...ADMIN, key_id: 'preset' });
    expect(credentials.list('local')).toEqual([]);
    expect(() => credentialsOf().check('preset')).toThrow(code(40103));
  });

  test('session_tokens_differ_and_end_with_the_service', () => {
    const credentials = credentialsOf();
    const [first, second] = [credentials.createSessionToken(), credentials.createSessionToken()];
    expect(first).not.toBe(second);
    expect(credentials.check(first)).toEqual({ ...ADMIN, key_id: null });
    expect(() => credentialsOf().check(first)).toThrow(code(40103));
  });
});

describe('keys', () => {
  test('a_key_is_told_once_works_with_its_scope_and_is_audited_without_its_secret', () => {
    const credentials = credentialsOf();
    const { key, ...created } = create(credentials, { scope: 'read' });
    expect(credentials.check(key)).toEqual({ owner: 'local', key_id: created.key_id, scope: 'read' });
    expect(credentialsOf().list('local')).toMatchObject([{ key_id: created.key_id, name: 'a script', scope: 'read' }]);
    const [entry] = store.auditLog.list(10, 0);
    expect(entry).toMatchObject({ key_id: 'first', action: 'key.created', target: created.key_id });
    expect(JSON.stringify(entry)).not.toContain(key);
  });

  test('submit_is_the_scope_of_a_key_for_which_none_was_asked', () => {
    expect(create(credentialsOf(), {}).scope).toBe('submit');
  });

  test('a_key_ends_at_its_expiry_whatever_the_offset_it_was_written_with', () => {
    const credentials = credentialsOf();
    const { key } = create(credentials, { expires_at: '2026-01-01T09:00:00+08:00' });
    nowMs = Date.parse('2026-01-01T00:59:59.999Z');
    expect(credentials.check(key).scope).toBe('submit');
    nowMs = Date.parse('2026-01-01T01:00:00.000Z');
    expect(() => credentials.check(key)).toThrow(code(40104));
    expect(() => create(credentials, { expires_at: '2026-01-01T01:00:00Z' })).toThrow(code(40004));
  });

  test('a_revoked_key_ends_at_once_and_cannot_be_revoked_twice', () => {
    const credentials = credentialsOf();
    const { key, key_id } = create(credentials, {});
    expect(credentials.revoke(ADMIN, key_id).revoked_at).toBe('2026-01-01T00:00:00.000Z');
    expect(() => credentials.check(key)).toThrow(code(40103));
    expect(() => credentials.revoke(ADMIN, key_id)).toThrow(code(40305));
    expect(() => credentials.revoke(ADMIN, 'key_none')).toThrow(code(40405));
    expect(store.auditLog.list(1, 0)).toMatchObject([{ action: 'key.revoked', target: key_id }]);
  });

  test('the_last_admin_key_that_works_cannot_be_revoked', async () => {
    const credentials = credentialsOf();
    await credentials.prepareFirstKey(undefined);
    create(credentials, { scope: 'submit' });
    const short = create(credentials, { scope: 'admin', expires_at: '2026-01-01T01:00:00Z' });
    nowMs = Date.parse('2026-01-01T02:00:00Z');
    expect(() => credentials.revoke(ADMIN, 'first')).toThrow(code(40305));
    const other = create(credentials, { scope: 'admin' });
    expect(credentials.revoke(ADMIN, 'first').revoked_at).not.toBeNull();
    expect(() => credentials.revoke(ADMIN, other.key_id)).toThrow(code(40305));
    expect(() => credentials.check(short.key)).toThrow(code(40104));
  });

  test('a_revoked_first_key_is_replaced_at_the_next_start', async () => {
    const credentials = credentialsOf();
    const old = await credentials.prepareFirstKey(undefined);
    create(credentials, { scope: 'admin' });
    credentials.revoke(ADMIN, 'first');
    const fresh = await credentialsOf().prepareFirstKey(undefined);
    expect(fresh).not.toBe(old);
    expect(credentials.check(fresh)).toEqual(ADMIN);
  });

  test('the_last_use_is_written_at_most_once_a_minute', () => {
    const credentials = credentialsOf();
    const { key } = create(credentials, {});
    const lastUse = () => credentials.list('local')[0]?.last_used_at;
    for (const [seconds, expected] of [
      [0, '2026-01-01T00:00:00.000Z'],
      [59, '2026-01-01T00:00:00.000Z'],
      [60, '2026-01-01T00:01:00.000Z'],
      // A clock that was set back does not stop it.
      [-3600, '2025-12-31T23:00:00.000Z'],
    ] as const) {
      nowMs = START + seconds * 1000;
      credentials.check(key);
      expect(lastUse()).toBe(expected);
    }
  });
});
