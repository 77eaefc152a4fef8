// XYZ and extended XYZ <-> structures: any number of frames; without a lattice the frame is a molecule.
// Format: https://github.com/libAtoms/extxyz (key=value comment line, typed columns).
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { assertAtomCount, assertValidStructure } from './checks.ts';
import { isElement, symbolOfAtomicNumber } from './elements.ts';
import { FORCES_PROPERTY, readFrameReference } from './frame-reference.ts';
import type { FrameReference } from './frame-reference.ts';
import { formatExact, parseDecimal, parseInteger, requireDecimal } from './numbers.ts';
import type { ParsedStructure, ParseLimits } from './parsed-structure.ts';
import { StructureError, quoteText } from './structure-error.ts';

interface Columns {
  readonly species: number;
  readonly position: number;
  readonly label: number | null;
  readonly charge: number | null;
  readonly forces: number | null;
  /** Number of columns that every atom line must have at least. */
  readonly width: number;
}

const PLAIN_COLUMNS: Columns = { species: 0, position: 1, label: null, charge: null, forces: null, width: 4 };
const LABEL_PROPERTY = 'labels';
/** As ASE names it. */
const CHARGE_PROPERTY = 'initial_charges';
const VECTOR_PROPERTIES: ReadonlySet<string> = new Set(['pos', FORCES_PROPERTY]);

/** @throws StructureError with the line of the first fault */
export function parseExtendedXyz(text: string, limits: ParseLimits): ParsedStructure[] {
  const lines = text.split(/\r\n|\r|\n/);
  const parsed: ParsedStructure[] = [];
  let at = 0;
  for (;;) {
    while (at < lines.length && lines[at]?.trim() === '') at += 1;
    if (at >= lines.length) break;
    if (parsed.length >= limits.maxStructures) {
      throw new StructureError(
        'too_many_structures',
        `The file holds more than ${limits.maxStructures} frames; upload the frames that are needed.`,
      );
    }
    const nAtoms = readAtomCount(lines[at] ?? '', at + 1);
    assertAtomCount(nAtoms, limits.maxAtoms);
    if (at + 2 + nAtoms > lines.length) {
      throw new StructureError(
        'invalid_syntax',
        `XYZ line ${at + 1} announces ${nAtoms} atoms, but the file ends after ${Math.max(0, lines.length - at - 2)} lines of atoms; ` +
          'it was cut off.',
      );
    }
    const { structure, reference } = readFrame(lines.slice(at + 1, at + 2 + nAtoms), at + 2);
    assertValidStructure(structure, limits.maxAtoms);
    const name = `frame ${parsed.length + 1}`;
    parsed.push({ format: 'xyz', name, structure, warnings: [], ...(reference === null ? {} : { reference }) });
    at += 2 + nAtoms;
  }
  return parsed;
}

function readAtomCount(line: string, lineNumber: number): number {
  const nAtoms = parseInteger(line.trim());
  if (nAtoms === undefined || nAtoms < 1) {
    throw new StructureError(
      'invalid_syntax',
      `XYZ line ${lineNumber} must hold the number of atoms of the next frame, found ${quoteText(line.trim())}.`,
    );
  }
  return nAtoms;
}

/** @param lines the comment line, then one line per atom */
function readFrame(
  lines: readonly string[],
  firstLineNumber: number,
): { structure: Structure; reference: FrameReference | null } {
  const [comment = '', ...atomLines] = lines;
  const keys = readKeys(comment);
  const lattice = keys.get('lattice');
  const properties = keys.get('properties');
  const columns = properties === undefined ? PLAIN_COLUMNS : readColumns(properties, firstLineNumber);
  const cell = lattice === undefined ? null : readLattice(lattice, firstLineNumber);
  const symbols: string[] = [];
  const positions: Vector3[] = [];
  const labels: string[] = [];
  const charges: number[] = [];
  for (const [i, line] of atomLines.entries()) {
    const where = `XYZ line ${firstLineNumber + 1 + i}`;
    const words = line.trim().split(/\s+/);
    if (words.length < columns.width) {
      throw new StructureError(
        'invalid_syntax',
        `${where} has ${words.length} columns, ${columns.width} are needed: ${quoteText(line.trim())}.`,
      );
    }
    symbols.push(readSpecies(words[columns.species] ?? '', where));
    positions.push([
      requireDecimal(words[columns.position], `${where}: x`),
      requireDecimal(words[columns.position + 1], `${where}: y`),
      requireDecimal(words[columns.position + 2], `${where}: z`),
    ]);
    if (columns.label !== null) labels.push(words[columns.label] ?? '');
    if (columns.charge !== null) charges.push(requireDecimal(words[columns.charge], `${where}: charge`));
  }
  const pbc = readPeriodicity(keys.get('pbc'), cell, firstLineNumber);
  const structure = {
    cell,
    pbc,
    symbols,
    positions,
    ...(columns.label === null ? {} : { labels }),
    ...(columns.charge === null ? {} : { charges }),
  };
  return { structure, reference: readFrameReference(keys, atomLines, columns.forces) };
}

function readSpecies(word: string, where: string): string {
  const atomicNumber = parseInteger(word);
  const symbol =
    atomicNumber === undefined
      ? word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()
      : symbolOfAtomicNumber(atomicNumber);
  if (symbol === undefined || !isElement(symbol)) {
    throw new StructureError(
      'unknown_element',
      `${where}: ${quoteText(word)} is no element symbol and no atomic number.`,
    );
  }
  return symbol;
}

