// Sets of points of a periodic grid that grow together, and the lattice vectors by which a set reaches images of itself. Pure.
import type { Vector3 } from '../../../contracts/structure.ts';

/**
 * Union-find whose points know in which image of the cell they lie, seen from the root of their set. Two paths between the same two
 * points that end in different images differ by a lattice vector that leads from the set into itself: a channel.
 */
export class LatticeUnionFind {
  readonly #parent: Int32Array;
  /** [n_points][3] image in which a point lies, seen from its parent. */
  readonly #image: Int16Array;
  readonly #loops = new Map<number, Vector3[]>();

  constructor(n_points: number) {
    this.#parent = new Int32Array(n_points);
    for (let point = 0; point < n_points; point += 1) this.#parent[point] = point;
    this.#image = new Int16Array(3 * n_points);
  }

  /** The point that stands for the set of `point`. */
  root(point: number): number {
    let root = point;
    while (this.#parentOf(root) !== root) root = this.#parentOf(root);
    this.#compress(point, root);
    return root;
  }

  /** `neighbor` touches `point`, in the image of the cell that `shift` steps along `axis` lead to. */
  join(point: number, neighbor: number, axis: 0 | 1 | 2, shift: number): void {
    const a = this.root(point);
    const b = this.root(neighbor);
    if (a === b) {
      if (this.#isStraight(point, neighbor, axis, shift)) return;
      this.#loops.set(a, withVector(this.loops(a), this.#step(point, neighbor, axis, shift)));
    } else if (b < a) {
      // The lower index is the root: in the order of a scan it is the older and larger set, and the trees stay flat.
      this.#attach(a, b, scaled(this.#step(point, neighbor, axis, shift), -1));
    } else {
      this.#attach(b, a, this.#step(point, neighbor, axis, shift));
    }
  }

  /** Of a root: independent lattice vectors by which its set reaches itself; none for a pocket, three for a three-dimensional channel. */
  loops(root: number): Vector3[] {
    return this.#loops.get(root) ?? [];
  }

  /** Every point on the way sees the root directly from then on. */
  #compress(point: number, root: number): void {
    const image: Vector3 = [0, 0, 0];
    for (let at = point; at !== root; at = this.#parentOf(at)) this.#add(image, at, 1);
    for (let at = point; at !== root;) {
      const [x, y, z] = image;
      const next = this.#parentOf(at);
      this.#add(image, at, -1);
      this.#image[3 * at] = x;
      this.#image[3 * at + 1] = y;
      this.#image[3 * at + 2] = z;
      this.#parent[at] = root;
      at = next;
    }
  }

  #add(image: Vector3, point: number, sign: 1 | -1): void {
    image[0] += sign * this.#imageOf(point, 0);
    image[1] += sign * this.#imageOf(point, 1);
    image[2] += sign * this.#imageOf(point, 2);
  }

  /** One root below another, in this image of the cell. */
  #attach(child: number, root: number, image: Vector3): void {
    this.#parent[child] = root;
    this.#image.set(image, 3 * child);
    const inherited = this.#loops.get(child);
    if (inherited === undefined) return;
    this.#loops.set(root, inherited.reduce(withVector, this.loops(root)));
    this.#loops.delete(child);
  }

  /** Are neighbors of one set neighbors in one image, too? */
  #isStraight(point: number, neighbor: number, axis: number, shift: number): boolean {
    for (let k = 0; k < 3; k += 1) {
      if (this.#imageOf(point, k) + (k === axis ? shift : 0) !== this.#imageOf(neighbor, k)) return false;
    }
    return true;
  }

  /** From where `neighbor` lies, seen from its root, to where `point` says that it lies. */
  #step(point: number, neighbor: number, axis: 0 | 1 | 2, shift: number): Vector3 {
    const step: Vector3 = [
      this.#imageOf(point, 0) - this.#imageOf(neighbor, 0),
      this.#imageOf(point, 1) - this.#imageOf(neighbor, 1),
      this.#imageOf(point, 2) - this.#imageOf(neighbor, 2),
    ];
    step[axis] += shift;
    return step;
  }

  #parentOf(point: number): number {
    return this.#parent[point] ?? point;
  }

  /** Of a root it is zero. */
  #imageOf(point: number, k: number): number {
    return this.#image[3 * point + k] ?? 0;
  }
}

/** A basis of the integer vectors that `basis` (in echelon form) and one more vector span, again in echelon form. */
export function withVector(basis: readonly Vector3[], vector: Vector3): Vector3[] {
  const rows = new Map(basis.map((row) => [leading(row), row]));
  let rest = vector;
  for (let k = leading(rest); k < 3; k = leading(rest)) {
    const row = rows.get(k);
    if (row === undefined) {
      rows.set(k, rest);
      break;
    }
    const [divisor, remainder] = euclid(row, rest, k);
    rows.set(k, divisor);
    rest = remainder;
  }
  return [...rows].sort(([a], [b]) => a - b).map(([k, row]) => (row[k as 0 | 1 | 2] < 0 ? scaled(row, -1) : row));
}

/** Both spanned by two vectors, the second with a zero at place k. */
function euclid(first: Vector3, second: Vector3, k: number): [Vector3, Vector3] {
  let [a, b] = [first, second];
  while ((b[k] ?? 0) !== 0) [a, b] = [b, plus(a, scaled(b, -Math.trunc((a[k] ?? 0) / (b[k] ?? 1))))];
  return [a, b];
}

/** Place of the first number that is not zero, 3 for none. */
function leading(vector: Vector3): number {
  const place = vector.findIndex((x) => x !== 0);
  return place === -1 ? 3 : place;
}

function scaled([x, y, z]: Vector3, factor: number): Vector3 {
  return [x * factor + 0, y * factor + 0, z * factor + 0];
}

function plus(u: Vector3, v: Vector3): Vector3 {
  return [u[0] + v[0], u[1] + v[1], u[2] + v[2]];
}
