// How deep values lie in one another. Parts may contain themselves, so those that do are counted together.
import { CheckpointError } from './checkpoint-error.ts';
import type { Value } from './values.ts';
import { childrenOf } from './walk.ts';

type Part = Exclude<Value, null | boolean | number | bigint | string | Uint8Array>;

/** One part on the way from the root to where the walk is. */
interface Step {
  readonly part: Part;
  readonly index: number;
  readonly children: readonly Value[];
  next_child: number;
  /** Smallest index that is reached from here and still open. */
  low: number;
  /** Deepest of the finished components below. */
  depth_below: number;
}

/**
 * Refuse values whose every way down is not at most `maxDepth` parts long, however a recursive reader chooses its way: strongly
 * connected components (Tarjan, SIAM J. Comput. 1, 146 (1972)) weigh as many parts as they have.
 *
 * @throws CheckpointError
 */
export function checkDepth(root: Value, maxDepth: number): void {
  if (!isPart(root)) return;
  const indices = new Map<Part, number>();
  const finished = new Map<Part, number>();
  const open: Part[] = [];
  const path: Step[] = [enter(root, childrenOf(root), indices, open)];
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    const child = step.children[step.next_child];
    step.next_child += 1;
    if (child === undefined) {
      path.pop();
      leave(step, path.at(-1), open, finished, maxDepth);
    } else if (isPart(child)) {
      const index = indices.get(child);
      if (index === undefined) descend(child, step, path, indices, open);
      else if (finished.has(child)) step.depth_below = Math.max(step.depth_below, finished.get(child) ?? 0);
      else step.low = Math.min(step.low, index);
    }
  }
}

/** Most parts hold nothing, not even numbers: those need no way back, and no memory of them. */
function descend(part: Part, parent: Step, path: Step[], indices: Map<Part, number>, open: Part[]): void {
  const children = childrenOf(part);
  if (children.length > 0) path.push(enter(part, children, indices, open));
  else parent.depth_below = Math.max(parent.depth_below, 1);
}

function enter(part: Part, children: readonly Value[], indices: Map<Part, number>, open: Part[]): Step {
  const index = indices.size;
  indices.set(part, index);
  open.push(part);
  return { part, index, children, next_child: 0, low: index, depth_below: 0 };
}

function leave(
  step: Step,
  parent: Step | undefined,
  open: Part[],
  finished: Map<Part, number>,
  maxDepth: number,
): void {
  let depth = step.depth_below;
  if (step.low === step.index) {
    const component = open.splice(open.lastIndexOf(step.part));
    depth += component.length;
    if (depth > maxDepth) throw new CheckpointError(`Its values lie more than ${maxDepth} deep in one another.`);
    for (const part of component) finished.set(part, depth);
  }
  if (parent === undefined) return;
  parent.low = Math.min(parent.low, step.low === step.index ? parent.low : step.low);
  parent.depth_below = Math.max(parent.depth_below, depth);
}

function isPart(value: Value): value is Part {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
