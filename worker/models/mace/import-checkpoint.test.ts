import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importIntoCache } from './cached-import.ts';
import { importCheckpoint } from './import-checkpoint.ts';
import { listImportedFolders } from './imported-folders.ts';
import { inspectModelFile } from './inspect-model-file.ts';
import { readModelFolder, verifyModelFolder } from './model-folder.ts';
import { readSafetensors } from './testing/read-safetensors.ts';
import { at, checkpointOf, smallMace, stateDictOf } from './testing/small-mace.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-import-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const inFolder = (name: string): string => join(folder, name);

function given(name: string, bytes: Uint8Array = checkpointOf(smallMace())): string {
  writeFileSync(inFolder(name), bytes);
  return inFolder(name);
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe('an import', () => {
  test('writes a folder that says where it is from, and that can be read back', async () => {
    const source = given('a.model');
    const model = await importCheckpoint(source, inFolder('a'), { file_name: 'my-model' });
    expect(model.source).toEqual({
      file_name: 'my-model',
      sha256: sha256(source),
      size_bytes: readFileSync(source).length,
      class_name: 'ScaleShiftMACE',
    });
    expect(readdirSync(inFolder('a')).sort()).toEqual(['model.json', 'model.safetensors']);
    expect(model.tensors_sha256).toBe(sha256(inFolder('a/model.safetensors')));
    expect(await readModelFolder(inFolder('a'))).toEqual(model);
    expect(await verifyModelFolder(inFolder('a'))).toEqual(model);
    expect(await listImportedFolders(folder)).toEqual([{ id: 'my-model', folder: inFolder('a'), model }]);
  });

  test('writes tensors sorted by name, each at a multiple of the size of its numbers', async () => {
    const root = smallMace();
    await importCheckpoint(given('a.model', checkpointOf(root)), inFolder('a'));
    const tensors = readSafetensors(inFolder('a/model.safetensors'));
    expect([...tensors.keys()]).toEqual([...tensors.keys()].toSorted());
    for (const { dtype, start, shape, values } of tensors.values()) {
      expect(start % (dtype === 'F64' ? 8 : 4)).toBe(0);
      expect(values).toHaveLength(shape.reduce((product, size) => product * size, 1));
    }
    expect(tensors.get('layers.0.skip.0')).toMatchObject({
      dtype: 'F64',
      shape: [2, 2, 2],
      values: at(root, 'interactions.0.skip_tp').parameters.weight!.values,
    });
    expect(tensors.get('layers.0.product.0.1.index')).toMatchObject({ dtype: 'I32' });
  });

  test('of the same file twice at the same time makes one folder', async () => {
    const source = given('a.model');
    const models = await Promise.all([1, 2, 3].map(() => importCheckpoint(source, inFolder('a'))));
    expect(new Set(models.map(({ tensors_sha256 }) => tensors_sha256)).size).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(['a', 'a.model']);
  });

  test('does not write over another model', async () => {
    const first = await importCheckpoint(given('a.model'), inFolder('a'));
    const other = smallMace();
    at(other, 'scale_shift').buffers.scale!.values = [2];
    await expect(importCheckpoint(given('b.model', checkpointOf(other)), inFolder('a'))).rejects.toMatchObject({
      code: 40904,
    });
    expect(await readModelFolder(inFolder('a'))).toEqual(first);
    expect(readdirSync(folder).sort()).toEqual(['a', 'a.model', 'b.model']);
  });

  test('that fails leaves nothing, and the reason comes through from the thread', async () => {
    const root = smallMace();
    root.class_name = 'mace.modules.extensions.PolarMACE';
    await expect(importCheckpoint(given('a.model', checkpointOf(root)), inFolder('a'))).rejects.toMatchObject({
      code: 42206,
      details: { message: expect.stringContaining('PolarMACE') as string },
    });
    await expect(importCheckpoint(given('b.model', Buffer.from('no zip')), inFolder('b'))).rejects.toMatchObject({
      code: 42206,
    });
    expect(readdirSync(folder).sort()).toEqual(['a.model', 'b.model']);
  });

  test('that is cancelled ends with the reason and leaves nothing', async () => {
    const abort = new AbortController();
    const running = importCheckpoint(given('a.model'), inFolder('a'), { signal: abort.signal });
    abort.abort(new Error('no longer wanted'));
    await expect(running).rejects.toThrow('no longer wanted');
    expect(readdirSync(folder)).toEqual(['a.model']);
  });

  test('takes what is said beside a state dict', async () => {
    const source = given('a.pt', stateDictOf(smallMace()));
    const details = { avg_num_neighbors: 2.5, gate: 'silu' } as const;
    const model = await importCheckpoint(source, inFolder('a'), { details });
    expect(model.layers[0]?.avg_num_neighbors).toBe(2.5);
  });
});

describe('a folder that is not whole', () => {
  test('is told apart from one that is', async () => {
    await importCheckpoint(given('a.model'), inFolder('a'));
    truncateSync(inFolder('a/model.safetensors'), 100);
    await expect(verifyModelFolder(inFolder('a'))).rejects.toMatchObject({ code: 42206 });
    const json = readFileSync(inFolder('a/model.json'), 'utf8');
    writeFileSync(inFolder('a/model.json'), json.replace('"format_version": 1', '"format_version": 2'));
    await expect(readModelFolder(inFolder('a'))).rejects.toMatchObject({
      details: { message: expect.stringContaining('not of this version') as string },
    });
    expect(await listImportedFolders(folder)).toEqual([]);
    expect(await listImportedFolders(inFolder('nowhere'))).toEqual([]);
  });
});

describe('a file used by its path', () => {
  test('is imported once, and found by its content under another name', async () => {
    const cache = inFolder('cache');
    const first = await importIntoCache(given('a.model'), cache);
    const again = await importIntoCache(given('renamed.model'), cache);
    expect(again.folder).toBe(first.folder);
    expect(again.model.source.file_name).toBe('a.model');
    expect(readdirSync(cache)).toHaveLength(1);
  });

  test('is imported again when what was there is damaged, and once for every account of a state dict', async () => {
    const cache = inFolder('cache');
    const { folder: made } = await importIntoCache(given('a.model'), cache);
    rmSync(join(made, 'model.json'));
    expect((await importIntoCache(inFolder('a.model'), cache)).folder).toBe(made);
    await readModelFolder(made);
    const weights = given('a.pt', stateDictOf(smallMace()));
    for (const avg_num_neighbors of [2.5, 3]) {
      const { model } = await importIntoCache(weights, cache, { avg_num_neighbors, gate: 'silu' });
      expect(model.layers[0]?.avg_num_neighbors).toBe(avg_num_neighbors);
    }
    expect(readdirSync(cache)).toHaveLength(3);
  });
});

test('a cache keeps the models that were used last', async () => {
  const cache = inFolder('cache');
  const { folder: used } = await importIntoCache(given('a.model'), cache);
  const older = Array.from({ length: 20 }, (_, i) => join(cache, `older-${i}`));
  for (const [i, path] of older.entries()) {
    mkdirSync(path);
    utimesSync(path, 1_000_000 + i, 1_000_000 + i);
  }
  const root = smallMace();
  at(root, 'scale_shift').buffers.scale!.values = [2];
  const { folder: last } = await importIntoCache(given('b.model', checkpointOf(root)), cache);
  const kept = readdirSync(cache).map((name) => join(cache, name));
  expect(kept.toSorted()).toEqual([used, last, ...older.slice(6)].toSorted());
});

describe('an inspection', () => {
  test('tells what a file is and writes nothing', async () => {
    const source = given('a.model', checkpointOf(smallMace({ heads: ['a', 'b'] })));
    expect(await inspectModelFile(source)).toMatchObject({
      file_name: 'a.model',
      sha256: sha256(source),
      class_name: 'mace.modules.models.ScaleShiftMACE',
      written_by: 'mace-torch 0.3.10 or later',
      atomic_numbers: [1, 8],
      heads: ['a', 'b'],
      refusals: [],
      model: { r_max_A: 4 },
    });
    expect(readdirSync(folder)).toEqual(['a.model']);
  });

  test('counts each parameter once, buffers not', async () => {
    const root = smallMace();
    const { n_parameters } = await inspectModelFile(given('a.model', checkpointOf(root)));
    const count = (node: typeof root): number =>
      Object.values(node.parameters).reduce((sum, { values }) => sum + values.length, 0) +
      Object.values(node.children).reduce((sum, child) => sum + count(child), 0);
    expect(n_parameters).toBe(count(root));
  });

  test('tells what it can of a model that is refused, and why', async () => {
    const root = smallMace();
    root.class_name = 'mace.modules.models.AtomicDipolesMACE';
    expect(await inspectModelFile(given('a.model', checkpointOf(root)))).toMatchObject({
      class_name: 'mace.modules.models.AtomicDipolesMACE',
      atomic_numbers: [1, 8],
      model: null,
      refusals: [expect.stringContaining('dipoles') as string],
    });
    expect((await inspectModelFile(given('b.model', Buffer.from('?')))).refusals).toHaveLength(1);
  });
});
