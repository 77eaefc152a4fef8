// Archives that are damaged, or made to be read differently than they look.
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT_LIMITS } from './limits.ts';
import { openCheckpoint } from './open-checkpoint.ts';
import { archive, checkpointArchive } from './testing/archive-writer.ts';
import type { EntryToWrite } from './testing/archive-writer.ts';
import { int, pickle, storage, tensor } from './testing/pickle-writer.ts';
import { temporaryCheckpoints } from './testing/temporary-checkpoints.ts';
import { isKind } from './walk.ts';

const { path, refusalOf, withCheckpoint } = temporaryCheckpoints();

const ROOT: EntryToWrite = { name: 'model/data.pkl', data: pickle(int(7)) };
const WITH_TENSOR: EntryToWrite = {
  name: 'model/data.pkl',
  data: pickle(tensor(storage('DoubleStorage', '0', 8), 0, [8], [1])),
};

async function messageOf(...entries: readonly EntryToWrite[]): Promise<string> {
  return (await refusalOf(archive(entries))).message;
}

describe('what is no checkpoint', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', Buffer.alloc(0), /no zip archive/],
    ['a checkpoint of PyTorch before 1.6', pickle(int(1)), /PyTorch 1\.6/],
    ['text', Buffer.from('PKZIP is not a model'), /no zip archive/],
    [
      'an archive without data.pkl',
      archive([{ name: 'model/version', data: Buffer.from('3\n') }]),
      /without data\.pkl/,
    ],
    ['two pickles', archive([ROOT, { ...ROOT, name: 'other/data.pkl' }]), /more than one data\.pkl/],
    [
      'TorchScript',
      checkpointArchive(ROOT.data, {}, [{ name: 'model/constants.pkl', data: ROOT.data }]),
      /TorchScript/,
    ],
    [
      'TorchScript code',
      checkpointArchive(ROOT.data, {}, [{ name: 'model/code/__torch__.py', data: Buffer.from('x') }]),
      /TorchScript/,
    ],
    [
      'compressed TorchScript code',
      archive([{ name: 'model/code/x.py', data: Buffer.from('x'), says: { method: 8 } }, ROOT]),
      /TorchScript/,
    ],
    ['big-endian numbers', archive([ROOT, { name: 'model/byteorder', data: Buffer.from('big') }]), /not little-endian/],
  ])('%s is refused', async (_, bytes, expected) => {
    expect((await refusalOf(bytes)).message).toMatch(expected);
  });

  it('a file that is not there, and a folder, are refused without naming the path', async () => {
    await mkdir(path('folder.model'));
    await expect(openCheckpoint(path('folder.model'))).rejects.toThrow(/^It is no regular file\.$/);
    await expect(openCheckpoint(path('absent.model'))).rejects.toThrow(/^It cannot be opened: ENOENT\.$/);
  });
});

