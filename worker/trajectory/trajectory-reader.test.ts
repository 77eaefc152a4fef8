// The reader against a file that a Python script wrote from the description (worker/kernel/tests/reference/run_files).
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseStructure } from '../structures/parse-structure.ts';
import { TrajectoryError } from './trajectory-error.ts';
import { TrajectoryReader } from './trajectory-reader.ts';

const reference = new URL('../kernel/tests/reference/run_files/', import.meta.url);
const bytes = readFileSync(new URL('trajectory_v1.mofj', reference));
const HEADER_BYTES = 40;
const FRAME_BYTES = 144;
const folder = mkdtempSync(join(tmpdir(), 'trajectory-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let nFiles = 0;
function fileWith(content: Uint8Array): string {
  nFiles += 1;
  const path = join(folder, `${nFiles}.mofj`);
  writeFileSync(path, content);
  return path;
}

async function withReader<T>(path: string, use: (reader: TrajectoryReader) => Promise<T>): Promise<T> {
  const reader = await TrajectoryReader.open(path);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** Component `axis` of atom `i` in frame `k`, as make_run_files.py makes it. */
const coordinate = (k: number, i: number, axis: number): number => (9 * k + 3 * i + axis - 5) * 0.37;

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a whole file', () => {
  it('has the elements, the periodic axes and the frames that were written', async () => {
    await withReader(fileWith(bytes), async (reader) => {
      expect(reader.header).toEqual({ atomic_numbers: [6, 8, 30], pbc: [true, true, false] });
      expect(await reader.frameCount()).toBe(3);
      const frame = await reader.readFrame(2);
      expect(frame).toMatchObject({ step: 100, time_fs: 50, potential_energy_eV: 3 * -1.1, temperature_k: 3 * 99.9 });
      expect(frame.cell).toEqual([
        [10.1, 0, 0],
        [3 * 0.3, 9.7, 0],
        [0, 0, 12],
      ]);
      const expected = [0, 1, 2].flatMap((i) => [0, 1, 2].map((axis) => Math.fround(coordinate(2, i, axis))));
      expect([...frame.positions]).toEqual(expected);
    });
  });

  it('gives its frames in any order, and no others', async () => {
    await withReader(fileWith(bytes), async (reader) => {
      for (const k of [1, 0, 2, 0]) expect((await reader.readFrame(k)).step).toBe(50 * k);
      for (const k of [3, -1, 0.5, Number.NaN, 2 ** 60])
        expect(await errorOf(reader.readFrame(k))).toMatchObject({ code: 'no_such_frame' });
    });
  });
});

describe('a file that changes', () => {
  it('shows a frame once all of it is there', async () => {
    const path = fileWith(bytes.subarray(0, HEADER_BYTES));
    await withReader(path, async (reader) => {
      expect(await reader.frameCount()).toBe(0);
      for (let at = HEADER_BYTES; at < bytes.length; at += 1) {
        appendFileSync(path, bytes.subarray(at, at + 1));
        expect(await reader.frameCount()).toBe(Math.floor((at + 1 - HEADER_BYTES) / FRAME_BYTES));
      }
    });
  });

  it('forgets frames that a resumed run cut off', async () => {
    const path = fileWith(bytes);
    await withReader(path, async (reader) => {
      truncateSync(path, HEADER_BYTES + FRAME_BYTES + 10);
      expect(await reader.frameCount()).toBe(1);
      expect(await errorOf(reader.readFrame(1))).toMatchObject({ code: 'no_such_frame' });
    });
  });

  it('does not count a last frame whose bytes never reached the disk', async () => {
    const path = fileWith(Buffer.concat([bytes, Buffer.alloc(FRAME_BYTES)]));
    expect(await withReader(path, (reader) => reader.frameCount())).toBe(3);
  });
});

describe('a damaged file', () => {
  it('gives what is intact and refuses the rest', async () => {
    const damage = fc.array(fc.record({ at: fc.nat(bytes.length - 1), mask: fc.integer({ min: 1, max: 255 }) }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(bytes.length), async (changes, length) => {
        const damaged = Buffer.from(bytes);
        for (const { at, mask } of changes) damaged.writeUInt8(damaged.readUInt8(at) ^ mask, at);
        const present = damaged.subarray(0, length);
        const isSame = (from: number, to: number): boolean =>
          to <= length && present.subarray(from, to).equals(bytes.subarray(from, to));
        const path = fileWith(present);
        if (!isSame(0, HEADER_BYTES)) {
          expect(await errorOf(TrajectoryReader.open(path))).toBeInstanceOf(TrajectoryError);
          return;
        }
        await withReader(path, async (reader) => {
          for (let k = 0; k < 3; k += 1) {
            const from = HEADER_BYTES + k * FRAME_BYTES;
            const error = await errorOf(reader.readFrame(k));
            if (isSame(from, from + FRAME_BYTES)) expect(error).toBeUndefined();
            else expect(error).toBeInstanceOf(TrajectoryError);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it('may declare any size without costing memory', async () => {
    const header = Buffer.from(bytes.subarray(0, HEADER_BYTES));
    header.writeUInt32LE(0xffff_ffff, 16);
    expect(await errorOf(TrajectoryReader.open(fileWith(header)))).toMatchObject({ code: 'damaged' });
    const nAtoms = 300_000_000;
    header.writeUInt32LE(nAtoms, 16);
    header.writeUInt32LE(Math.ceil((32 + nAtoms) / 8) * 8, 12);
    header.writeUInt32LE(108 + 12 * nAtoms, 20);
    expect(await errorOf(TrajectoryReader.open(fileWith(header)))).toMatchObject({ code: 'damaged' });
  });

  it('of another version or another kind says so', async () => {
    const future = Buffer.from(bytes);
    future.writeUInt32LE(2, 8);
    expect(await errorOf(TrajectoryReader.open(fileWith(future)))).toMatchObject({ code: 'unknown_version' });
    expect(await errorOf(TrajectoryReader.open(fileWith(Buffer.from('3\n'))))).toMatchObject({
      code: 'not_a_trajectory',
    });
  });
});

describe('the extended XYZ of mofkernel', () => {
  it('is read by the reader of structures', () => {
    const text = readFileSync(new URL('trajectory.extxyz', reference));
    const frames = parseStructure(text, 'trajectory.extxyz');
    expect(frames).toHaveLength(3);
    expect(frames[1]?.structure).toMatchObject({ symbols: ['C', 'O', 'Zn'], pbc: [true, true, false] });
    expect(frames[1]?.structure.cell?.[1]).toEqual([2 * 0.3, 9.7, 0]);
    // Eight decimals.
    expect(frames[1]?.structure.positions[2]?.[0]).toBeCloseTo(coordinate(1, 2, 0), 8);
  });
});
