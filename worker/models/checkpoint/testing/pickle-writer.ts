// Pickles for tests, instruction by instruction: honest ones as torch.save writes them, and whatever else a stranger may send.

/** Named as in CPython's `pickletools`. */
export const OPCODE = {
  MARK: 0x28,
  EMPTY_TUPLE: 0x29,
  STOP: 0x2e,
  POP: 0x30,
  POP_MARK: 0x31,
  DUP: 0x32,
  BINBYTES: 0x42,
  SHORT_BINBYTES: 0x43,
  FLOAT: 0x46,
  BINFLOAT: 0x47,
  INT: 0x49,
  BININT: 0x4a,
  BININT1: 0x4b,
  LONG: 0x4c,
  BININT2: 0x4d,
  NONE: 0x4e,
  PERSID: 0x50,
  BINPERSID: 0x51,
  REDUCE: 0x52,
  STRING: 0x53,
  BINSTRING: 0x54,
  SHORT_BINSTRING: 0x55,
  UNICODE: 0x56,
  BINUNICODE: 0x58,
  EMPTY_LIST: 0x5d,
  APPEND: 0x61,
  BUILD: 0x62,
  GLOBAL: 0x63,
  DICT: 0x64,
  APPENDS: 0x65,
  GET: 0x67,
  BINGET: 0x68,
  INST: 0x69,
  LONG_BINGET: 0x6a,
  LIST: 0x6c,
  OBJ: 0x6f,
  PUT: 0x70,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  SETITEM: 0x73,
  TUPLE: 0x74,
  SETITEMS: 0x75,
  EMPTY_DICT: 0x7d,
  PROTO: 0x80,
  NEWOBJ: 0x81,
  EXT1: 0x82,
  EXT2: 0x83,
  EXT4: 0x84,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  LONG1: 0x8a,
  LONG4: 0x8b,
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE8: 0x8d,
  BINBYTES8: 0x8e,
  EMPTY_SET: 0x8f,
  ADDITEMS: 0x90,
  FROZENSET: 0x91,
  NEWOBJ_EX: 0x92,
  STACK_GLOBAL: 0x93,
  MEMOIZE: 0x94,
  FRAME: 0x95,
  BYTEARRAY8: 0x96,
  NEXT_BUFFER: 0x97,
  READONLY_BUFFER: 0x98,
} as const;

export type Opcode = keyof typeof OPCODE;
/** Instructions, raw bytes, or lists of them. */
export type Code = Opcode | Uint8Array | readonly Code[];

export function assemble(...code: readonly Code[]): Buffer {
  return Buffer.concat(code.map((part) => bytesOf(part)));
}

function bytesOf(part: Code): Uint8Array {
  if (typeof part === 'string') return Uint8Array.of(OPCODE[part]);
  return part instanceof Uint8Array ? part : assemble(...part);
}

/** A whole pickle of protocol 2. */
export function pickle(...code: readonly Code[]): Buffer {
  return assemble('PROTO', Uint8Array.of(2), ...code, 'STOP');
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

export function text(value: string): Code {
  const bytes = Buffer.from(value, 'utf8');
  return ['BINUNICODE', u32(bytes.length), bytes];
}

export function int(value: number): Code {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return ['BININT', bytes];
}

export function float(value: number): Code {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return ['BINFLOAT', bytes];
}

export function global(module: string, name: string): Code {
  return ['GLOBAL', Buffer.from(`${module}\n${name}\n`, 'latin1')];
}

export function tuple(...items: readonly Code[]): Code {
  return items.length === 0 ? 'EMPTY_TUPLE' : ['MARK', ...items, 'TUPLE'];
}

export function list(...items: readonly Code[]): Code {
  return ['EMPTY_LIST', 'MARK', ...items, 'APPENDS'];
}

export function dict(...pairs: readonly (readonly [Code, Code])[]): Code {
  return ['EMPTY_DICT', 'MARK', ...pairs.flat(), 'SETITEMS'];
}

export function put(index: number): Code {
  return ['LONG_BINPUT', u32(index)];
}

export function get(index: number): Code {
  return ['LONG_BINGET', u32(index)];
}

export function call(module: string, name: string, ...args: readonly Code[]): Code {
  return [global(module, name), tuple(...args), 'REDUCE'];
}

/** An object of a class with attributes, as Python makes it from `copyreg.__newobj__` and a state. */
export function object(module: string, name: string, state: Code): Code {
  return [global(module, name), 'EMPTY_TUPLE', 'NEWOBJ', state, 'BUILD'];
}

/** @param type name of the storage's class, e.g. `DoubleStorage` */
export function storage(type: string, key: string, nElements: number): Code {
  return [tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(nElements)), 'BINPERSID'];
}

export function tensor(from: Code, offset: number, shape: readonly number[], strides: readonly number[]): Code {
  const [size, stride] = [tuple(...shape.map(int)), tuple(...strides.map(int))];
  return call(
    'torch._utils',
    '_rebuild_tensor_v2',
    from,
    int(offset),
    size,
    stride,
    'NEWFALSE',
    call('collections', 'OrderedDict'),
  );
}
