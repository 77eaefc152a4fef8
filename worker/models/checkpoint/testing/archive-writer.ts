// Zip archives for tests, written as torch.save does: stored entries, sizes and checksums only in the directory (unless asked), data at
// multiples of 64 bytes. Every field can be falsified.
import { crc32 } from 'node:zlib';

export interface EntryToWrite {
  readonly name: string;
  readonly data: Uint8Array;
  /** What the headers say instead of the truth. */
  readonly says?: {
    readonly crc32?: number;
    readonly size?: number;
    readonly compressed_size?: number;
    readonly method?: number;
    readonly flags?: number;
    readonly local_offset?: number;
    readonly local_name?: string;
  };
}

const ALIGNMENT = 64;
const FLAGS = 0x0808;
const PADDING_FIELD = 0x4246;
/** Marks a value that stands in the ZIP64 field instead. */
const IN_ZIP64 = 0xffffffff;

interface Placed {
  readonly entry: EntryToWrite;
  readonly offset: number;
}

/** @param options zip64: put sizes and offsets of every entry, and the directory's own, into the 64-bit fields */
export function archive(
  entries: readonly EntryToWrite[],
  options: { readonly zip64?: boolean; readonly says_entries?: number } = {},
): Buffer {
  const zip64 = options.zip64 ?? false;
  const parts: Buffer[] = [];
  const placed: Placed[] = [];
  let position = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    position += part.length;
  };
  for (const entry of entries) {
    placed.push({ entry, offset: position });
    add(localHeader(entry, position));
    add(Buffer.from(entry.data));
  }
  const directory = Buffer.concat(placed.map((one) => directoryHeader(one, zip64)));
  const start = position;
  add(directory);
  const count = options.says_entries ?? entries.length;
  if (zip64) add(zip64End(count, directory.length, start));
  add(
    fields(
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, zip64 ? 0xffff : count],
      [2, zip64 ? 0xffff : count],
      [4, directory.length],
      [4, zip64 ? IN_ZIP64 : start],
      [2, 0],
    ),
  );
  return Buffer.concat(parts);
}

/** An archive as torch.save lays it out. */
export function checkpointArchive(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  more: readonly EntryToWrite[] = [],
): Buffer {
  const ascii = (name: string, content: string): EntryToWrite => ({ name, data: Buffer.from(content, 'latin1') });
  return archive([
    { name: 'model/data.pkl', data: pickle },
    ascii('model/.format_version', '1'),
    ascii('model/.storage_alignment', '64'),
    ascii('model/byteorder', 'little'),
    ...Object.entries(storages).map(([key, data]) => ({ name: `model/data/${key}`, data })),
    ascii('model/version', '3\n'),
    ...more,
  ]);
}

function localHeader({ name, says }: EntryToWrite, offset: number): Buffer {
  const nameBytes = Buffer.from(says?.local_name ?? name, 'utf8');
  const before = offset + 30 + nameBytes.length + 4;
  const padding = (ALIGNMENT - (before % ALIGNMENT)) % ALIGNMENT;
  return Buffer.concat([
    fields(
      [4, 0x04034b50],
      [2, 0],
      [2, says?.flags ?? FLAGS],
      [2, says?.method ?? 0],
      [4, 0],
      [4, 0],
      [4, 0],
      [4, 0],
      [2, nameBytes.length],
      [2, 4 + padding],
    ),
    nameBytes,
    fields([2, PADDING_FIELD], [2, padding]),
    Buffer.alloc(padding, 'Z'),
  ]);
}

function directoryHeader({ entry: { name, data, says }, offset }: Placed, zip64: boolean): Buffer {
  const nameBytes = Buffer.from(name, 'utf8');
  const size = says?.size ?? data.length;
  const compressed = says?.compressed_size ?? size;
  const at = says?.local_offset ?? offset;
  const extra = zip64 ? fields([2, 1], [2, 24], [8, size], [8, compressed], [8, at]) : Buffer.alloc(0);
  return Buffer.concat([
    fields([4, 0x02014b50], [2, 0], [2, 0], [2, says?.flags ?? FLAGS], [2, says?.method ?? 0], [4, 0]),
    fields([4, says?.crc32 ?? crc32(data)], [4, zip64 ? IN_ZIP64 : compressed], [4, zip64 ? IN_ZIP64 : size]),
    fields([2, nameBytes.length], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, 0], [4, zip64 ? IN_ZIP64 : at]),
    nameBytes,
    extra,
  ]);
}

function zip64End(count: number, length: number, start: number): Buffer {
  return Buffer.concat([
    fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, length], [8, start]),
    fields([4, 0x07064b50], [4, 0], [8, start + length], [4, 1]),
  ]);
}

/** @param list [bytes, value], little-endian */
function fields(...list: readonly (readonly [2 | 4 | 8, number])[]): Buffer {
  return Buffer.concat(
    list.map(([length, value]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes.subarray(0, length);
    }),
  );
}
