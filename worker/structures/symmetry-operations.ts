// Symmetry operations in fractional coordinates: reading "-x+1/2,y,z", checking that a list is a group that fits the cell.
import type { Cell, Vector3 } from '../../contracts/structure.ts';
import { dot } from './cell.ts';
import { StructureError, quoteText } from './structure-error.ts';

export type RotationRow = readonly [number, number, number];

/** x' = rotation x + translation, fractional column vectors; translation in [0, 1). */
export interface SymmetryOperation {
  readonly rotation: readonly [RotationRow, RotationRow, RotationRow];
  readonly translation: Readonly<Vector3>;
}

/** Translations of space groups are multiples of 1/24; files round them to three digits and more. */
const TRANSLATION_GRID = 24;
const TRANSLATION_TOLERANCE = 2e-3;
/** Tells translations of unusual origins apart as well; nine entries and three of these fit a double exactly. */
const KEY_GRID = 1200;
/** Largest relative change of a metric component under an operation: cells are rounded to three or four digits. */
const METRIC_TOLERANCE = 0.01;
const MAX_OPERATION_LENGTH = 120;
/** One signed term: a coordinate, or a number that may be a fraction. */
const TERM = /([+-]?)(?:([xyz])|(\d+(?:\.\d*)?|\.\d+)(?:\/(\d+(?:\.\d*)?))?)/y;

/**
 * @param text for example "1/2-x, y+0.5, -z"
 * @throws StructureError invalid_symmetry
 */
