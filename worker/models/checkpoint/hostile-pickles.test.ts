// Pickles that want something else than to hold a model. Each is refused where it first shows it, and nothing of it happens.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkpointArchive } from './testing/archive-writer.ts';
import {
  assemble,
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
  u32,
  u64,
  u8,
} from './testing/pickle-writer.ts';
import type { Code, Opcode } from './testing/pickle-writer.ts';
import { temporaryCheckpoints } from './testing/temporary-checkpoints.ts';

const { path, refusalOf } = temporaryCheckpoints();

const STORAGES = { 0: Buffer.alloc(64) };

async function messageOf(...code: readonly Code[]): Promise<string> {
  return (await refusalOf(checkpointArchive(pickle(...code), STORAGES))).message;
}

async function rawMessageOf(bytes: Uint8Array): Promise<string> {
  return (await refusalOf(checkpointArchive(bytes, STORAGES))).message;
}

describe('names of things that are no part of a model', () => {
  it.each([
    ['os', 'system'],
    ['posix', 'system'],
    ['nt', 'system'],
    ['subprocess', 'Popen'],
    ['runpy', '_run_code'],
    ['builtins', 'eval'],
    ['builtins', 'exec'],
    ['builtins', 'setattr'],
    ['__builtin__', '__import__'],
    ['__builtin__', 'compile'],
    ['importlib', 'import_module'],
    ['torch', 'load'],
    ['torch.hub', 'load'],
    ['torch.storage', '_load_from_bytes'],
    ['torch.utils.cpp_extension', 'load_inline'],
    ['torch.nn.modules.module', 'torch.hub.load'],
    ['torch.serialization', 'os.system'],
    ['mace.tools.utils', 'os.system'],
    ['e3nn.util', '__builtins__.eval'],
    ['numpy.testing._private.utils', 'runstring'],
    ['cuequivariance.etc', 'subprocess.run'],
    ['lesson', 'Plan'],
    ['functools', 'partial'],
    ['mace', ''],
    ['mace.modules', 'a b'],
    ['macе.modules', 'models'],
  ])('%s.%s is refused by name, before anything is made of it', async (module, name) => {
    for (const code of [global(module, name), [text(module), text(name), 'STACK_GLOBAL']] satisfies Code[]) {
      const message = await messageOf('MARK', code, tuple(text('touch here')), 'REDUCE', 'STOP');
      expect(message).toMatch(/^It names ".+", which is no part of a MACE model/);
    }
  });

  it('the command of os.system does not run', async () => {
    const marker = path('marker');
    const refusal = await refusalOf(checkpointArchive(pickle(call('os', 'system', text(`touch ${marker}`)))));
    expect(refusal.message).toContain('"os.system"');
    expect(refusal.byte_offset).toBe(2);
    expect(refusal.details).toMatchObject({ message: refusal.message, byte_offset: 2 });
    expect(existsSync(marker)).toBe(false);
  });

  it('a name inside of a call inside of a call is found', async () => {
    const inner = call('builtins', 'eval', text('1'));
    expect(
      await messageOf(call('torch._utils', '_rebuild_parameter', call('collections', 'OrderedDict', inner))),
    ).toContain('"builtins.eval"');
  });

  it('an attribute of anything but torch is refused', async () => {
    const attributeOf = (owner: Code, attribute: string): Code => call('builtins', 'getattr', owner, text(attribute));
    const functions = global('torch._C', '_VariableFunctionsClass');
    expect(await messageOf(attributeOf(global('torch.nn', 'Module'), 'os'))).toMatch(/something else than torch/);
    expect(await messageOf(attributeOf(functions, '__class__'))).toMatch(/something else than torch/);
    expect(await messageOf(attributeOf(attributeOf(functions, 'tanh'), 'tanh'))).toMatch(/something else than torch/);
  });

  it('the result of a call cannot be called', async () => {
    const unmade = call('torch.fx.graph_module', 'reduce_graph_module', text('def forward(): …'));
    expect(await messageOf(unmade, tuple(), 'REDUCE')).toMatch(/called that is no named class/);
    expect(await messageOf(text('os.system'), tuple(), 'NEWOBJ')).toMatch(/called that is no named class/);
  });
});

