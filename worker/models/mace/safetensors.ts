// The safetensors format (https://github.com/huggingface/safetensors): length of the header (u64), header in JSON, numbers.
import type { ModelTensor } from './model-builder.ts';
import { assertConsistent } from './refusal.ts';

const LENGTH_BYTES = 8;
/** Numbers begin at a multiple of this, so that they can be used where the file is mapped. */
const ALIGNMENT = 64;

type Dtype = 'F64' | 'F32' | 'I32';

interface HeaderEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The parts of the file in order. The header is sorted by name, the numbers by size and name; little-endian as they are in memory. */
export function safetensorsParts(tensors: ReadonlyMap<string, ModelTensor>): Uint8Array[] {
  const byName = [...tensors].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  // Those of eight bytes first: every number lies at a multiple of its size.
  const bySize = byName.toSorted(([, a], [, b]) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT);
  const starts = new Map<string, number>();
  let end = 0;
  for (const [name, { values }] of bySize) {
    starts.set(name, end);
    end += values.byteLength;
  }
  const header = byName.map(([name, { shape, values }]): [string, HeaderEntry] => {
    const n = shape.reduce((product, size) => product * size, 1);
    assertConsistent(n === values.length, `${name} has ${values.length} numbers for the shape ${shape.join(' x ')}.`);
    const start = starts.get(name) ?? 0;
    return [name, { dtype: dtypeOf(values), shape, data_offsets: [start, start + values.byteLength] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil((LENGTH_BYTES + text.length) / ALIGNMENT) * ALIGNMENT - LENGTH_BYTES;
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(padded));
  return [
    length,
    Buffer.concat([text, Buffer.alloc(padded - text.length, ' ')]),
    ...bySize.map(([, { values }]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ];
}

function dtypeOf(values: ModelTensor['values']): Dtype {
  if (values instanceof Float64Array) return 'F64';
  return values instanceof Float32Array ? 'F32' : 'I32';
}
