// A small real file, broken in many ways: each broken file is either refused with a CheckpointError or, where the change is harmless,
// read to the end. Anything else (another error, a hang) fails. Seeded, so that a failure comes again.
import { describe, expect, it } from 'vitest';
import { archive, checkpointArchive } from './testing/archive-writer.ts';
import {
  call,
  dict,
  float,
  get,
  int,
  list,
  object,
  pickle,
  put,
  storage,
  tensor,
  text,
  tuple,
} from './testing/pickle-writer.ts';
import { temporaryCheckpoints } from './testing/temporary-checkpoints.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { CHECKPOINT_LIMITS } from './limits.ts';
import { readPickle } from './read-pickle.ts';
import { isKind, partsOf } from './walk.ts';

const { withCheckpoint } = temporaryCheckpoints();

const SHARED = [storage('DoubleStorage', '0', 64), put(1)];
const PICKLE = pickle(
  object(
    'mace.modules.models',
    'ScaleShiftMACE',
    dict(
      [text('training'), 'NEWFALSE'],
      [text('_parameters'), call('collections', 'OrderedDict')],
      [
        text('_buffers'),
        dict([text('r_max'), tensor(SHARED, 3, [], [])], [text('weights'), tensor(get(1), 0, [4, 8], [1, 4])]),
      ],
      [text('index'), tensor(storage('LongStorage', '1', 8), 0, [8], [1])],
      [text('heads'), list(text('Default'), text('mof'))],
      [text('avg_num_neighbors'), float(61.96)],
      [text('irreps'), tuple(int(128), tuple(int(0), int(1)))],
      [text('blob'), call('_codecs', 'encode', text('PK\u0003\u0004\u00ff'), text('latin1'))],
    ),
  ),
);
const FILE = checkpointArchive(PICKLE, {
  0: Buffer.from(Float64Array.from({ length: 64 }, (_, i) => i / 7).buffer),
  1: Buffer.from(BigInt64Array.from({ length: 8 }, (_, i) => BigInt(i)).buffer),
});

/** The same pickle, in an archive of 64-bit fields. */
const FILE_64 = archive(
  [
    { name: 'model/data.pkl', data: PICKLE },
    { name: 'model/data/0', data: Buffer.alloc(512) },
    { name: 'model/data/1', data: Buffer.alloc(64) },
  ],
  { zip64: true },
);

/** Mulberry32: numbers from 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @returns whether it was read */
async function isReadable(bytes: Uint8Array): Promise<boolean> {
  try {
    await withCheckpoint(bytes, async (checkpoint) => {
      for (const part of partsOf(checkpoint.root)) if (isKind(part, 'tensor')) await checkpoint.readTensor(part);
    });
    return true;
  } catch (error) {
    if (error instanceof CheckpointError) return false;
    throw error;
  }
}

function isReadablePickle(bytes: Buffer): boolean {
  try {
    readPickle(bytes, (key) => (key === '0' ? 512 : key === '1' ? 64 : null), CHECKPOINT_LIMITS);
    return true;
  } catch (error) {
    if (error instanceof CheckpointError) return false;
    throw error;
  }
}

function flipBits(bytes: Buffer, random: () => number): Buffer {
  const flipped = Buffer.from(bytes);
  for (let n = 1 + Math.floor(random() * 3); n > 0; n -= 1) {
    const at = Math.floor(random() * flipped.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  }
  return flipped;
}

/** Replace a stretch by one from elsewhere in the same pickle: instructions stay instructions more often than under flipped bits. */
function transplant(bytes: Buffer, random: () => number): Buffer {
  const [from, to, length] = [random() * bytes.length, random() * bytes.length, random() * 24].map(Math.floor);
  return Buffer.concat([
    bytes.subarray(0, to),
    bytes.subarray(from, (from ?? 0) + (length ?? 0)),
    bytes.subarray((to ?? 0) + Math.floor(random() * 24)),
  ]);
}

describe('a real file', () => {
  it('is read as it is', async () => {
    expect(await isReadable(FILE)).toBe(true);
    expect(isReadablePickle(PICKLE)).toBe(true);
  });

  it('cut off anywhere is refused', async () => {
    for (let length = 0; length < FILE.length; length += 13)
      expect(await isReadable(FILE.subarray(0, length)), `${length} bytes`).toBe(false);
  });

  it.each([
    ['as torch.save writes it', FILE],
    ['with 64-bit fields', FILE_64],
  ])('%s, with flipped bits, is read or refused', async (_, bytes) => {
    const random = randomNumbers(1);
    const results = [];
    for (let i = 0; i < 500; i += 1) results.push(await isReadable(flipBits(bytes, random)));
    expect(results).toContain(true);
    expect(results).toContain(false);
  });
});

describe('its pickle', () => {
  it('cut off anywhere is refused', () => {
    for (let length = 0; length < PICKLE.length; length += 1)
      expect(isReadablePickle(PICKLE.subarray(0, length))).toBe(false);
  });

  it.each([
    ['flipped bits', flipBits],
    ['transplanted stretches', transplant],
  ])('with %s is read or refused', (_, mutate) => {
    const random = randomNumbers(2);
    const results = Array.from({ length: 10_000 }, () => isReadablePickle(mutate(PICKLE, random)));
    expect(results).toContain(true);
    expect(results).toContain(false);
  });

  it('of random instructions is read or refused', () => {
    const random = randomNumbers(3);
    for (let i = 0; i < 10_000; i += 1) {
      isReadablePickle(
        Buffer.from(Array.from({ length: 1 + Math.floor(random() * 60) }, () => Math.floor(random() * 256))),
      );
    }
  });
});
