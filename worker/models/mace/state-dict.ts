// Weights without their model: a training checkpoint of mace-torch ({"model": …}) or a bare state dict. The tree of modules is made up
// again from the names and shapes; what cannot be seen there is asked for.
import type { Checkpoint, TensorValue, Value } from '../checkpoint/values.ts';
import { inferModules } from './infer-modules.ts';
import type { Inferred } from './infer-modules.ts';
import { entriesOf, isDict, isObject, isTensor, join } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import type { StateDictDetails } from '../../../contracts/mace-model.ts';

export type StateDict = ReadonlyMap<string, TensorValue>;

/** Every MACE has it. */
const EMBEDDING = 'node_embedding.linear.weight';
/** Where trainings keep the weights beside other things. */
const PLACES = ['model', 'state_dict', 'model_state_dict'];

/** @returns null when it holds no weights of a MACE */
export function stateDictOf(root: Value): StateDict | null {
  if (!isDict(root) && !isObject(root)) return null;
  const entries = entriesOf(root);
  for (const candidate of [entries, ...PLACES.map((place) => entriesOf(entries.get(place)))]) {
    const tensors = new Map([...candidate].filter((entry): entry is [string, TensorValue] => isTensor(entry[1])));
    if (tensors.has(EMBEDDING)) return tensors;
  }
  return null;
}

/** @throws ServiceError 42206 naming what is missing */
export async function moduleTreeOfStateDict(
  checkpoint: Checkpoint,
  weights: StateDict,
  details?: StateDictDetails,
): Promise<ModuleNode> {
  return treeOf(weights, await inferModules(checkpoint, weights, details));
}

function treeOf(weights: StateDict, inferred: ReadonlyMap<string, Inferred>): ModuleNode {
  const children = new Map<string, Set<string>>();
  const tensors = new Map<string, [string, TensorValue][]>();
  for (const path of [...[...weights.keys()].map(parentOf), ...inferred.keys()]) addPath(children, path);
  for (const [key, tensor] of weights) {
    const list = tensors.get(parentOf(key)) ?? [];
    list.push([key.slice(key.lastIndexOf('.') + 1), tensor]);
    tensors.set(parentOf(key), list);
  }
  const build = (path: string): ModuleNode => {
    const { class_name = 'torch.nn.modules.module.Module', attributes = {} } = inferred.get(path) ?? {};
    const own = tensors.get(path) ?? [];
    return {
      path,
      class_name,
      attributes: new Map(Object.entries(attributes)),
      parameters: new Map(own.filter(([name]) => isParameter(join(path, name)))),
      buffers: new Map(own.filter(([name]) => !isParameter(join(path, name)))),
      children: new Map([...(children.get(path) ?? [])].map((name) => [name, build(join(path, name))])),
    };
  };
  return build('');
}

function addPath(children: Map<string, Set<string>>, path: string): void {
  if (path === '') return;
  const parent = parentOf(path);
  addPath(children, parent);
  const names = children.get(parent) ?? new Set();
  children.set(parent, names.add(path.slice(path.lastIndexOf('.') + 1)));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')));
}

/** As mace-torch registers them; everything else is a buffer. */
function isParameter(key: string): boolean {
  if (key.startsWith('radial_embedding.') || key.startsWith('pair_repulsion_fn.')) return false;
  return /\.(weight|bias|weights_max|weights\.\d+)$/.test(key) || /^interactions\.\d+\.(alpha|beta)$/.test(key);
}