describe('instructions', () => {
  it.each<[Opcode, Code]>([
    ['INST', Buffer.from('os\nsystem\n')],
    ['OBJ', []],
    ['EXT1', u8(1)],
    ['EXT2', [u8(1), u8(0)]],
    ['EXT4', u32(1)],
    ['PERSID', Buffer.from('0\n')],
    ['NEXT_BUFFER', []],
    ['READONLY_BUFFER', []],
    ['BYTEARRAY8', u64(0n)],
    ['BINBYTES8', u64(0n)],
    ['LONG4', u32(0xffffffff)],
    ['LONG', Buffer.from('1L\n')],
    ['STRING', Buffer.from("'a'\n")],
    ['GET', Buffer.from('0\n')],
  ])('%s is refused by name', async (opcode, operand) => {
    expect(await messageOf('MARK', opcode, operand)).toContain(`instruction ${opcode} is not accepted`);
  });

  it('bytes that are no instruction are refused', async () => {
    expect(await messageOf(u8(0xff))).toContain('0xff is no instruction');
    expect(await rawMessageOf(Buffer.alloc(0))).toMatch(/pickle ends/);
    expect(await rawMessageOf(assemble('PROTO', u8(6), 'NONE', 'STOP'))).toMatch(/protocol 6/);
  });

  it.each<[string, Code[], RegExp]>([
    ['a length of 4 GB', ['BINUNICODE', u32(0xffffffff)], /longer than/],
    ['a length of 2^63', ['BINUNICODE8', u64(2n ** 63n)], /longer than/],
    ['a length beyond the end', ['BINUNICODE', u32(1000)], /1000 more bytes/],
    ['bytes beyond the end', ['SHORT_BINBYTES', u8(200)], /200 more bytes/],
    ['a frame beyond the end', ['FRAME', u64(2n ** 62n)], /beyond the end/],
    ['a whole number of 255 bytes', ['LONG1', u8(255), Buffer.alloc(255, 1)], /255 bytes/],
    ['a name without end', ['GLOBAL', Buffer.from('torch')], /middle of a line/],
    ['a name of 5000 letters', [global('mace', 'a'.repeat(5000))], /longer than 1000/],
    ['a class named by a number', [int(1), int(2), 'STACK_GLOBAL'], /something else than text/],
  ])('%s is refused', async (_, code, expected) => {
    expect(await messageOf(...code)).toMatch(expected);
  });

  it.each<[string, Code[], RegExp]>([
    ['nothing at all', [], /stack has none/],
    ['POP of nothing', ['POP'], /stack has none/],
    ['POP below a mark', ['NONE', 'MARK', 'POP', 'POP', 'POP'], /stack has none/],
    ['TUPLE2 of one', ['NONE', 'TUPLE2'], /stack has none/],
    ['TUPLE1 across a mark', ['NONE', 'MARK', 'TUPLE1'], /stack has none/],
    ['APPEND to nothing', ['NONE', 'APPEND'], /stack has none/],
    ['APPEND to a number', [int(1), int(2), 'APPEND'], /no list/],
    ['APPEND to a tuple', [tuple(), int(2), 'APPEND'], /no list/],
    ['APPENDS without a mark', ['EMPTY_LIST', 'APPENDS'], /no.* set|none is set/],
    ['TUPLE without a mark', ['TUPLE'], /none is set/],
    ['POP_MARK without a mark', ['NONE', 'POP_MARK', 'NONE'], /none is set/],
    ['POP_MARK twice', ['MARK', 'NONE', 'POP_MARK', 'POP_MARK'], /none is set/],
    ['a key without a value', ['EMPTY_DICT', 'MARK', int(1), 'SETITEMS'], /no value/],
    ['an item in a list', ['EMPTY_LIST', int(1), int(2), 'SETITEM'], /no dictionary/],
    ['BUILD of a number', [int(1), 'EMPTY_DICT', 'BUILD'], /what has none/],
    ['BUILD twice', [object('mace.modules.models', 'MACE', 'EMPTY_DICT'), 'EMPTY_DICT', 'BUILD'], /come twice/],
    ['arguments in a list', [global('collections', 'OrderedDict'), 'EMPTY_LIST', 'REDUCE'], /no tuple/],
    [
      'keyword arguments',
      [global('mace.modules.models', 'MACE'), tuple(), dict([text('a'), int(1)]), 'NEWOBJ_EX'],
      /keyword/,
    ],
    ['a value from an empty memo', [get(0)], /memo has no value 0/],
    ['a memo index of 4 billion', ['NONE', put(0xffffffff)], /memo would hold/],
    ['a memo entry of nothing', [put(0)], /stack has none/],
    ['two values at the end', ['NONE', 'NONE'], /more on its stack/],
    ['a mark at the end', ['MARK', 'NONE'], /more on its stack/],
    ['a second pickle behind the first', ['NONE', 'STOP', 'NONE'], /follow the end/],
  ])('%s is refused', async (_, code, expected) => {
    expect(await messageOf(...code)).toMatch(expected);
  });

  it('a pickle without STOP is refused', async () => {
    expect(await rawMessageOf(assemble('PROTO', u8(2), 'NONE'))).toMatch(/pickle ends/);
  });
});

