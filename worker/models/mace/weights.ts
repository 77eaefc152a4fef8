// Arrays of a model on their way from the checkpoint to the tensors of the model file: split, stacked, turned, never rescaled.
import type { Checkpoint, TensorValue } from '../checkpoint/values.ts';
import type { IrrepBlock } from './irreps.ts';
import { join, tensorAt } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import { assertConsistent, refusal } from './refusal.ts';

export type Floats = Float64Array | Float32Array;

/** Row-major. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly values: Floats;
}

/** @throws ServiceError 42206 for integers and numbers that are not finite */
export async function readFloats(checkpoint: Checkpoint, tensor: TensorValue, name: string): Promise<FloatTensor> {
  const values = await checkpoint.readTensor(tensor);
  assertConsistent(
    values instanceof Float64Array || values instanceof Float32Array,
    `${name} holds ${tensor.dtype} instead of floating-point numbers.`,
  );
  const bad = firstNotFinite(values);
  if (bad !== null) {
    throw refusal(`${name}[${bad}] is ${values[bad] ?? 0}: the training diverged, or the file was damaged since.`);
  }
  return { shape: tensor.shape, values };
}

function firstNotFinite(values: Floats): number | null {
  for (let i = 0; i < values.length; i += 1) if (!Number.isFinite(values[i])) return i;
  return null;
}

/** A parameter or buffer of a module, in whatever shape it has. */
export function readAt(checkpoint: Checkpoint, node: ModuleNode, name: string): Promise<FloatTensor> {
  return readFloats(checkpoint, tensorAt(node, name), join(node.path, name));
}

/** A tensor of one number, whatever its type: older files keep some integers as floats. */
export async function readNumber(checkpoint: Checkpoint, node: ModuleNode, name: string): Promise<number> {
  const [value, ...others] = await checkpoint.readTensor(tensorAt(node, name));
  const number = Number(value);
  assertConsistent(others.length === 0 && Number.isFinite(number), `${join(node.path, name)} is not one number.`);
  return number;
}

export function reshaped(tensor: FloatTensor, shape: readonly number[], name: string): FloatTensor {
  const n = shape.reduce((product, size) => product * size, 1);
  assertConsistent(
    tensor.values.length === n,
    `${name} has ${tensor.values.length} numbers where ${shape.join(' x ')} are needed.`,
  );
  return { shape, values: tensor.values };
}

/** [n][m] -> [m][n] */
export function transposed({ shape, values }: FloatTensor): FloatTensor {
  const [n = 1, m = 1] = shape;
  const turned = emptyLike(values, n * m);
  for (let i = 0; i < n; i += 1) for (let j = 0; j < m; j += 1) turned[j * n + i] = values[i * m + j] ?? 0;
  return { shape: [m, n], values: turned };
}

/**
 * The flat weight of e3nn's Linear, or of its FullyConnectedTensorProduct with scalars, by degree.
 *
 * @param n_between multiplicity of the scalars between (elements); null for a Linear
 * @returns l -> [sum of mul_in][n_between][sum of mul_out] (without the middle for a Linear), for every l that both sides have
 */
export function splitByDegree(
  weight: FloatTensor,
  blocksIn: readonly IrrepBlock[],
  blocksOut: readonly IrrepBlock[],
  n_between: number | null,
  name: string,
): Map<number, FloatTensor> {
  const n_middle = n_between ?? 1;
  const [rows, columns] = [widthsOf(blocksIn), widthsOf(blocksOut)];
  const matching = ({ l, parity }: IrrepBlock): IrrepBlock[] =>
    blocksOut.filter((block) => block.l === l && block.parity === parity);
  const n_needed = blocksIn.reduce(
    (sum, source) => sum + matching(source).reduce((n, { mul }) => n + source.mul * n_middle * mul, 0),
    0,
  );
  assertConsistent(
    n_needed === weight.values.length,
    `${name} has ${weight.values.length} numbers where its irreps need ${n_needed}.`,
  );
  const split = new Map<number, FloatTensor>();
  let start = 0;
  const rowStarts = new Map<number, number>();
  for (const source of blocksIn) {
    const row = rowStarts.get(source.l) ?? 0;
    let column = 0;
    for (const target of matching(source)) {
      const n_columns = columns.get(target.l) ?? 0;
      const whole = split.get(target.l) ?? {
        shape: [rows.get(source.l) ?? 0, ...(n_between === null ? [] : [n_between]), n_columns],
        values: emptyLike(weight.values, (rows.get(source.l) ?? 0) * n_middle * n_columns),
      };
      split.set(target.l, whole);
      // As wide as the whole is, a block goes in at once.
      const width = target.mul === n_columns ? source.mul * n_middle * target.mul : target.mul;
      const end = start + source.mul * n_middle * target.mul;
      for (let place = row * n_middle * n_columns + column; start < end; start += width, place += n_columns) {
        whole.values.set(weight.values.subarray(start, start + width), place);
      }
      column += target.mul;
    }
    rowStarts.set(source.l, row + source.mul);
  }
  return split;
}

export function emptyLike(values: Floats, n: number): Floats {
  return values instanceof Float64Array ? new Float64Array(n) : new Float32Array(n);
}

function widthsOf(blocks: readonly IrrepBlock[]): Map<number, number> {
  const widths = new Map<number, number>();
  for (const { l, mul } of blocks) widths.set(l, (widths.get(l) ?? 0) + mul);
  return widths;
}
