// The smallest cell of a structure under its pure translations. moyo alone needs minutes for supercells of 1000 atoms (133 s
// for rock salt 5x5x5), because its search grows with the third power of the number of translations; this one is linear.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { AtomLocator } from './atom-locator.ts';
import { cross, dot, multiply, norm, signedVolume, subtract, volumeOf } from './cell.ts';

/** Look-ups after which the search stops; what was found until then is still a valid smaller cell. */
const MAX_LOOKUPS = 5_000_000;
/** Relative; far below the step from one possible volume to the next. */
const VOLUME_TOLERANCE = 1e-3;

/** Atoms of the rarest element: a translation must map them onto each other. */
function pivotAtoms(symbols: readonly string[]): readonly number[] {
  const bySymbol = new Map<string, number[]>();
  for (const [i, symbol] of symbols.entries()) {
    const atoms = bySymbol.get(symbol);
    if (atoms === undefined) bySymbol.set(symbol, [i]);
    else atoms.push(i);
  }
  return [...bySymbol.values()].reduce((rarest, atoms) => (atoms.length < rarest.length ? atoms : rarest));
}

/** Fractional translations that map the structure onto itself, (0, 0, 0) first; a group modulo the cell. */
function findTranslations({ symbols }: Structure, locator: AtomLocator): readonly Vector3[] {
  const pivots = pivotAtoms(symbols);
  const [origin] = pivots;
  const start = origin === undefined ? undefined : locator.fractional[origin];
  const symbol = origin === undefined ? undefined : symbols[origin];
  let translations: readonly Vector3[] = [[0, 0, 0]];
  if (start === undefined || symbol === undefined) return translations;
  const reached = new Set<number | undefined>([origin]);
  for (const pivot of pivots) {
    if (reached.has(pivot) || locator.nLookups > MAX_LOOKUPS) continue;
    const place = locator.fractional[pivot];
    if (place === undefined) continue;
    const step = subtract(place, start);
    const mapsAll = locator.fractional.every(
      (atom, i) => locator.find(symbols[i] ?? '', add(atom, step)) !== undefined,
    );
    if (!mapsAll) continue;
    // Close the group: every known translation plus every multiple of the new one, until a multiple is known already.
    const known = translations;
    const grown = [...known];
    for (let multiple = step; ; multiple = add(multiple, step)) {
      if (reached.has(locator.find(symbol, add(start, multiple)))) break;
      for (const translation of known) {
        const sum = add(translation, multiple);
        grown.push(sum);
        reached.add(locator.find(symbol, add(start, sum)));
      }
    }
    translations = grown;
  }
  return translations;
}

function add(u: Vector3, v: Vector3): Vector3 {
  return [u[0] + v[0], u[1] + v[1], u[2] + v[2]];
}

/** Three shortest independent vectors of the lattice; in three dimensions they are a basis. undefined when they miss the volume. */
function shortestBasis(cell: Cell, translations: readonly Vector3[]): Cell | undefined {
  const vectors: Vector3[] = [];
  for (const translation of translations) {
    const central = translation.map((t) => t - Math.round(t)) as Vector3;
    for (const i of [-1, 0, 1]) {
      for (const j of [-1, 0, 1]) for (const k of [-1, 0, 1]) vectors.push(multiply(add(central, [i, j, k]), cell));
    }
  }
  const volume = volumeOf(cell) / translations.length;
  const shortest = Math.cbrt(volume) * 1e-3;
  const sorted = vectors.filter((v) => norm(v) > shortest).sort((u, v) => norm(u) - norm(v));
  const [first] = sorted;
  if (first === undefined) return undefined;
  const second = sorted.find((v) => norm(cross(first, v)) > 1e-3 * norm(first) * norm(v));
  if (second === undefined) return undefined;
  const normal = cross(first, second);
  const third = sorted.find((v) => Math.abs(dot(normal, v)) > 1e-3 * norm(normal) * norm(v));
  if (third === undefined) return undefined;
  const basis: Cell =
    signedVolume([first, second, third]) * signedVolume(cell) > 0 ? [first, second, third] : [second, first, third];
  return Math.abs(volumeOf(basis) / volume - 1) < VOLUME_TOLERANCE ? basis : undefined;
}

/**
 * One copy of what a supercell repeats; the structure itself when it repeats nothing.
 *
 * @param structure periodic along all three vectors
 * @param tolerance how far an atom may be from where a translation puts it, A
 * @returns labels and charges dropped when the cell shrinks
 */
export function reduceTranslations(structure: Structure, cell: Cell, tolerance: number): Structure {
  const locator = new AtomLocator(structure, cell, tolerance);
  const translations = findTranslations(structure, locator);
  const nCopies = translations.length;
  const basis = nCopies === 1 ? undefined : shortestBasis(cell, translations);
  if (basis === undefined) return structure;
  const kept: number[] = [];
  const covered = new Set<number | undefined>();
  for (const [i, place] of locator.fractional.entries()) {
    if (covered.has(i)) continue;
    kept.push(i);
    for (const translation of translations)
      covered.add(locator.find(structure.symbols[i] ?? '', add(place, translation)));
  }
  if (kept.length * nCopies !== structure.symbols.length) return structure;
  return {
    cell: basis,
    pbc: structure.pbc,
    symbols: kept.map((i) => structure.symbols[i] ?? ''),
    positions: kept.map((i): Vector3 => structure.positions[i] ?? [NaN, NaN, NaN]),
  };
}
