import { describe, expect, it } from 'vitest';
import { archive, checkpointArchive } from './testing/archive-writer.ts';
import {
  call,
  dict,
  float,
  get,
  global,
  int,
  list,
  object,
  pickle,
  put,
  storage,
  tensor,
  text,
  tuple,
  u8,
} from './testing/pickle-writer.ts';
import type { Code } from './testing/pickle-writer.ts';
import { temporaryCheckpoints } from './testing/temporary-checkpoints.ts';
import type { TensorValue, Value } from './values.ts';
import { attributesOf, isKind } from './walk.ts';

const { withCheckpoint } = temporaryCheckpoints();

function rootOf(...code: readonly Code[]): Promise<Value> {
  return withCheckpoint(checkpointArchive(pickle(...code)), ({ root }) => root);
}

function tensorAt(root: Value, name: string): TensorValue {
  const value = attributesOf(root).get(name);
  if (!isKind(value, 'tensor')) throw new Error(`${name} is no tensor`);
  return value;
}

const SIX = Buffer.from(Float64Array.of(0, 1, 2, 3, 4, 5).buffer);

describe('tensors', () => {
  it('strides and offsets into a shared storage are honoured', async () => {
    const shared = [storage('DoubleStorage', '0', 6), put(9)];
    const bytes = checkpointArchive(
      pickle(
        dict(
          [text('rows'), tensor(shared, 0, [2, 3], [3, 1])],
          [text('transposed'), tensor(get(9), 0, [3, 2], [1, 3])],
          [text('last_row'), tensor(get(9), 3, [3], [1])],
          [text('number'), tensor(get(9), 4, [], [])],
          [text('repeated'), tensor(get(9), 2, [2, 2], [0, 1])],
          [text('empty'), tensor(get(9), 6, [0, 3], [3, 1])],
        ),
      ),
      { 0: SIX },
    );
    const read = await withCheckpoint(bytes, async (checkpoint) => {
      const values: Record<string, number[]> = {};
      for (const name of ['rows', 'transposed', 'last_row', 'number', 'repeated', 'empty']) {
        values[name] = Array.from(await checkpoint.readTensor(tensorAt(checkpoint.root, name)), Number);
      }
      return values;
    });
    expect(read).toEqual({
      rows: [0, 1, 2, 3, 4, 5],
      transposed: [0, 3, 1, 4, 2, 5],
      last_row: [3, 4, 5],
      number: [4],
      repeated: [2, 3, 2, 3],
      empty: [],
    });
  });

  it.each([
    ['DoubleStorage', Float64Array.of(-1.5, 1 / 3), [-1.5, 1 / 3]],
    ['FloatStorage', Float32Array.of(-1.5, 0.25), [-1.5, 0.25]],
    ['LongStorage', BigInt64Array.of(-1n, 2n ** 62n), [-1n, 2n ** 62n]],
    ['IntStorage', Int32Array.of(-7, 7), [-7, 7]],
    ['ShortStorage', Int16Array.of(-300, 300), [-300, 300]],
    ['CharStorage', Int8Array.of(-3, 3), [-3, 3]],
    ['ByteStorage', Uint8Array.of(3, 250), [3, 250]],
    ['BoolStorage', Uint8Array.of(0, 1), [0, 1]],
    // 1, 2^-24 (the smallest), -65504 (the largest), infinity: IEEE 754, binary16
    ['HalfStorage', Uint16Array.of(0x3c00, 0x0001, 0xfbff, 0x7c00), [1, 2 ** -24, -65504, Infinity]],
    ['BFloat16Storage', Uint16Array.of(0x3f80, 0xc040), [1, -3]],
  ])('%s is read in full', async (type, elements, expected) => {
    const bytes = checkpointArchive(
      pickle(dict([text('x'), tensor(storage(type, '0', elements.length), 0, [elements.length], [1])])),
      {
        0: Buffer.from(elements.buffer),
      },
    );
    const read = await withCheckpoint(bytes, async (checkpoint) =>
      checkpoint.readTensor(tensorAt(checkpoint.root, 'x')),
    );
    expect(Array.from<number | bigint>(read)).toEqual(expected);
  });
});

