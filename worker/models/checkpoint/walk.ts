// Ways through values that share parts and may contain themselves. Nothing here recurses, and no part is visited twice.
import type { DictValue, ListValue, NameValue, ObjectValue, TensorValue, Value } from './values.ts';

interface KindOf {
  tensor: TensorValue;
  dict: DictValue;
  list: ListValue;
  name: NameValue;
  object: ObjectValue;
}

export function isKind<K extends keyof KindOf>(value: Value | undefined, kind: K): value is KindOf[K] {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

/** What stands directly inside of a value, in the order of the file. */
export function childrenOf(value: Value): readonly Value[] {
  if (isKind(value, 'list')) return value.items;
  if (isKind(value, 'dict')) return value.entries.flat();
  if (!isKind(value, 'object')) return [];
  return [...value.args, value.state, ...value.items.flat(), ...value.appended];
}

/** The entries of a dictionary, or of the state of an object, whose keys are text; of a repeated key the last one. */
export function attributesOf(value: Value | undefined): ReadonlyMap<string, Value> {
  const dict = isKind(value, 'object') ? value.state : value;
  const attributes = new Map<string, Value>();
  if (!isKind(dict, 'dict')) return attributes;
  for (const [key, entry] of dict.entries) if (typeof key === 'string') attributes.set(key, entry);
  return attributes;
}

/** Every list, dictionary, object, tensor and name below `root`, itself included, once each. */
export function* partsOf(root: Value): Generator<TensorValue | DictValue | ListValue | NameValue | ObjectValue> {
  const seen = new Set<Value>();
  const pending: Value[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array || seen.has(value)) continue;
    seen.add(value);
    yield value;
    for (const child of childrenOf(value)) pending.push(child);
  }
}