describe('tensors', () => {
  const F8: Code = [call('numpy', 'dtype', text('f8')), tuple(int(3), text('<')), 'BUILD'];
  const eight = storage('DoubleStorage', '0', 8);
  it.each<[string, Code, RegExp]>([
    ['a storage outside of its folder', storage('DoubleStorage', '../data.pkl', 1), /no storage "\.\.\/data\.pkl"/],
    ['a storage that is not there', storage('DoubleStorage', '7', 1), /no storage "7"/],
    ['a storage larger than its entry', storage('DoubleStorage', '0', 9), /64 bytes, too few for 9/],
    ['a storage of less than nothing', storage('DoubleStorage', '0', -1), /does not describe a storage/],
    ['a storage of complex numbers', storage('ComplexFloatStorage', '0', 1), /no part of a MACE model/],
    ['a storage without a type', storage('Size', '0', 1), /not read/],
    ['a persistent id that is a text', [text('storage'), 'BINPERSID'], /no tuple/],
    ['an offset beyond the end', tensor(eight, 8, [1], [1]), /beyond its storage/],
    ['an offset beyond the end of nothing', tensor(eight, 9, [0], [1]), /beyond its storage/],
    ['a size beyond the end', tensor(eight, 0, [3, 3], [3, 1]), /beyond its storage/],
    ['a stride beyond the end', tensor(eight, 0, [2, 2], [8, 1]), /beyond its storage/],
    [
      'an overflow of offset and stride',
      tensor(eight, 2 ** 31 - 1, [2 ** 31 - 1, 2 ** 31 - 1], [2 ** 31 - 1, 2 ** 31 - 1]),
      /beyond its storage/,
    ],
    [
      'an overflow of the product',
      tensor(
        eight,
        0,
        Array.from({ length: 8 }, () => 2 ** 31 - 1),
        Array.from({ length: 8 }, () => 0),
      ),
      /repeats a storage/,
    ],
    ['a negative stride', tensor(eight, 4, [2], [-1]), /whole number from 0/],
    ['a negative size', tensor(eight, 0, [-1], [1]), /whole number from 0/],
    [
      'a fractional size',
      call('torch._utils', '_rebuild_tensor_v2', eight, int(0), tuple(float(1.5)), tuple(int(1))),
      /whole number from 0/,
    ],
    [
      'a size that is no number',
      call('torch._utils', '_rebuild_tensor_v2', eight, int(0), tuple(tuple()), tuple(int(1))),
      /whole number from 0/,
    ],
    ['more sizes than strides', tensor(eight, 0, [1, 1], [1]), /2 dimensions and 1 strides/],
    [
      'nine dimensions',
      tensor(
        eight,
        0,
        Array.from({ length: 9 }, () => 1),
        Array.from({ length: 9 }, () => 1),
      ),
      /at most 8/,
    ],
    ['no storage', tensor(text('0'), 0, [1], [1]), /not described as torch.save does/],
    ['a parameter of nothing', call('torch._utils', '_rebuild_parameter'), /holds no tensor/],
    ['bytes in another encoding', call('_codecs', 'encode', text('a'), text('rot13')), /latin1 only/],
    ['a character beyond latin1', call('_codecs', 'encode', text('\u20ac'), text('latin1')), /fit into one byte/],
    [
      'a NumPy number that is too short',
      call('numpy.core.multiarray', 'scalar', F8, ['SHORT_BINBYTES', u8(1), u8(1)]),
      /not the bytes of its type/,
    ],
    ['pairs that are none', call('collections', 'OrderedDict', list(int(1))), /no pair/],
  ])('%s is refused', async (_, code, expected) => {
    expect(await messageOf(code)).toMatch(expected);
  });
});

