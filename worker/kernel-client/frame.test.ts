import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { KERNEL_MAX_HEADER_BYTES, arrayHeaderSchema } from '../../contracts/kernel-message.ts';
import { FrameDecoder, FrameError, encodeFrame } from './frame.ts';
import type { KernelArray } from './frame.ts';

const headerSchema = z.looseObject({
  arrays: z.array(arrayHeaderSchema).default([]),
  payload_bytes: z.int().nonnegative().default(0),
});

function newDecoder() {
  return new FrameDecoder((json) => headerSchema.parse(json));
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (let i = 0; offset < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    chunks.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return chunks;
}

const ARRAYS: KernelArray[] = [
  { name: 'flags', shape: [3], values: new Uint8Array([1, 0, 1]) },
  { name: 'positions', shape: [2, 3], values: new Float64Array([0.1, -2.5e-300, 3, Math.PI, 1 / 3, -0]) },
  { name: 'numbers', shape: [2], values: new Int32Array([-2_147_483_648, 30]) },
  { name: 'single', shape: [1], values: new Float32Array([0.1]) },
  { name: 'none', shape: [0, 3], values: new Float64Array(0) },
];

describe('frames', () => {
  it('frames_survive_any_chunking', () => {
    const first = encodeFrame({ type: 'one', text: 'Å…\n', n: 1 / 3 }, ARRAYS);
    const second = encodeFrame({ type: 'two' }, []);
    const bytes = new Uint8Array(Buffer.concat([...first, ...second]));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 9 }), (sizes) => {
        const decoder = newDecoder();
        const frames = cut(bytes, sizes).flatMap((chunk) => decoder.push(chunk));
        expect(frames.map(({ header }) => header.type)).toEqual(['one', 'two']);
        expect(frames[0]!.header.text).toBe('Å…\n');
        expect(frames[0]!.header.n).toBe(1 / 3);
        expect(frames[0]!.arrays).toEqual(ARRAYS);
        expect(frames[1]!.arrays).toEqual([]);
      }),
    );
  });

  it('a_view_into_a_larger_buffer_sends_only_its_own_values', () => {
    const view = new Float64Array([1, 2, 3, 4]).subarray(1, 3);
    const [frame] = newDecoder().push(Buffer.concat(encodeFrame({}, [{ name: 'v', shape: [2], values: view }])));
    expect(frame!.arrays[0]!.values).toEqual(new Float64Array([2, 3]));
  });

  it('garbage_is_refused_with_its_beginning', () => {
    expect(() => newDecoder().push(Buffer.from('Segmentation fault\n'))).toThrow(/Segmentation fault/);
    expect(() => newDecoder().push(Buffer.from('[1, 2]\n'))).toThrow(FrameError);
  });

  it('random_bytes_never_hang_or_crash_the_decoder', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          newDecoder().push(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });

  it('a_header_without_end_is_refused_at_the_limit', () => {
    const decoder = newDecoder();
    const chunk = new Uint8Array(4 * 1024 * 1024).fill(0x20);
    expect(() => {
      for (let sent = 0; sent <= KERNEL_MAX_HEADER_BYTES; sent += chunk.length) decoder.push(chunk);
    }).toThrow(/longer than 16777216 bytes/);
  });

  it('a_payload_that_its_arrays_do_not_fill_is_refused_before_it_is_allocated', () => {
    const header = { arrays: [{ name: 'x', dtype: 'f64', shape: [2] }], payload_bytes: 2 ** 40 };
    expect(() => newDecoder().push(Buffer.from(`${JSON.stringify(header)}\n`))).toThrow(/take 16 bytes/);
  });

  it('a_shape_that_contradicts_its_values_is_not_sent', () => {
    expect(() => encodeFrame({}, [{ name: 'x', shape: [2, 3], values: new Float64Array(5) }])).toThrow(
      /x has 5 values/,
    );
  });
});
