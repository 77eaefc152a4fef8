// What is drawn for a structure: atoms and their images, bonds between them, half bonds to what lies outside. Pure.
// The plan is made once per structure and setting; `placeDrawing` puts it where the atoms are now, so a frame costs no search.
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import type { PeriodicBond } from './find-bonds.ts';
import { add, ORIGIN, perpendicularWidths, reciprocalRows, toCartesian, toFractional } from './lattice.ts';

export interface DrawingOptions {
  /** Copies along a, b, c, integers >= 1; only along periodic axes. */
  readonly repeats: Vector3;
  /** Draw an atom that lies on a face, an edge or a corner on the opposite one as well. */
  readonly show_boundary_atoms: boolean;
}

export type DrawingNote = 'bonds_left_out' | 'repeats_reduced';

export interface DrawingPlan {
  /** Drawn atoms: index into the structure, and the lattice shift from where the file puts it. */
  readonly atoms: readonly { readonly i_atom: number; readonly shift: Vector3 }[];
  /** Pairs of indices into `atoms`. */
  readonly bonds: readonly (readonly [number, number])[];
  /** Half bonds from a drawn atom towards one that is not drawn; atoms on faces have none while both faces show them. */
  readonly stubs: readonly { readonly from: number; readonly to_atom: number; readonly to_shift: Vector3 }[];
  readonly repeats: Vector3;
  readonly notes: readonly DrawingNote[];
}

/** Atoms nearer than this to a face count as lying on it, A. */
const FACE_TOLERANCE_A = 0.1;
/** Above this many drawn atoms bonds are left out and atoms are drawn thinner: the window stays fluid without a GPU. */
export const MAX_BONDED_ATOMS = 12_000;
/** More copies than this are not drawn, whatever was asked for. */
export const MAX_DRAWN_ATOMS = 60_000;

export function isLarge(structure: Structure): boolean {
  return structure.positions.length > MAX_BONDED_ATOMS;
}

export function planDrawing(
  structure: Structure,
  bonds: readonly PeriodicBond[],
  options: DrawingOptions,
): DrawingPlan {
  const notes: DrawingNote[] = [];
  const wanted = periodicRepeats(structure, options.repeats);
  const repeats = affordableRepeats(structure.positions.length, wanted);
  if (repeats.some((n, axis) => n < (wanted[axis] ?? 1))) notes.push('repeats_reduced');

  const wraps = wrapIntoCell(structure);
  const images = new ImageTable(structure.positions.length, repeats);
  const far = options.show_boundary_atoms ? onLowFaces(structure, wraps) : null;
  structure.positions.forEach((_, i_atom) => {
    const ends = far?.[i_atom];
    const n: Vector3 = [
      repeats[0] + (ends?.[0] === true ? 1 : 0),
      repeats[1] + (ends?.[1] === true ? 1 : 0),
      repeats[2] + (ends?.[2] === true ? 1 : 0),
    ];
    for (let a = 0; a < n[0]; a += 1)
      for (let b = 0; b < n[1]; b += 1) for (let c = 0; c < n[2]; c += 1) images.add(i_atom, [a, b, c]);
  });
  const atoms = images.drawn.map(({ i_atom, image }) => ({ i_atom, shift: minus(image, wraps[i_atom] ?? ORIGIN) }));

  if (atoms.length > MAX_BONDED_ATOMS) {
    notes.push('bonds_left_out');
    return { atoms, bonds: [], stubs: [], repeats, notes };
  }
  const hasStubs = structure.positions.map((_, i_atom) => far?.[i_atom]?.some(Boolean) !== true);
  return { atoms, ...joinImages(bonds, images, wraps, hasStubs), repeats, notes };
}

/** Positions of the drawn atoms and of the stubs' free ends, cartesian, A. */
export function placeDrawing(
  plan: DrawingPlan,
  positions: readonly Vector3[],
  cell: Cell | null,
): { atoms: Vector3[]; stubEnds: Vector3[] } {
  const place = (i_atom: number, shift: Vector3): Vector3 => {
    const position = positions[i_atom] ?? ORIGIN;
    return cell === null ? position : add(position, toCartesian(shift, cell));
  };
  const atoms = plan.atoms.map(({ i_atom, shift }) => place(i_atom, shift));
  const stubEnds = plan.stubs.map(({ from, to_atom, to_shift }) => {
    const start = atoms[from] ?? ORIGIN;
    const end = place(to_atom, to_shift);
    return [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2, (start[2] + end[2]) / 2] satisfies Vector3;
  });
  return { atoms, stubEnds };
}

function minus(a: Vector3, b: Vector3): Vector3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function periodicRepeats(structure: Structure, repeats: Vector3): Vector3 {
  const along = (axis: 0 | 1 | 2): number => (structure.cell !== null && structure.pbc[axis] ? repeats[axis] : 1);
  return [along(0), along(1), along(2)];
}