/** The `key=value` pairs of a comment line, keys in lower case; free text between them is skipped. */
function readKeys(comment: string): Map<string, string> {
  const keys = new Map<string, string>();
  let at = 0;
  for (;;) {
    const equals = comment.indexOf('=', at);
    if (equals < 0) return keys;
    const key = /[\w.-]{1,64}\s?$/
      .exec(comment.slice(Math.max(at, equals - 65), equals))?.[0]
      .trim()
      .toLowerCase();
    let start = equals + 1;
    if (comment.charAt(start) === ' ') start += 1;
    const open = comment.charAt(start);
    const close = open === '{' ? '}' : open;
    const isQuoted = open === '"' || open === "'" || open === '{';
    const closing = isQuoted ? comment.indexOf(close, start + 1) : -1;
    let end = closing;
    if (closing < 0) {
      end = start;
      while (end < comment.length && !/\s/.test(comment.charAt(end))) end += 1;
    }
    if (key !== undefined && key !== '') keys.set(key, comment.slice(closing < 0 ? start : start + 1, end));
    at = closing < 0 ? Math.max(end, equals + 1) : closing + 1;
  }
}

function readColumns(properties: string, lineNumber: number): Columns {
  const fields = properties.split(':');
  const failed = (why: string): StructureError =>
    new StructureError('invalid_syntax', `XYZ line ${lineNumber}: Properties=${quoteText(properties)} ${why}.`);
  const offsets = new Map<string, number>();
  let width = 0;
  for (let i = 0; i < fields.length; i += 3) {
    const [name = '', kind = '', count = ''] = fields.slice(i, i + 3);
    const nColumns = parseInteger(count);
    if (!/^[SRILsril]$/.test(kind) || nColumns === undefined || nColumns < 1 || nColumns > 1000) {
      throw failed('is not a list of name:type:columns');
    }
    const isUsable = !VECTOR_PROPERTIES.has(name.toLowerCase()) || nColumns === 3;
    if (isUsable && !offsets.has(name.toLowerCase())) offsets.set(name.toLowerCase(), width);
    width += nColumns;
  }
  const species = offsets.get('species') ?? offsets.get('z');
  const position = offsets.get('pos');
  if (species === undefined || position === undefined) throw failed('needs species:S:1 (or Z:I:1) and pos:R:3');
  return {
    species,
    position,
    label: offsets.get(LABEL_PROPERTY) ?? null,
    charge: offsets.get(CHARGE_PROPERTY) ?? null,
    forces: offsets.get(FORCES_PROPERTY) ?? null,
    width,
  };
}

function readLattice(text: string, lineNumber: number): Cell | null {
  const numbers = text
    .trim()
    .split(/[\s,]+/)
    .map(parseDecimal);
  if (numbers.length !== 9 || numbers.includes(undefined)) {
    throw new StructureError(
      'bad_cell',
      `XYZ line ${lineNumber}: Lattice=${quoteText(text)} must be nine numbers, three per vector.`,
    );
  }
  // Some programs write a lattice of zeros for a molecule.
  if (numbers.every((value) => value === 0)) return null;
  const at = (i: number): number => numbers[i] ?? NaN;
  return [
    [at(0), at(1), at(2)],
    [at(3), at(4), at(5)],
    [at(6), at(7), at(8)],
  ];
}

function readPeriodicity(text: string | undefined, cell: Cell | null, lineNumber: number): Structure['pbc'] {
  if (text === undefined) return cell === null ? [false, false, false] : [true, true, true];
  const flags = text
    .trim()
    .split(/[\s,]+/)
    .map((word) => (/^(?:t|true|1)$/i.test(word) ? true : /^(?:f|false|0)$/i.test(word) ? false : undefined));
  const [a, b, c] = flags;
  if (flags.length !== 3 || a === undefined || b === undefined || c === undefined) {
    throw new StructureError('bad_cell', `XYZ line ${lineNumber}: pbc=${quoteText(text)} must be three of T and F.`);
  }
  return [a, b, c];
}

/**
 * @returns one frame; it reads back bit for bit, white space inside labels excepted
 */
export function writeExtendedXyz(structure: Structure): string {
  const { cell, pbc, symbols, positions, labels, charges } = structure;
  const comment = [
    ...(cell === null ? [] : [`Lattice="${cell.flat().map(formatExact).join(' ')}"`]),
    `Properties=species:S:1:pos:R:3${labels === undefined ? '' : `:${LABEL_PROPERTY}:S:1`}${
      charges === undefined ? '' : `:${CHARGE_PROPERTY}:R:1`
    }`,
    `pbc="${pbc.map((isPeriodic) => (isPeriodic ? 'T' : 'F')).join(' ')}"`,
  ];
  const lines = [String(symbols.length), comment.join(' ')];
  for (const [i, position] of positions.entries()) {
    const symbol = symbols[i] ?? 'X';
    const label = labels === undefined ? [] : [labels[i]?.replace(/^$|\s+/g, '_') ?? symbol];
    const charge = charges === undefined ? [] : [formatExact(charges[i] ?? 0)];
    lines.push([symbol, ...position.map(formatExact), ...label, ...charge].join(' '));
  }
  return `${lines.join('\n')}\n`;
}
