// From the bytes of a storage to the elements of a view of it, in row-major order.
import { CheckpointError } from './checkpoint-error.ts';
import { ITEM_BYTES } from './tensors.ts';
import type { Checkpoint, Dtype, TensorValue } from './values.ts';

type Elements = Awaited<ReturnType<Checkpoint['readTensor']>>;

/**
 * @param storage all bytes of the storage, little-endian
 * @returns elements in row-major order, 16-bit floats as 32-bit ones
 */
export function gatherTensor(tensor: TensorValue, storage: Uint8Array<ArrayBuffer>): Elements {
  const itemBytes = ITEM_BYTES[tensor.dtype];
  const nElements = tensor.shape.reduce((product, length) => product * length, 1);
  const last = tensor.shape.reduce(
    (index, length, axis) => index + (length - 1) * (tensor.strides[axis] ?? 0),
    tensor.offset,
  );
  if (nElements > 0 && (last + 1) * itemBytes > storage.length)
    throw new CheckpointError('A tensor reaches beyond its storage.');
  const bytes = isContiguous(tensor)
    ? storage.slice(tensor.offset * itemBytes, (tensor.offset + nElements) * itemBytes)
    : gatherStrided(tensor, nElements, storage, itemBytes);
  return interpret(tensor.dtype, bytes.buffer);
}

function isContiguous({ shape, strides }: TensorValue): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const length = shape[axis] ?? 1;
    if (length !== 1 && strides[axis] !== expected) return false;
    expected *= length;
  }
  return true;
}

function gatherStrided(
  { shape, strides, offset }: TensorValue,
  nElements: number,
  storage: Uint8Array<ArrayBuffer>,
  itemBytes: number,
): Uint8Array<ArrayBuffer> {
  const gathered = new Uint8Array(nElements * itemBytes);
  const position = shape.map(() => 0);
  let source = offset;
  for (let i = 0; i < nElements; i += 1) {
    for (let byte = 0; byte < itemBytes; byte += 1)
      gathered[i * itemBytes + byte] = storage[source * itemBytes + byte] ?? 0;
    source += advance(position, shape, strides);
  }
  return gathered;
}

/** The next position, last axis fastest; returns how far it lies from the one before, in elements. */
function advance(position: number[], shape: readonly number[], strides: readonly number[]): number {
  let distance = 0;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const next = (position[axis] ?? 0) + 1;
    const stride = strides[axis] ?? 0;
    if (next < (shape[axis] ?? 1)) {
      position[axis] = next;
      return distance + stride;
    }
    position[axis] = 0;
    distance -= (next - 1) * stride;
  }
  return distance;
}

function interpret(dtype: Dtype, buffer: ArrayBuffer): Elements {
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), widenHalf);
    case 'BF16':
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits * 2 ** 16).buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'I16':
      return new Int16Array(buffer);
    case 'I8':
      return new Int8Array(buffer);
    case 'U8':
    case 'BOOL':
      return new Uint8Array(buffer);
  }
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
export function widenHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