export function parseSymmetryOperation(text: string): SymmetryOperation {
  const failed = (why: string): StructureError =>
    new StructureError('invalid_symmetry', `The symmetry operation ${quoteText(text)} cannot be read: ${why}.`);
  if (text.length > MAX_OPERATION_LENGTH) throw failed('it is too long');
  const parts = text
    .toLowerCase()
    .replace(/[\s'"]/g, '')
    .split(',');
  const [px, py, pz] = parts;
  if (parts.length !== 3 || px === undefined || py === undefined || pz === undefined) {
    throw failed('three components separated by commas are expected');
  }
  const rows = [px, py, pz].map((part) => parseComponent(part));
  const [rx, ry, rz] = rows;
  if (!rx || !ry || !rz) throw failed('components are sums of x, y, z and fractions');
  const rotation: SymmetryOperation['rotation'] = [rx[0], ry[0], rz[0]];
  if (Math.abs(determinant(rotation)) !== 1) throw failed('its rotation part is no symmetry of a lattice');
  return { rotation, translation: [rx[1], ry[1], rz[1]] };
}

function parseComponent(text: string): readonly [RotationRow, number] | null {
  const row: [number, number, number] = [0, 0, 0];
  let translation = 0;
  let position = 0;
  while (position < text.length) {
    TERM.lastIndex = position;
    const match = TERM.exec(text);
    if (match === null || (position > 0 && match[1] === '')) return null;
    const sign = match[1] === '-' ? -1 : 1;
    const axis = match[2] === undefined ? -1 : 'xyz'.indexOf(match[2]);
    if (axis === 0 || axis === 1 || axis === 2) row[axis] += sign;
    else translation += (sign * Number(match[3])) / Number(match[4] ?? 1);
    position = TERM.lastIndex;
  }
  return Number.isFinite(translation) && position > 0 ? [row, snapTranslation(translation)] : null;
}

/** Into [0, 1) and onto the exact fraction where it is within rounding of one. */
function snapTranslation(value: number): number {
  const steps = Math.round(value * TRANSLATION_GRID);
  const isOnGrid = Math.abs(value * TRANSLATION_GRID - steps) < TRANSLATION_TOLERANCE * TRANSLATION_GRID;
  return isOnGrid ? modulo(steps, TRANSLATION_GRID) / TRANSLATION_GRID : value - Math.floor(value);
}

function modulo(steps: number, period: number): number {
  return ((steps % period) + period) % period;
}

function determinant([a, b, c]: SymmetryOperation['rotation']): number {
  return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
}

export function applyOperation({ rotation, translation }: SymmetryOperation, x: Vector3): Vector3 {
  return [
    dot(rotation[0] as Vector3, x) + translation[0],
    dot(rotation[1] as Vector3, x) + translation[1],
    dot(rotation[2] as Vector3, x) + translation[2],
  ];
}

function compose(p: SymmetryOperation, q: SymmetryOperation): SymmetryOperation {
  const row = (i: 0 | 1 | 2): RotationRow => {
    const [a, b, c] = p.rotation[i];
    const [u, v, w] = q.rotation;
    return [a * u[0] + b * v[0] + c * w[0], a * u[1] + b * v[1] + c * w[1], a * u[2] + b * v[2] + c * w[2]];
  };
  return { rotation: [row(0), row(1), row(2)], translation: applyOperation(p, q.translation as Vector3) };
}

/** Equal for operations that differ by a lattice translation. */
function keyOf({ rotation, translation }: SymmetryOperation): number {
  let key = 0;
  for (const row of rotation) for (const entry of row) key = key * 5 + (entry + 2);
  for (const t of translation) key = key * KEY_GRID + modulo(Math.round(t * KEY_GRID), KEY_GRID);
  return key;
}

/** Whether the operations leave the cell's metric unchanged within the rounding of published cells. */
export function operationsFitCell(operations: readonly SymmetryOperation[], cell: Cell): boolean {
  const metric = cell.map((u) => cell.map((v) => dot(u, v)));
  const entry = (i: number, j: number): number => metric[i]?.[j] ?? NaN;
  const scale = (i: number, j: number): number => Math.sqrt(entry(i, i) * entry(j, j));
  const axes = [0, 1, 2] as const;
  return operations.every(({ rotation }) =>
    axes.every((i) =>
      axes.every((j) => {
        let transformed = 0;
        for (const k of axes) for (const l of axes) transformed += rotation[k][i] * entry(k, l) * rotation[l][j];
        return Math.abs(transformed - entry(i, j)) <= METRIC_TOLERANCE * scale(i, j);
      }),
    ),
  );
}

/** Whether products stay in the set: everything that its members generate, by right multiplication with few generators. */
function isGroup(byKey: ReadonlyMap<number, SymmetryOperation>): boolean {
  const generators: SymmetryOperation[] = [];
  const generated = new Map<number, SymmetryOperation>();
  for (const [key, candidate] of byKey) {
    if (generated.has(key)) continue;
    generators.push(candidate);
    generated.set(key, candidate);
    // A Map's iterator also visits what is added on the way.
    for (const operation of generated.values()) {
      for (const generator of generators) {
        const product = compose(operation, generator);
        const productKey = keyOf(product);
        if (!byKey.has(productKey)) return false;
        if (!generated.has(productKey)) generated.set(productKey, product);
      }
    }
  }
  return true;
}

/**
 * The list without repeats, identity first.
 *
 * @throws StructureError invalid_symmetry when the operations are no group or do not fit the cell
 */
export function validateOperations(operations: readonly SymmetryOperation[], cell: Cell): SymmetryOperation[] {
  const byKey = new Map<number, SymmetryOperation>();
  const identity: SymmetryOperation = {
    rotation: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    translation: [0, 0, 0],
  };
  byKey.set(keyOf(identity), identity);
  for (const operation of operations) if (!byKey.has(keyOf(operation))) byKey.set(keyOf(operation), operation);
  // 192 is the order of the largest space group in its conventional cell; supercells of it are not written this way.
  if (byKey.size > 192) {
    throw new StructureError(
      'invalid_symmetry',
      `The file lists ${byKey.size} symmetry operations; no space group has more than 192.`,
    );
  }
  const distinct = [...byKey.values()];
  if (!isGroup(byKey)) {
    throw new StructureError(
      'invalid_symmetry',
      `The ${distinct.length} symmetry operations are no group: the list is incomplete or one of them is misspelt. ` +
        'List all operations, centring translations included, or give only the space group.',
    );
  }
  if (!operationsFitCell(distinct, cell)) {
    throw new StructureError(
      'invalid_symmetry',
      'The cell does not have the symmetry that the file states; check the cell lengths and angles against the space group.',
    );
  }
  return distinct;
}
