// The values of values.ts while a pickle is being read: those that still grow.
import type { Dtype, DictValue, ListValue, ObjectValue, Value } from './values.ts';

export type Pair = readonly [Value, Value];

/** A list or a set. */
export class PickledList implements ListValue {
  readonly kind = 'list';
  readonly items: Value[] = [];
}

export class PickledTuple implements ListValue {
  readonly kind = 'list';
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** A key that comes twice stands twice; the later one counts, as `new Map(entries)` does. */
export class PickledDict implements DictValue {
  readonly kind = 'dict';
  readonly entries: Pair[] = [];
}

const NO_PAIRS: readonly Pair[] = [];
const NO_VALUES: readonly Value[] = [];

export class PickledObject implements ObjectValue {
  readonly kind = 'object';
  readonly class_name: string;
  readonly args: readonly Value[];
  state: Value | null = null;
  /** Whether BUILD has come; its state may be None. */
  is_built = false;
  #items: Pair[] | null = null;
  #appended: Value[] | null = null;

  constructor(className: string, args: readonly Value[]) {
    this.class_name = className;
    this.args = args;
  }

  get items(): readonly Pair[] {
    return this.#items ?? NO_PAIRS;
  }

  get appended(): readonly Value[] {
    return this.#appended ?? NO_VALUES;
  }

  /** Most objects have neither, and there may be millions: the lists are made when something comes. */
  growingItems(): Pair[] {
    return (this.#items ??= []);
  }

  growingAppended(): Value[] {
    return (this.#appended ??= []);
  }
}

/** A storage that BINPERSID names. One that never becomes a tensor stays an object of its class. */
export class PickledStorage implements ObjectValue {
  readonly kind = 'object';
  readonly class_name: string;
  readonly args: readonly Value[];
  readonly state = null;
  readonly items = NO_PAIRS;
  readonly appended = NO_VALUES;
  readonly dtype: Dtype;
  readonly key: string;
  readonly n_elements: number;

  constructor(className: string, dtype: Dtype, key: string, nElements: number) {
    this.class_name = className;
    this.dtype = dtype;
    this.key = key;
    this.n_elements = nElements;
    this.args = [key, nElements];
  }
}