describe('depth', () => {
  const DEEP = 1001;
  const nested = (opcode: Opcode): Code => ['EMPTY_TUPLE', Array.from({ length: DEEP }, () => opcode)];

  it('values deeper than 1000 in one another are refused, whatever the order in which they were put there', async () => {
    expect(await messageOf(nested('TUPLE1'))).toMatch(/1000 deep/);
    expect(
      await messageOf(
        Array.from({ length: DEEP }, () => 'EMPTY_LIST' as const),
        Array.from({ length: DEEP - 1 }, () => 'APPEND' as const),
      ),
    ).toMatch(/1000 deep/);
    const chain = Array.from({ length: DEEP }, (_, i): Code => [get(i), 'EMPTY_LIST', put(i + 1), 'APPEND', 'POP']);
    expect(await messageOf('EMPTY_LIST', put(0), chain)).toMatch(/1000 deep/);
  });

  it('a ring of 1001 lists is refused, for a recursive reader would go around it', async () => {
    const chain = Array.from({ length: DEEP - 1 }, (_, i): Code => [get(i), 'EMPTY_LIST', put(i + 1), 'APPEND', 'POP']);
    expect(await messageOf('EMPTY_LIST', put(0), chain, get(DEEP - 1), get(0), 'APPEND', 'POP')).toMatch(/1000 deep/);
  });

  it('lists that know their neighbors are refused, though from the middle no way looks deep', async () => {
    const appendTo = (list: number, item: number): Code => [get(list), get(item), 'APPEND', 'POP'];
    const lists = Array.from({ length: 1200 }, (_, i): Code => ['EMPTY_LIST', put(i), 'POP']);
    const links = Array.from({ length: 1199 }, (_, i): Code => [appendTo(i, i + 1), appendTo(i + 1, i)]);
    expect(await messageOf(lists, links, get(600))).toMatch(/1000 deep/);
  });

  it('more than 1000 open marks are refused', async () => {
    expect(await messageOf(Array.from({ length: DEEP }, () => 'MARK' as const))).toMatch(/1000 marks/);
  });
});

it('the reader reaches files, and nothing else of the computer', () => {
  const folder = new URL('.', import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const imported = sources.flatMap((name) => {
    const source = readFileSync(new URL(name, folder), 'utf8');
    expect(source).not.toMatch(/\beval\(|new Function|\bimport\(|\brequire\(|\bprocess\.|\bReflect\.|\bglobalThis\b/);
    return [...source.matchAll(/from '((?!\.\/)[^']*)'/g)].map((match) => match[1]);
  });
  expect(sources.length).toBeGreaterThan(10);
  expect([...new Set(imported)].sort()).toEqual([
    '../../../contracts/error-code.ts',
    '../../archive/file-reader.ts',
    '../../structures/structure-error.ts',
    'node:fs/promises',
    'node:zlib',
    'yauzl',
  ]);
});
