// From the names of storages and of the functions that rebuild tensors, to views whose range was checked.
import { quoteText } from '../../structures/structure-error.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { PickledStorage, PickledTuple } from './parts.ts';
import type { Dtype, TensorValue, Value } from './values.ts';
import { isKind } from './walk.ts';

export const ITEM_BYTES: Readonly<Record<Dtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

const DTYPE_BY_STORAGE: ReadonlyMap<string, Dtype> = new Map([
  ['torch.DoubleStorage', 'F64'],
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);

const MAX_DIMENSIONS = 8;
/** A view that repeats its storage (stride 0) may be larger than it, up to here. */
const MAX_REPEATED_ELEMENTS = 2 ** 20;

/** Bytes of the entry `<root>/data/<key>`, or null where there is none. */
export type StorageSize = (key: string) => number | null;

/** What torch hands to BINPERSID: ("storage", class, key, location, number of elements); the location is of no interest. */
export function readStorage(id: Value, storageSize: StorageSize, byteOffset: number): PickledStorage {
  if (!(id instanceof PickledTuple)) throw new CheckpointError('A persistent id is no tuple.', byteOffset);
  const [tag, type, key, , nElements] = id.items;
  if (
    tag !== 'storage' ||
    id.items.length !== 5 ||
    !isKind(type, 'name') ||
    typeof key !== 'string' ||
    !isCount(nElements)
  ) {
    throw new CheckpointError('A persistent id does not describe a storage as torch.save does.', byteOffset);
  }
  const dtype = DTYPE_BY_STORAGE.get(type.name);
  if (dtype === undefined) {
    throw new CheckpointError(
      `Storages of ${quoteText(type.name)} are not read; save the model in float32 or float64.`,
      byteOffset,
    );
  }
  const available = storageSize(key);
  if (available === null)
    throw new CheckpointError(`There is no storage ${quoteText(key)} in the archive.`, byteOffset);
  if (nElements * ITEM_BYTES[dtype] > available) {
    throw new CheckpointError(
      `Storage ${quoteText(key)} has ${available} bytes, too few for ${nElements} of ${dtype}.`,
      byteOffset,
    );
  }
  return new PickledStorage(type.name, dtype, key, nElements);
}

/** Arguments of `torch._utils._rebuild_tensor` and `_rebuild_tensor_v2`: storage, offset, size, stride, …; in elements. */
export function rebuildTensor(args: readonly Value[], byteOffset: number): TensorValue {
  const [storage, offset, size, stride] = args;
  if (
    !(storage instanceof PickledStorage) ||
    !isCount(offset) ||
    !(size instanceof PickledTuple) ||
    !(stride instanceof PickledTuple)
  ) {
    throw new CheckpointError('A tensor is not described as torch.save does.', byteOffset);
  }
  const shape = counts(size.items, byteOffset);
  const strides = counts(stride.items, byteOffset);
  if (shape.length !== strides.length || shape.length > MAX_DIMENSIONS) {
    throw new CheckpointError(
      `A tensor has ${shape.length} dimensions and ${strides.length} strides; at most ${MAX_DIMENSIONS}.`,
      byteOffset,
    );
  }
  checkRange(storage, offset, shape, strides, byteOffset);
  return { kind: 'tensor', dtype: storage.dtype, storage: storage.key, offset, shape, strides };
}

/** Rounding cannot hide an overflow: sums and products of counts only grow, and each is compared with less than 2^53. */
function checkRange(
  storage: PickledStorage,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
  byteOffset: number,
): void {
  const nElements = shape.reduce((product, length) => product * length, 1);
  const last = shape.reduce((index, length, axis) => index + (length - 1) * (strides[axis] ?? 0), offset);
  const isInside = nElements === 0 ? offset <= storage.n_elements : last < storage.n_elements;
  if (!isInside) {
    throw new CheckpointError(
      `A tensor reaches beyond its storage ${quoteText(storage.key)} of ${storage.n_elements} elements.`,
      byteOffset,
    );
  }
  if (nElements > Math.max(storage.n_elements, MAX_REPEATED_ELEMENTS)) {
    throw new CheckpointError(
      `A tensor of ${nElements} elements repeats a storage of ${storage.n_elements}.`,
      byteOffset,
    );
  }
}

function counts(values: readonly Value[], byteOffset: number): readonly number[] {
  if (values.every(isCount)) return values;
  throw new CheckpointError('A size or stride of a tensor is no whole number from 0 on.', byteOffset);
}

function isCount(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
