// The worst files that the limits allow, each read by a thread that dies beyond 1 GB: the memory of a reading does not follow the wish of
// the file, and its time follows the size of the file.
import { rm, writeFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { checkpointArchive } from './testing/archive-writer.ts';
import { assemble, call, get, global, int, list, pickle, put, text, tuple } from './testing/pickle-writer.ts';
import type { Code } from './testing/pickle-writer.ts';
import { temporaryCheckpoints } from './testing/temporary-checkpoints.ts';

const { path } = temporaryCheckpoints();

const HEAP_MB = 1024;
const MIB = 2 ** 20;

/** How the reading ended: `read`, or the message of the refusal. A thread out of memory rejects. */
async function outcomeOf(bytes: Uint8Array): Promise<unknown> {
  const file = path('worst.model');
  await writeFile(file, bytes);
  const thread = new Worker(new URL('./testing/read-in-thread.ts', import.meta.url), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  try {
    return await new Promise((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', (code) => {
        reject(new Error(`The thread ended with ${code}.`));
      });
    });
  } finally {
    await thread.terminate();
    await rm(file);
  }
}

function repeated(times: number, ...code: readonly Code[]): Buffer {
  const one = assemble(...code);
  return Buffer.alloc(one.length * times, one);
}

function outcomeOfPickle(...code: readonly Code[]): Promise<unknown> {
  return outcomeOf(checkpointArchive(pickle(...code)));
}

describe('as much as is allowed', () => {
  it('a million lists in a list are read', async () => {
    expect(await outcomeOfPickle('EMPTY_LIST', 'MARK', repeated(999_000, 'EMPTY_LIST'), 'APPENDS')).toBe('read');
  });

  it('64 MiB of instructions that leave nothing are read', async () => {
    expect(await outcomeOfPickle(repeated(32 * MIB - 8, 'NONE', 'POP'), 'NONE')).toBe('read');
  });

  it('a long list a million times in a list is looked through once', async () => {
    const long = list(repeated(900_000, 'NONE'));
    expect(
      await outcomeOfPickle(long, put(0), 'EMPTY_LIST', 'MARK', repeated(1_000_000, get(0)), 'APPENDS', 'TUPLE2'),
    ).toBe('read');
  });

  it('tuples that double a thousand times cost a thousand tuples', async () => {
    expect(await outcomeOfPickle('EMPTY_TUPLE', repeated(900, 'DUP', 'TUPLE2'))).toBe('read');
  });
});

describe('more than is allowed', () => {
  const unmade = [global('torch', 'Size'), put(0), 'POP', tuple(), put(1), 'POP'] satisfies Code[];
  it.each<[string, Code[], RegExp]>([
    ['lists', ['EMPTY_LIST', 'MARK', repeated(2_100_000, 'EMPTY_LIST'), 'APPENDS'], /2000000 parts/],
    ['entries of a dictionary', ['EMPTY_DICT', repeated(2_100_000, 'NONE', 'NONE', 'SETITEM')], /2000000 parts/],
    ['objects', [...unmade, 'MARK', repeated(2_100_000, get(0), get(1), 'NEWOBJ')], /2000000 parts/],
    [
      'objects that share long arguments',
      [
        global('torch', 'Size'),
        put(0),
        'MARK',
        repeated(1000, 'NONE'),
        'TUPLE',
        put(1),
        repeated(9000, get(0), get(1), 'NEWOBJ'),
      ],
      /2000000 parts/,
    ],
    [
      'copies of a long list',
      [
        list(repeated(1000, 'NONE')),
        put(0),
        global('builtins', 'set'),
        put(1),
        repeated(9000, get(1), get(0), 'TUPLE1', 'REDUCE'),
      ],
      /2000000 parts/,
    ],
    ['texts', [repeated(2_100_000, 'SHORT_BINUNICODE', Buffer.from([2, 0x61, 0x62]))], /2000000 parts/],
    ['values on the stack', [repeated(10_000_001, 'NONE')], /10000000 values are on the stack/],
    ['values in the memo', ['NONE', repeated(2_000_001, 'MEMOIZE')], /memo would hold more than 2000000/],
    [
      'decoded bytes',
      [
        text('x'.repeat(15 * MIB)),
        put(0),
        text('latin1'),
        put(1),
        global('_codecs', 'encode'),
        put(2),
        repeated(9000, get(2), get(0), get(1), 'TUPLE2', 'REDUCE'),
      ],
      /67108864 bytes/,
    ],
    ['letters in a text', [text('x'.repeat(17 * MIB))], /longer than 16777216/],
    ['bytes of a pickle', [repeated(65 * MIB, 'NONE')], /at most 67108864 are read/],
    [
      'calls in one another',
      [
        call('torch', 'Size', int(1)),
        repeated(2 * MIB, 'TUPLE1', put(0), 'POP', global('torch', 'Size'), get(0), 'REDUCE'),
      ],
      /parts|deep/,
    ],
  ])('%s are refused', async (_, code, expected) => {
    expect(await outcomeOfPickle(...code)).toMatch(expected);
  });
});
