// The tensors of a safetensors file as bytes, to compare two files tensor by tensor.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const headerSchema = z.record(
  z.string(),
  z.object({ dtype: z.string(), shape: z.array(z.int()), data_offsets: z.tuple([z.int(), z.int()]) }),
);

export interface StoredTensor {
  dtype: string;
  shape: number[];
  bytes: Buffer;
}

export function readTensors(path: string): Map<string, StoredTensor> {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE());
  const header = headerSchema.parse(JSON.parse(file.subarray(8, start).toString('utf8')));
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => [name, { dtype, shape, bytes: file.subarray(start + from, start + to) }],
    ),
  );
}
