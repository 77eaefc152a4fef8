// The tree of torch modules in a checkpoint: what each pickled object kept of its parameters, buffers, children and attributes.
import type { ObjectValue, TensorValue, Value } from '../checkpoint/values.ts';
import { assertConsistent, refusal } from './refusal.ts';

export interface ModuleNode {
  /** Dotted, as in the keys of a state dict; empty for the root. */
  readonly path: string;
  /** Dotted, with its Python module. */
  readonly class_name: string;
  readonly attributes: ReadonlyMap<string, Value>;
  readonly parameters: ReadonlyMap<string, TensorValue>;
  readonly buffers: ReadonlyMap<string, TensorValue>;
  readonly children: ReadonlyMap<string, ModuleNode>;
}

/** The largest published models have some two hundred modules. */
const MAX_MODULES = 20_000;
const MAX_DEPTH = 64;

/** @throws ServiceError 42206 for a cycle, or a tree that no model needs */
export function buildModuleTree(root: ObjectValue): ModuleNode {
  let nModules = 0;
  const ancestors = new Set<ObjectValue>();

  const build = (value: ObjectValue, path: string): ModuleNode => {
    nModules += 1;
    assertConsistent(nModules <= MAX_MODULES, `it has more than ${MAX_MODULES} modules.`);
    assertConsistent(!ancestors.has(value), `the module ${path} contains itself.`);
    assertConsistent(ancestors.size < MAX_DEPTH, `its modules are nested more than ${MAX_DEPTH} deep.`);
    ancestors.add(value);
    const attributes = entriesOf(value.state);
    const children = new Map<string, ModuleNode>();
    for (const [name, child] of entriesOf(attributes.get('_modules') ?? null)) {
      if (isObject(child)) children.set(name, build(child, join(path, name)));
    }
    ancestors.delete(value);
    return {
      path,
      class_name: value.class_name,
      attributes,
      parameters: tensorsOf(attributes.get('_parameters')),
      buffers: tensorsOf(attributes.get('_buffers')),
      children,
    };
  };
  return build(root, '');
}

export function isObject(value: Value | undefined): value is ObjectValue {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'object';
}

export function isTensor(value: Value | undefined): value is TensorValue {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor';
}

/** Entries with a text as their key; of an ordered dict that stayed an object, its items. */
export function entriesOf(value: Value | undefined): Map<string, Value> {
  const pairs = isObject(value) ? value.items : isDict(value) ? value.entries : [];
  const entries = new Map<string, Value>();
  for (const [key, entry] of pairs) if (typeof key === 'string') entries.set(key, entry);
  return entries;
}

export function isDict(value: Value | undefined): value is Extract<Value, { kind: 'dict' }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'dict';
}

/** Class without its Python module. */
export function shortName(className: string): string {
  return className.slice(className.lastIndexOf('.') + 1);
}

/** @param names dotted path from `node` @throws ServiceError 42206 when it is not there */
export function moduleAt(node: ModuleNode, names: string): ModuleNode {
  let current = node;
  for (const name of names.split('.')) {
    const next = current.children.get(name);
    if (next === undefined) throw refusal(`The checkpoint has no ${join(current.path, name)}, which every MACE has.`);
    current = next;
  }
  return current;
}

/** Children "0", "1", … of a list. */
export function listAt(node: ModuleNode, name: string): ModuleNode[] {
  const list = moduleAt(node, name);
  return Array.from(list.children.keys(), (_, i) => moduleAt(list, String(i)));
}

/** Parameter or buffer. @throws ServiceError 42206 when it is not there */
export function tensorAt(node: ModuleNode, name: string): TensorValue {
  const tensor = optionalTensorAt(node, name);
  if (tensor === null) throw refusal(`The checkpoint has no tensor ${join(node.path, name)}.`);
  return tensor;
}

export function optionalTensorAt(node: ModuleNode, name: string): TensorValue | null {
  return node.parameters.get(name) ?? node.buffers.get(name) ?? null;
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

export function* allModules(node: ModuleNode): Generator<ModuleNode> {
  yield node;
  for (const child of node.children.values()) yield* allModules(child);
}

function tensorsOf(value: Value | undefined): Map<string, TensorValue> {
  const tensors = new Map<string, TensorValue>();
  for (const [name, entry] of entriesOf(value)) if (isTensor(entry)) tensors.set(name, entry);
  return tensors;
}
