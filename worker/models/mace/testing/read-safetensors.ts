// A file of tensors read back for tests, by the letter of the format and not by our writer.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.enum(['F64', 'F32', 'I32']),
    shape: z.array(z.int()),
    data_offsets: z.tuple([z.int(), z.int()]),
  }),
);

export interface ReadTensor {
  dtype: 'F64' | 'F32' | 'I32';
  shape: number[];
  /** Of the data; where its numbers begin. */
  start: number;
  values: number[];
}

export function readSafetensors(path: string): Map<string, ReadTensor> {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = headerSchema.parse(JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')));
  const tensors = new Map<string, ReadTensor>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    const [start, end] = data_offsets;
    const data = new Uint8Array(bytes.subarray(8 + length + start, 8 + length + end)).buffer;
    const array = { F64: Float64Array, F32: Float32Array, I32: Int32Array }[dtype];
    tensors.set(name, { dtype, shape, start: 8 + length + start, values: [...new array(data)] });
  }
  return tensors;
}
