// Checkpoints in the kernel's format (docs/trajectories.md), for the stand-in.
import { renameSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const MAGIC = [0x89, 0x4d, 0x4f, 0x46, 0x43, 0x0d, 0x0a, 0x1a];
const FIXED_BYTES = 24;

export interface CheckpointEntry {
  name: string;
  type: 'f64' | 'i64';
  values: readonly number[];
}

/** Replaces the file as a whole. */
export function writeCheckpointFile(path: string, kind: string, entries: readonly CheckpointEntry[]): void {
  const description = describe(kind, entries);
  const nValues = entries.reduce((sum, { values }) => sum + values.length, 0);
  const bytes = Buffer.alloc(FIXED_BYTES + description.length + 8 * nValues + 4);
  bytes.set(MAGIC, 0);
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(description.length, 12);
  bytes.writeBigUInt64LE(BigInt(bytes.length), 16);
  bytes.set(description, FIXED_BYTES);
  let offset = FIXED_BYTES + description.length;
  for (const { type, values } of entries) {
    for (const value of values) {
      if (type === 'f64') bytes.writeDoubleLE(value, offset);
      else bytes.writeBigInt64LE(BigInt(value), offset);
      offset += 8;
    }
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(0, offset)), offset);
  writeFileSync(`${path}.tmp`, bytes);
  renameSync(`${path}.tmp`, path);
}

/** One line, filled up to a multiple of eight bytes. */
function describe(kind: string, entries: readonly CheckpointEntry[]): Buffer {
  const named = entries.map(({ name, type, values }) => ({ name, type, n_values: values.length }));
  const json = JSON.stringify({ kind, version: 1, kernel_version: '0.0.0-stand-in', entries: named });
  return Buffer.from(`${json}${' '.repeat(7 - (Buffer.byteLength(json) % 8))}\n`);
}
