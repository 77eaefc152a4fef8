// What REDUCE makes: of the few functions whose result is plain data, the data; of every other, an object that stays unmade.
// Nothing is called: each function below is written out here.
import { CheckpointError } from './checkpoint-error.ts';
import { PickledDict, PickledList, PickledObject, PickledTuple } from './parts.ts';
import { rebuildTensor } from './tensors.ts';
import type { DictValue, ListValue, TensorValue, Value } from './values.ts';
import { isKind } from './walk.ts';

/** Counts what is made against the limits; throws when there is too much. */
export interface Budget {
  parts(count: number): void;
  bytes(count: number): void;
}

type Decoder = (args: readonly Value[], byteOffset: number, budget: Budget, name: string) => Value;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch._utils._rebuild_parameter_with_state', rebuildParameter],
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
  ['collections.OrderedDict', orderedDict],
  ['builtins.set', setOf],
  ['__builtin__.set', setOf],
  ['builtins.frozenset', setOf],
  ['_codecs.encode', encodeLatin1],
  ['builtins.getattr', attributeOf],
  ['__builtin__.getattr', attributeOf],
  ['numpy.core.multiarray.scalar', numpyScalar],
  ['numpy._core.multiarray.scalar', numpyScalar],
]);

/** @throws CheckpointError where a known function has arguments that its library never writes */
export function decodeCall(name: string, args: readonly Value[], byteOffset: number, budget: Budget): Value {
  const decode = DECODERS.get(name);
  if (decode !== undefined) return decode(args, byteOffset, budget, name);
  return unmade(name, args, budget);
}

function unmade(name: string, args: readonly Value[], budget: Budget): PickledObject {
  budget.parts(args.length);
  return new PickledObject(name, args);
}

function rebuildParameter([tensor]: readonly Value[], byteOffset: number): TensorValue {
  if (isKind(tensor, 'tensor')) return tensor;
  throw new CheckpointError('A parameter holds no tensor.', byteOffset);
}

/** (function, class, its arguments, attributes): a tensor that somebody had given attributes. */
function rebuildFromType([callee, , args]: readonly Value[], byteOffset: number): TensorValue {
  if (isKind(callee, 'name') && callee.name === 'torch._utils._rebuild_tensor_v2' && isKind(args, 'list')) {
    return rebuildTensor(args.items, byteOffset);
  }
  throw new CheckpointError('A tensor with attributes is not described as torch.save does.', byteOffset);
}

/** Without arguments, or with a list of [key, value] as Python 2 wrote it. */
function orderedDict(args: readonly Value[], byteOffset: number, budget: Budget): DictValue {
  const dict = new PickledDict();
  const pairs = args[0];
  if (pairs === undefined) return dict;
  if (!isKind(pairs, 'list'))
    throw new CheckpointError('An OrderedDict is made of something else than pairs.', byteOffset);
  budget.parts(pairs.items.length);
  for (const pair of pairs.items) {
    const [key, value] = isKind(pair, 'list') ? pair.items : [];
    if (key === undefined || value === undefined)
      throw new CheckpointError('An OrderedDict has an entry that is no pair.', byteOffset);
    dict.entries.push([key, value]);
  }
  return dict;
}

function setOf([values]: readonly Value[], byteOffset: number, budget: Budget): ListValue {
  if (values === undefined) return new PickledList();
  if (!isKind(values, 'list')) throw new CheckpointError('A set is made of something else than a list.', byteOffset);
  budget.parts(values.items.length);
  return new PickledTuple([...values.items]);
}

/** How protocols before 3 write bytes: each character is one. */
function encodeLatin1([text, encoding]: readonly Value[], byteOffset: number, budget: Budget): Uint8Array {
  if (typeof text !== 'string' || encoding !== 'latin1') {
    throw new CheckpointError('_codecs.encode is known for text in latin1 only.', byteOffset);
  }
  budget.bytes(text.length);
  const bytes = Uint8Array.from(Buffer.from(text, 'latin1'));
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] !== text.charCodeAt(i))
      throw new CheckpointError('A character does not fit into one byte.', byteOffset);
  }
  return bytes;
}

/**
 * Functions of torch itself, `torch.tanh` and the like, are written as attributes of the class that holds them. The `forward` that
 * mace-torch puts into modules of its extensions is one of the object, and stays unmade. No other attribute is accepted.
 */
function attributeOf(args: readonly Value[], byteOffset: number, budget: Budget, name: string): Value {
  const [owner, attribute] = args;
  const isTorch = isKind(owner, 'name') && FUNCTION_OWNERS.has(owner.name);
  if (isTorch && typeof attribute === 'string' && /^[a-z][a-z0-9_]{0,60}$/.test(attribute)) {
    return { kind: 'name', name: `torch.${attribute}` };
  }
  if (isKind(owner, 'object') && attribute === 'forward') return unmade(name, args, budget);
  throw new CheckpointError('It asks for an attribute of something else than torch (getattr).', byteOffset);
}

const FUNCTION_OWNERS = new Set(['torch._C._VariableFunctionsClass', 'torch._C._VariableFunctions']);

/** Byte order and type of a dtype, to the size of a scalar and how it is read. */
const SCALAR_READERS: ReadonlyMap<string, readonly [number, (view: DataView) => Value]> = new Map([
  ['<f8', [8, (view: DataView) => view.getFloat64(0, true)]],
  ['<f4', [4, (view: DataView) => view.getFloat32(0, true)]],
  ['<i4', [4, (view: DataView) => view.getInt32(0, true)]],
  ['<i8', [8, (view: DataView) => exactNumber(view.getBigInt64(0, true))]],
  ['|b1', [1, (view: DataView) => view.getUint8(0) !== 0]],
]);

/** (dtype, bytes). Types that no model of numbers has stay unmade. */
function numpyScalar(args: readonly Value[], byteOffset: number, budget: Budget, name: string): Value {
  const [dtype, bytes] = args;
  const reader = SCALAR_READERS.get(numpyType(dtype) ?? '');
  if (reader === undefined) return unmade(name, args, budget);
  if (!(bytes instanceof Uint8Array) || bytes.length !== reader[0]) {
    throw new CheckpointError('A NumPy number has not the bytes of its type.', byteOffset);
  }
  return reader[1](new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** The state of a dtype is (version, byte order, …). */
function numpyType(dtype: Value | undefined): string | null {
  if (!isKind(dtype, 'object') || dtype.class_name !== 'numpy.dtype') return null;
  const order = isKind(dtype.state, 'list') ? dtype.state.items[1] : undefined;
  const type = dtype.args[0];
  return typeof order === 'string' && typeof type === 'string' ? order + type : null;
}

/** A number where it is exact. */
export function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
