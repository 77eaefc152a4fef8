// VASP 5 POSCAR and CONTCAR <-> structures. Format: https://www.vasp.at/wiki/index.php/POSCAR
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { assertUsableCell, multiply, volumeOf } from './cell.ts';
import { assertAtomCount, assertValidStructure } from './checks.ts';
import { isElement } from './elements.ts';
import { formatExact, parseDecimal, parseInteger, requireDecimal } from './numbers.ts';
import type { ParsedStructure, ParseLimits } from './parsed-structure.ts';
import { StructureError, listNames, quoteText } from './structure-error.ts';

const ROWS = [0, 1, 2] as const;

function wordsOf(line: string | undefined): string[] {
  const trimmed = line?.trim() ?? '';
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

/**
 * @returns the one structure of the file; velocities and what follows them are not read
 * @throws StructureError with the line of the first fault; unsupported_format for VASP 4, which names no elements
 */
export function parsePoscar(text: string, limits: ParseLimits): ParsedStructure[] {
  const lines = text.split(/\r\n|\r|\n/);
  const { cell, factors } = readCell(lines);
  const symbols = readSpecies(lines, limits.maxAtoms);
  const warnings: string[] = [];
  let at = 7;
  const hasSelectiveDynamics = /^\s*s/i.test(lines[at] ?? '');
  if (hasSelectiveDynamics) at += 1;
  const mode = lines[at]?.trim().charAt(0).toLowerCase() ?? '';
  if (!['d', 'c', 'k'].includes(mode)) {
    throw new StructureError(
      'invalid_syntax',
      `POSCAR line ${at + 1} must be "Direct" or "Cartesian", found ${quoteText(lines[at]?.trim() ?? '')}.`,
    );
  }
  let nFrozen = 0;
  const positions = symbols.map((symbol, i): Vector3 => {
    const lineNumber = at + 2 + i;
    const words = wordsOf(lines[at + 1 + i]);
    const what = `POSCAR line ${lineNumber} (${symbol}, atom ${i + 1})`;
    const read: Vector3 = [
      requireDecimal(words[0], `${what}: first coordinate`),
      requireDecimal(words[1], `${what}: second coordinate`),
      requireDecimal(words[2], `${what}: third coordinate`),
    ];
    if (hasSelectiveDynamics && words.slice(3, 6).some((flag) => /^\.?f/i.test(flag))) nFrozen += 1;
    return mode === 'd' ? multiply(read, cell) : [read[0] * factors[0], read[1] * factors[1], read[2] * factors[2]];
  });
  if (nFrozen > 0) {
    warnings.push(`Selective dynamics holds ${nFrozen} of ${symbols.length} atoms fixed; all atoms are free here.`);
  }
  const structure: Structure = { cell, pbc: [true, true, true], symbols, positions };
  assertValidStructure(structure, limits.maxAtoms);
  return [{ format: 'poscar', name: lines[0]?.trim() ?? '', structure, warnings }];
}

/** The cell after scaling, and the factors that cartesian coordinates share with it. */
function readCell(lines: readonly string[]): { readonly cell: Cell; readonly factors: Vector3 } {
  const scale = wordsOf(lines[1]);
  const unscaled = ROWS.map((i): Vector3 => {
    const words = wordsOf(lines[2 + i]);
    const what = `POSCAR line ${3 + i} (lattice vector ${'abc'.charAt(i)})`;
    return [requireDecimal(words[0], what), requireDecimal(words[1], what), requireDecimal(words[2], what)];
  }) as [Vector3, Vector3, Vector3];
  const factors = readScale(scale, unscaled);
  const cell = unscaled.map((row): Vector3 => [row[0] * factors[0], row[1] * factors[1], row[2] * factors[2]]) as [
    Vector3,
    Vector3,
    Vector3,
  ];
  assertUsableCell(cell);
  return { cell, factors };
}

/** One factor, three factors along x, y and z, or minus the wanted volume. */
function readScale(words: readonly string[], unscaled: Cell): Vector3 {
  const one = requireDecimal(words[0], 'POSCAR line 2 (scaling factor)');
  const [second, third] = [words[1], words[2]].map((word) => (word === undefined ? undefined : parseDecimal(word)));
  if (second !== undefined && third !== undefined) {
    if (!(one > 0 && second > 0 && third > 0)) {
      throw new StructureError(
        'bad_cell',
        `POSCAR line 2: three scaling factors must be positive, found ${words.join(' ')}.`,
      );
    }
    return [one, second, third];
  }
  if (one === 0)
    throw new StructureError('bad_cell', 'POSCAR line 2: the scaling factor is 0; use 1.0 for a cell in A.');
  if (one > 0) return [one, one, one];
  assertUsableCell(unscaled);
  const factor = Math.cbrt(-one / volumeOf(unscaled));
  return [factor, factor, factor];
}

/** Lines 6 and 7: element symbols and their counts. */
function readSpecies(lines: readonly string[], maxAtoms: number): string[] {
  const names = wordsOf(lines[5]);
  if (names.length > 0 && names.every((word) => parseInteger(word) !== undefined)) {
    throw new StructureError(
      'unsupported_format',
      'This is a VASP 4 POSCAR: line 6 holds numbers, so the file does not say which elements they are. ' +
        'Insert a line with the element symbols above the line of numbers (VASP 5 format).',
    );
  }
  const counts = wordsOf(lines[6]).map(parseInteger);
  // VASP 6 may append what tells potentials apart: "Zn_pv", "O/2a4f".
  const symbols = names.map((word) => /^[A-Za-z]{1,2}(?=$|[_/.])/.exec(word)?.[0] ?? word);
  const unknown = symbols.filter((symbol) => !isElement(symbol));
  if (names.length === 0 || unknown.length > 0) {
    const found = names.length === 0 ? 'nothing' : listNames(unknown.map(quoteText));
    throw new StructureError('unknown_element', `POSCAR line 6 must list element symbols, found ${found}.`);
  }
  if (
    counts.length < symbols.length ||
    counts.slice(0, symbols.length).some((count) => count === undefined || count < 0)
  ) {
    throw new StructureError(
      'invalid_syntax',
      `POSCAR line 7 must hold ${symbols.length} numbers of atoms, one per element of line 6.`,
    );
  }
  const total = symbols.reduce((sum, _symbol, i) => sum + (counts[i] ?? 0), 0);
  assertAtomCount(total, maxAtoms);
  return symbols.flatMap((symbol, i) => new Array<string>(counts[i] ?? 0).fill(symbol));
}

/**
 * VASP 5 format, Cartesian, scale 1, atoms in their order (an element may appear in several runs). It reads back bit for bit;
 * the format has no labels and no charges.
 *
 * @param name first line of the file
 * @throws StructureError not_periodic unless the structure has a cell and is periodic along all three vectors
 */
export function writePoscar(structure: Structure, name: string): string {
  const { cell, pbc, symbols, positions } = structure;
  if (cell === null || !pbc.every(Boolean)) {
    throw new StructureError('not_periodic', 'POSCAR describes periodic cells only; write XYZ instead.');
  }
  const runs: { symbol: string; count: number }[] = [];
  for (const symbol of symbols) {
    const last = runs.at(-1);
    if (last?.symbol === symbol) last.count += 1;
    else runs.push({ symbol, count: 1 });
  }
  const lines = [
    name.replace(/\s+/g, ' ').trim(),
    '1.0',
    ...cell.map((row) => row.map(formatExact).join(' ')),
    runs.map(({ symbol }) => symbol).join(' '),
    runs.map(({ count }) => count).join(' '),
    'Cartesian',
    ...positions.map((position) => position.map(formatExact).join(' ')),
  ];
  return `${lines.join('\n')}\n`;
}
