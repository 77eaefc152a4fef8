import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomic } from './write-file.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-write-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('atomic files', () => {
  test('the_content_replaces_the_old_one_and_nothing_else_is_left', async () => {
    const path = join(folder, 'result.json');
    await writeFileAtomic(path, 'first');
    await writeFileAtomic(path, 'second');
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(readdirSync(folder)).toEqual(['result.json']);
  });

  test.skipIf(process.platform === 'win32')('only_the_user_may_read_it', async () => {
    const path = join(folder, 'api-key');
    await writeFileAtomic(path, 'secret', 0o600);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('a_failed_write_leaves_no_temporary_file', async () => {
    await expect(writeFileAtomic(join(folder, 'missing', 'a'), 'x')).rejects.toThrow(/ENOENT/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
