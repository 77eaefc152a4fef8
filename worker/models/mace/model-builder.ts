// What the parts of an extraction share: the checkpoint that they read and the tensors that they leave.
import type { Checkpoint } from '../checkpoint/values.ts';
import { assertConsistent } from './refusal.ts';
import { readAt, reshaped } from './weights.ts';
import type { FloatTensor, Floats } from './weights.ts';
import type { ModuleNode } from './module-tree.ts';
import { join } from './module-tree.ts';

export interface ModelTensor {
  readonly shape: readonly number[];
  readonly values: Floats | Int32Array<ArrayBuffer>;
}

export interface ModelBuilder {
  readonly checkpoint: Checkpoint;
  readonly n_elements: number;
  readonly heads: readonly string[];
  put(name: string, tensor: ModelTensor): void;
  /** A tensor of the checkpoint, as `name`, in a shape that has as many numbers. */
  copy(name: string, node: ModuleNode, tensor: string, shape: readonly number[]): Promise<void>;
}

export function createBuilder(
  checkpoint: Checkpoint,
  n_elements: number,
  heads: readonly string[],
): ModelBuilder & { readonly tensors: ReadonlyMap<string, ModelTensor> } {
  const tensors = new Map<string, ModelTensor>();
  const put = (name: string, tensor: ModelTensor): void => {
    assertConsistent(!tensors.has(name), `it has ${name} twice.`);
    tensors.set(name, tensor);
  };
  return {
    checkpoint,
    n_elements,
    heads,
    tensors,
    put,
    copy: async (name, node, tensor, shape) => {
      put(name, reshaped(await readAt(checkpoint, node, tensor), shape, join(node.path, tensor)));
    },
  };
}

/** The block of one degree of a split weight. */
export function blockOf(split: ReadonlyMap<number, FloatTensor>, l: number, name: string): FloatTensor {
  const block = split.get(l);
  assertConsistent(block !== undefined, `${name} has no weights for l = ${l}.`);
  return block;
}