describe('the directory of the archive', () => {
  it.each<[string, EntryToWrite[], RegExp]>([
    ['a compressed entry', [{ ...ROOT, says: { method: 8 } }], /is compressed/],
    [
      'a zip bomb',
      [ROOT, { name: 'model/data/0', data: Buffer.alloc(9), says: { method: 8, compressed_size: 9, size: 2 ** 31 } }],
      /is compressed/,
    ],
    ['two sizes of a stored entry', [{ ...ROOT, says: { size: 3, compressed_size: 4 } }], /not readable|compressed/],
    ['an encrypted entry', [{ ...ROOT, says: { flags: 0x0809, compressed_size: ROOT.data.length + 12 } }], /encrypted/],
    [
      'a size beyond the file',
      [ROOT, { name: 'model/data/0', data: Buffer.alloc(8), says: { size: 2 ** 30 } }],
      /beyond the end|overlaps/,
    ],
    ['an offset beyond the file', [{ ...ROOT, says: { local_offset: 2 ** 30 } }], /beyond the end/],
    ['an entry that reaches into the directory', [{ ...ROOT, says: { size: 70 } }], /overlaps/],
    ['the same name twice', [ROOT, ROOT], /two entries "model\/data\.pkl"/],
    [
      'two entries at one place',
      [ROOT, { name: 'model/data/0', data: Buffer.alloc(8), says: { local_offset: 0 } }],
      /overlaps/,
    ],
    [
      'entries that reach into one another',
      [
        { ...ROOT, says: { size: 60 } },
        { name: 'model/version', data: Buffer.from('3\n') },
      ],
      /overlaps|checksum|not the one/,
    ],
    [
      'a name that leaves the folder',
      [ROOT, { name: 'model/../../etc/passwd', data: Buffer.alloc(1) }],
      /invalid relative path/,
    ],
    ['an absolute name', [ROOT, { name: '/etc/passwd', data: Buffer.alloc(1) }], /absolute path/],
    ['a name with a drive', [ROOT, { name: 'C:/model', data: Buffer.alloc(1) }], /absolute path/],
    ['a name with backslashes', [ROOT, { name: 'model\\..\\x', data: Buffer.alloc(1) }], /invalid characters/],
    ['a name of 60 kB', [ROOT, { name: `model/${'x'.repeat(60_000)}`, data: Buffer.alloc(1) }], /more than 1024 bytes/],
    ['another name at the data', [{ ...ROOT, says: { local_name: 'model/evil.pkl' } }], /not the one/],
    ['an entry without checksum', [{ ...ROOT, says: { crc32: 0 } }], /has no checksum/],
    ['a wrong checksum', [{ ...ROOT, says: { crc32: 1 } }], /checksum differs/],
  ])('%s is refused', async (_, entries, expected) => {
    expect(await messageOf(...entries)).toMatch(expected);
  });

  it('more than 20 000 entries are refused, said or real', async () => {
    expect((await refusalOf(archive([ROOT], { zip64: true, says_entries: 2 ** 52 }))).message).toMatch(/at most 20000/);
    const many = Array.from({ length: 20_001 }, (_, i) => ({ name: `m/data/${i}`, data: Buffer.alloc(0) }));
    expect(await messageOf(...many)).toMatch(/at most 20000/);
  });

  it('a 64-bit directory beyond every file is refused', async () => {
    const bytes = archive([ROOT], { zip64: true });
    // The locator of the 64-bit end record stands before the 22 bytes of the last one, its offset 8 bytes in.
    bytes.writeBigUInt64LE(2n ** 63n, bytes.length - 22 - 20 + 8);
    expect((await refusalOf(bytes)).message).toMatch(/not in the file/);
  });

  it('more entries said than there are is refused', async () => {
    expect((await refusalOf(archive([ROOT], { says_entries: 2 }))).message).toMatch(/not readable/);
  });
});

describe('storages', () => {
  const eight = { name: 'model/data/0', data: Buffer.alloc(64, 1) };
  const readAll = (entries: readonly EntryToWrite[]) =>
    refusalOf(
      archive(entries),
      async (checkpoint) => isKind(checkpoint.root, 'tensor') && checkpoint.readTensor(checkpoint.root),
    );

  it('a changed number is told by its checksum, when it is read', async () => {
    const refusal = await readAll([WITH_TENSOR, { ...eight, says: { crc32: 7 } }]);
    expect(refusal.message).toMatch(/"model\/data\/0" is damaged: its checksum differs/);
    expect(refusal.byte_offset).toBeGreaterThan(0);
  });

  it('data that are somewhere else than the directory says are refused', async () => {
    expect((await readAll([WITH_TENSOR, { ...eight, says: { local_name: 'model/data/1' } }])).message).toMatch(
      /not the one/,
    );
  });

  it('only what is asked for is read', async () => {
    const damaged = { name: 'model/data/1', data: Buffer.alloc(64), says: { crc32: 1 } };
    const read = await withCheckpoint(archive([WITH_TENSOR, eight, damaged]), (checkpoint) =>
      isKind(checkpoint.root, 'tensor') ? checkpoint.readTensor(checkpoint.root) : null,
    );
    expect(read).toHaveLength(8);
  });

  it('a storage larger than the limit is refused before it is read', async () => {
    const name = path('large.model');
    await writeFile(name, archive([WITH_TENSOR, eight]));
    await expect(openCheckpoint(name, { ...CHECKPOINT_LIMITS, max_storage_bytes: 63 })).rejects.toThrow(
      'A storage has 64 bytes; at most 63 are read.',
    );
  });
});
