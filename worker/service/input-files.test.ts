// A file per structure, there before the first row that names it, gone after the last, and never anybody else's.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StructureGeometry } from '../../contracts/structure.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import { readOwnStructure } from './read-structure.ts';
import { createInputFiles } from './input-files.ts';
import type { InputFiles } from './input-files.ts';
import { ROCK_SALT_CIF } from './testing/test-service.ts';

let home = '';
let store: Store;
let files: InputFiles;
let geometry: StructureGeometry;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-inputs-'));
  store = openStore(home);
  files = createInputFiles(store);
  const { name, structure, summary } = await readOwnStructure(Buffer.from(ROCK_SALT_CIF), 'salt.cif');
  geometry = { name, structure, summary };
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

const names = (): string[] => readdirSync(store.inputsFolder);

function insertTask(input_sha256: string): string {
  const queued = { queued_at: '2026-01-01T00:00:00.000Z', queue_time: 1 };
  return store.tasks.insert(exampleTask({ input_sha256 }), { work: 8, size_class: 6 }, queued).task_id;
}

test('the_same_content_is_one_file_whoever_brings_it_and_when', async () => {
  const twins = await Promise.all([files.keep(geometry), files.keep(structuredClone(geometry)), files.keep(geometry)]);
  expect(new Set(twins).size).toBe(1);
  expect(names()).toEqual([`${twins[0]}.json`]);
  expect(await files.read(await files.keep(geometry))).toEqual(geometry);
});

test('a_file_that_is_gone_is_written_again', async () => {
  const sha256 = await files.keep(geometry);
  files.forgetUnneeded(sha256);
  expect(files.isThere(sha256)).toBe(false);
  expect(await files.keep(geometry)).toBe(sha256);
  expect(files.isThere(sha256)).toBe(true);
});

test('the_file_stays_as_long_as_a_task_names_it', async () => {
  const sha256 = await files.keep(geometry);
  const ids = [insertTask(sha256), insertTask(sha256)];
  for (const [i, task_id] of ids.entries()) {
    store.tasks.cancel(task_id, 'QUEUED', '2026-01-01T00:00:00.000Z');
    store.tasks.remove(task_id);
    files.forgetUnneeded(sha256);
    expect(files.isThere(sha256)).toBe(i === 0);
  }
});

test('a_task_gets_it_as_its_own_file_and_a_second_attempt_finds_it', async () => {
  const sha256 = await files.keep(geometry);
  const folder = join(home, 'tasks', 'task_a');
  await files.putInto(sha256, folder);
  await files.putInto(sha256, folder);
  expect(JSON.parse(readFileSync(join(folder, 'structure.json'), 'utf8'))).toEqual(geometry);
});

test('a_start_clears_what_crashes_left_and_nothing_else', async () => {
  const sha256 = await files.keep(geometry);
  insertTask(sha256);
  const orphan = `${'a'.repeat(64)}.json`;
  const unfinished = `.${'b'.repeat(64)}.json.0123456789ab.tmp`;
  for (const name of [orphan, unfinished, 'notes.txt', `${'c'.repeat(64)}.json.bak`])
    writeFileSync(join(store.inputsFolder, name), '{}');
  mkdirSync(join(store.inputsFolder, 'mine'));
  await files.start();
  expect(names().sort()).toEqual([`${sha256}.json`, `${'c'.repeat(64)}.json.bak`, 'mine', 'notes.txt'].sort());
});

test('what_a_database_that_was_put_aside_may_need_is_not_cleared', async () => {
  const sha256 = await files.keep(geometry);
  writeFileSync(join(home, 'mofsim.db.replaced-20260101T000000000Z'), '');
  await files.start();
  expect(names()).toEqual([`${sha256}.json`]);
});
