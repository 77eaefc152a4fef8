import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GrowingFile } from './growing-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-growing-file-'));
  path = join(folder, 'file');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function write(size: number, ...texts: string[]): Promise<number> {
  const file = await GrowingFile.open(path, size);
  for (const text of texts) await file.append(text);
  await file.sync();
  await file.close();
  return file.size;
}

describe('GrowingFile', () => {
  it('begins_anew_unless_it_is_told_what_stays', async () => {
    await write(0, 'of an earlier attempt');
    expect(await write(0, 'new')).toBe(3);
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('is_cut_where_an_attempt_goes_on_and_counts_bytes_not_letters', async () => {
    const size = await write(0, 'Å²\n', 'second\n');
    expect(size).toBe(12);
    await write(5, 'other\n');
    expect(readFileSync(path, 'utf8')).toBe('Å²\nother\n');
  });
});
