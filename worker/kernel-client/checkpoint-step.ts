// At which step a checkpoint of the kernel stands. The bytes are told in docs/trajectories.md; whether the file is whole is for the
// kernel to say, which checks its sum before it goes on from it.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';

const MAGIC = Buffer.from([0x89, 0x4d, 0x4f, 0x46, 0x43, 0x0d, 0x0a, 0x1a]);
const FORMAT_VERSION = 1;
const FIXED_BYTES = 24;
const MAX_DESCRIPTION_BYTES = 1024 * 1024;
const VALUE_BYTES = 8;

const descriptionSchema = z.object({
  entries: z.array(z.object({ name: z.string(), type: z.enum(['f64', 'i64']), n_values: z.int().nonnegative() })),
});

/** @returns null for a file that is missing, is not a checkpoint, or knows no steps */
export async function readCheckpointStep(path: string): Promise<number | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return await readStep(file);
  } finally {
    await file.close();
  }
}

async function readStep(file: FileHandle): Promise<number | null> {
  const fixed = await readBytes(file, 0, FIXED_BYTES);
  if (!fixed?.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const descriptionBytes = fixed.readUInt32LE(12);
  if (fixed.readUInt32LE(8) !== FORMAT_VERSION || descriptionBytes > MAX_DESCRIPTION_BYTES) return null;
  const text = await readBytes(file, FIXED_BYTES, descriptionBytes);
  const description = descriptionSchema.safeParse(text === null ? null : parseJson(text.toString('utf8')));
  if (!description.success) return null;

  let offset = FIXED_BYTES + descriptionBytes;
  for (const { name, type, n_values } of description.data.entries) {
    if (name === 'step' && type === 'i64' && n_values === 1) {
      const value = await readBytes(file, offset, VALUE_BYTES);
      return value === null ? null : Number(value.readBigInt64LE(0));
    }
    offset += VALUE_BYTES * n_values;
  }
  return null;
}

/** null when the file ends before. */
async function readBytes(file: FileHandle, position: number, length: number): Promise<Buffer | null> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return bytesRead === length ? buffer : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
