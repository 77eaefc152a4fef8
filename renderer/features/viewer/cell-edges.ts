// The twelve edges of the unit cell, and of the block of repeated cells around it.
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import { ORIGIN, toCartesian } from './lattice.ts';

export type EdgeKind = 'a' | 'b' | 'c' | 'cell' | 'block';

export interface Edge {
  readonly kind: EdgeKind;
  readonly start: Vector3;
  readonly end: Vector3;
}

const AXES = ['a', 'b', 'c'] as const;

/** @returns the three axes through the origin, nine more edges of the cell, and twelve of the block when it is larger */
export function cellEdges(cell: Cell, repeats: Vector3): Edge[] {
  const edges = boxEdges(cell, [1, 1, 1]).map(({ start, end, axis, isThroughOrigin }): Edge => {
    return { kind: isThroughOrigin ? AXES[axis] : 'cell', start, end };
  });
  if (repeats.every((n) => n === 1)) return edges;
  const block = boxEdges(cell, repeats).map(({ start, end }): Edge => ({ kind: 'block', start, end }));
  return [...edges, ...block];
}

function boxEdges(cell: Cell, sides: Vector3) {
  const edges: { axis: 0 | 1 | 2; start: Vector3; end: Vector3; isThroughOrigin: boolean }[] = [];
  for (const axis of [0, 1, 2] as const) {
    const [second, third] = [0, 1, 2].filter((other) => other !== axis) as [0 | 1 | 2, 0 | 1 | 2];
    for (const far_second of [0, 1]) {
      for (const far_third of [0, 1]) {
        const corner: Vector3 = [...ORIGIN];
        corner[second] = far_second * sides[second];
        corner[third] = far_third * sides[third];
        const opposite: Vector3 = [...corner];
        opposite[axis] = sides[axis];
        edges.push({
          axis,
          start: toCartesian(corner, cell),
          end: toCartesian(opposite, cell),
          isThroughOrigin: far_second === 0 && far_third === 0,
        });
      }
    }
  }
  return edges;
}
