import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeCheckpoints, shareFile } from './checkpoint-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-checkpoints-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Replaces the file as fast as it can, as a kernel replaces its checkpoint, until it is ended. */
function startReplacing(path: string): Worker {
  const program = `
    const { writeFileSync, renameSync } = require('node:fs');
    const { workerData: path } = require('node:worker_threads');
    for (;;) { writeFileSync(path + '.tmp', 'whole'); renameSync(path + '.tmp', path); }`;
  return new Worker(program, { eval: true, workerData: path });
}

describe('files of checkpoints', () => {
  it('a_second_name_survives_the_replacement_of_the_first', async () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, 'first');
    writeFileSync(to, 'what had the name before');
    expect(await shareFile(from, to)).toBe(true);
    writeFileSync(`${from}.tmp`, 'second');
    renameSync(`${from}.tmp`, from);
    expect(readFileSync(to, 'utf8')).toBe('first');
    expect(readFileSync(from, 'utf8')).toBe('second');
  });

  it('a_file_that_is_replaced_all_the_time_is_shared_whole_or_not_at_all', async () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, 'whole');
    const replacing = startReplacing(from);
    await once(replacing, 'online');
    let nShared = 0;
    while (nShared < 1000) {
      if (!(await shareFile(from, to))) continue;
      nShared += 1;
      expect(readFileSync(to, 'utf8')).toBe('whole');
    }
    await replacing.terminate();
  });

  it('a_file_that_is_not_there_is_not_shared', async () => {
    expect(await shareFile(join(folder, 'none'), join(folder, 'to'))).toBe(false);
  });

  it('only_checkpoints_are_removed', async () => {
    for (const name of ['checkpoint.relax', 'checkpoint.relax.kept', 'result.json', 'my-checkpoint.txt']) {
      writeFileSync(join(folder, name), '');
    }
    await removeCheckpoints(folder);
    expect(readdirSync(folder).sort()).toEqual(['my-checkpoint.txt', 'result.json']);
  });
});
