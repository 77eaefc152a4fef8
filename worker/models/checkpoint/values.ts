// What a pickle becomes: data, and names of things that it would have called. Nothing is imported, called or evaluated.

/** Element types of torch storages, by their names in safetensors. */
export type Dtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** A view of a stored array; `strides` in elements. Its range was checked against the storage. */
export interface TensorValue {
  readonly kind: 'tensor';
  readonly dtype: Dtype;
  /** Entry of the archive behind `<root>/data/`. */
  readonly storage: string;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** In the order of the file. */
export interface DictValue {
  readonly kind: 'dict';
  readonly entries: readonly (readonly [Value, Value])[];
}

/** Lists, tuples and sets. */
export interface ListValue {
  readonly kind: 'list';
  readonly items: readonly Value[];
}

/** A class or function that the pickle names; only its name is kept. */
export interface NameValue {
  readonly kind: 'name';
  readonly name: string;
}

/** An object of a class, or the result of a call, that stays unmade. */
export interface ObjectValue {
  readonly kind: 'object';
  /** Dotted, e.g. `mace.modules.models.ScaleShiftMACE`. */
  readonly class_name: string;
  readonly args: readonly Value[];
  /** What BUILD gave it: the attributes of a module. */
  readonly state: Value | null;
  readonly items: readonly (readonly [Value, Value])[];
  readonly appended: readonly Value[];
}

/** Shared and cyclic as in the file: whoever walks it remembers where he was. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | TensorValue
  | DictValue
  | ListValue
  | NameValue
  | ObjectValue;

/** A checkpoint that was read; close() gives the file back. */
export interface Checkpoint {
  readonly root: Value;
  readonly size_bytes: number;
  /** Elements in row-major order, whatever the strides; CRC of the entry checked. 16-bit floats become 32-bit ones. */
  readTensor(
    tensor: TensorValue,
  ): Promise<Float64Array | Float32Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array>;
  close(): Promise<void>;
}