/** Takes copies away, from the axis with the most of them, until the drawing is small enough. */
function affordableRepeats(n_atoms: number, wanted: Vector3): Vector3 {
  const repeats: Vector3 = [...wanted];
  while (n_atoms * repeats[0] * repeats[1] * repeats[2] > MAX_DRAWN_ATOMS) {
    const most = Math.max(...repeats);
    if (most === 1) break;
    repeats[repeats.indexOf(most)] = most - 1;
  }
  return repeats;
}

/** Lattice vectors to subtract from each atom so that it lies in the cell; an atom within the tolerance below a face stays on it. */
function wrapIntoCell(structure: Structure): Vector3[] {
  const { cell, positions, pbc } = structure;
  if (cell === null) return positions.map(() => ORIGIN);
  const reciprocal = reciprocalRows(cell);
  const widths = perpendicularWidths(reciprocal);
  return positions.map((position) => {
    const fractional = toFractional(position, reciprocal);
    const along = (axis: 0 | 1 | 2): number =>
      pbc[axis] ? Math.floor(fractional[axis] + FACE_TOLERANCE_A / widths[axis]) : 0;
    return [along(0), along(1), along(2)];
  });
}

/** For each atom and axis: does it lie on the face through the origin? */
function onLowFaces(structure: Structure, wraps: readonly Vector3[]): (readonly [boolean, boolean, boolean])[] {
  const { cell, positions, pbc } = structure;
  if (cell === null) return positions.map(() => [false, false, false] as const);
  const reciprocal = reciprocalRows(cell);
  const widths = perpendicularWidths(reciprocal);
  return positions.map((position, i_atom) => {
    const fractional = toFractional(position, reciprocal);
    const wrap = wraps[i_atom] ?? ORIGIN;
    const along = (axis: 0 | 1 | 2): boolean =>
      pbc[axis] && Math.abs(fractional[axis] - wrap[axis]) * widths[axis] <= FACE_TOLERANCE_A;
    return [along(0), along(1), along(2)] as const;
  });
}

/** Full bonds where both ends are drawn, half bonds where one is. */
function joinImages(
  bonds: readonly PeriodicBond[],
  images: ImageTable,
  wraps: readonly Vector3[],
  hasStubs: readonly boolean[],
): Pick<DrawingPlan, 'bonds' | 'stubs'> {
  const drawnBonds: [number, number][] = [];
  const stubs: DrawingPlan['stubs'][number][] = [];
  for (const { i, j, shift } of bonds) {
    const wrap_i = wraps[i] ?? ORIGIN;
    const wrap_j = wraps[j] ?? ORIGIN;
    // Atom i in cell n is bonded to atom j in cell n + between.
    const between = minus(add(shift, wrap_j), wrap_i);
    for (const { index, image } of images.of(i)) {
      const image_j = add(image, between);
      const partner = images.indexOf(j, image_j);
      if (partner !== null) drawnBonds.push([index, partner]);
      else if (hasStubs[i] === true) stubs.push({ from: index, to_atom: j, to_shift: minus(image_j, wrap_j) });
    }
    if (hasStubs[j] !== true) continue;
    for (const { index, image } of images.of(j)) {
      const image_i = minus(image, between);
      if (images.indexOf(i, image_i) === null)
        stubs.push({ from: index, to_atom: i, to_shift: minus(image_i, wrap_i) });
    }
  }
  return { bonds: drawnBonds, stubs };
}

/** The images of every atom that are drawn, by cell, with their index in the drawing. */
class ImageTable {
  readonly drawn: { i_atom: number; image: Vector3 }[] = [];
  private readonly indices = new Map<number, number>();
  private readonly byAtom: { index: number; image: Vector3 }[][];
  private readonly sides: Vector3;

  constructor(n_atoms: number, repeats: Vector3) {
    // One cell more than the copies, for the far faces.
    this.sides = [repeats[0] + 1, repeats[1] + 1, repeats[2] + 1];
    this.byAtom = Array.from({ length: n_atoms }, () => []);
  }

  add(i_atom: number, image: Vector3): void {
    const index = this.drawn.length;
    this.drawn.push({ i_atom, image });
    this.indices.set(this.key(i_atom, image), index);
    this.byAtom[i_atom]?.push({ index, image });
  }

  of(i_atom: number): readonly { index: number; image: Vector3 }[] {
    return this.byAtom[i_atom] ?? [];
  }

  indexOf(i_atom: number, image: Vector3): number | null {
    if (image.some((n, axis) => n < 0 || n >= (this.sides[axis] ?? 0))) return null;
    return this.indices.get(this.key(i_atom, image)) ?? null;
  }

  private key(i_atom: number, image: Vector3): number {
    return ((i_atom * this.sides[0] + image[0]) * this.sides[1] + image[1]) * this.sides[2] + image[2];
  }
}