describe('values', () => {
  it('a module becomes an object with its attributes', async () => {
    const root = await rootOf(
      object('mace.modules.models', 'ScaleShiftMACE', dict([text('heads'), list(text('Default'))])),
    );
    expect(root).toMatchObject({ kind: 'object', class_name: 'mace.modules.models.ScaleShiftMACE', args: [] });
    expect(attributesOf(root).get('heads')).toMatchObject({ kind: 'list', items: ['Default'] });
  });

  it('a call of an unknown function of a known package stays unmade', async () => {
    const root = await rootOf(call('torch.fx.graph_module', 'reduce_graph_module', text('import os')));
    expect(root).toMatchObject({
      kind: 'object',
      class_name: 'torch.fx.graph_module.reduce_graph_module',
      args: ['import os'],
    });
  });

  it('numbers, text and bytes come as they were', async () => {
    const bytes = call('_codecs', 'encode', text('\u00ff\u0000A'), text('latin1'));
    const root = await rootOf(
      tuple('NONE', 'NEWTRUE', int(-5), float(0.1), text('H\u2082O'), ['LONG1', u8(1), u8(0xff)], bytes),
    );
    expect(root).toMatchObject({ items: [null, true, -5, 0.1, 'H\u2082O', -1, Uint8Array.of(255, 0, 65)] });
  });

  it('a NumPy number becomes a number', async () => {
    const dtype = [
      call('numpy', 'dtype', text('f8'), 'NEWFALSE', 'NEWTRUE'),
      tuple(int(3), text('<'), 'NONE'),
      'BUILD',
    ] as const;
    const raw = Buffer.from(Float64Array.of(61.96).buffer);
    const root = await rootOf(call('numpy._core.multiarray', 'scalar', dtype, ['SHORT_BINBYTES', u8(8), raw]));
    expect(root).toBe(61.96);
  });

  it('a NumPy value of another type stays unmade', async () => {
    const root = await rootOf(call('numpy._core.multiarray', 'scalar', call('numpy', 'dtype', text('O8')), text('x')));
    expect(root).toMatchObject({ kind: 'object', class_name: 'numpy._core.multiarray.scalar', args: [{}, 'x'] });
  });

  it('what is shared stays shared, and a list may hold itself', async () => {
    const root = await rootOf('EMPTY_LIST', put(0), 'MARK', get(0), get(0), 'APPENDS');
    expect(isKind(root, 'list') && root.items.every((item) => item === root)).toBe(true);
  });

  it('a function of torch is its name', async () => {
    const root = await rootOf(
      call('__builtin__', 'getattr', global('torch._C', '_VariableFunctionsClass'), text('tanh')),
    );
    expect(root).toEqual({ kind: 'name', name: 'torch.tanh' });
  });

  it('the forward of a module stays unmade', async () => {
    const module = object('e3nn.o3._tensor_product._tensor_product', 'TensorProduct', 'EMPTY_DICT');
    const root = await rootOf(call('builtins', 'getattr', module, text('forward')));
    expect(root).toMatchObject({
      kind: 'object',
      class_name: 'builtins.getattr',
      args: [{ kind: 'object' }, 'forward'],
    });
  });

  it('a class is only its name', async () => {
    expect(await rootOf(global('torch.nn.functional', 'silu'))).toEqual({
      kind: 'name',
      name: 'torch.nn.functional.silu',
    });
  });
});

it('an archive with 64-bit fields is read', async () => {
  const entries = [{ name: 'x/data.pkl', data: pickle(int(7)) }];
  expect(await withCheckpoint(archive(entries, { zip64: true }), ({ root }) => root)).toBe(7);
});
