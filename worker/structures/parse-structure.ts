// Untrusted bytes -> structures, whatever the format. Pure; parse-in-worker.ts adds limits on time and memory.
import type { StructureFormat } from '../../contracts/structure.ts';
import { parseCif } from './cif.ts';
import { decodeText } from './decode-text.ts';
import { parseExtendedXyz } from './extended-xyz.ts';
import { parseDecimal, parseInteger } from './numbers.ts';
import { DEFAULT_PARSE_LIMITS } from './parsed-structure.ts';
import type { ParsedStructure, ParseLimits } from './parsed-structure.ts';
import { parsePoscar } from './poscar.ts';
import { StructureError, quoteText } from './structure-error.ts';

const FORMAT_BY_EXTENSION: Readonly<Record<string, StructureFormat>> = {
  cif: 'cif',
  mcif: 'cif',
  xyz: 'xyz',
  extxyz: 'xyz',
  vasp: 'poscar',
  poscar: 'poscar',
  contcar: 'poscar',
};
const READERS: Readonly<Record<StructureFormat, (text: string, limits: ParseLimits) => ParsedStructure[]>> = {
  cif: parseCif,
  xyz: parseExtendedXyz,
  poscar: parsePoscar,
};
const READABLE = 'CIF (.cif), extended XYZ (.xyz, .extxyz) and VASP 5 POSCAR (.vasp, POSCAR, CONTCAR)';
/** As far as the content decides on the format. */
const SNIFFED_CHARACTERS = 64 * 1024;

function formatFromName(filename: string): StructureFormat | undefined {
  const base = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1).toLowerCase();
  if (/^(?:poscar|contcar)(?:[._-]|$)/.test(base)) return 'poscar';
  return FORMAT_BY_EXTENSION[base.slice(base.lastIndexOf('.') + 1)];
}

function formatFromContent(text: string): StructureFormat | undefined {
  const lines = text.slice(0, SNIFFED_CHARACTERS).split(/\r\n|\r|\n/);
  const firstWords = lines.map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#'));
  if (firstWords !== undefined && /^data_\S/i.test(firstWords)) return 'cif';
  const isNumber = (line: string | undefined, word: number): boolean =>
    parseDecimal((line ?? '').trim().split(/\s+/)[word] ?? '') !== undefined;
  const count = parseInteger((lines[0] ?? '').trim());
  if (count !== undefined && count > 0 && [1, 2, 3].every((word) => isNumber(lines[2], word))) return 'xyz';
  const isVector = (line: string | undefined): boolean => [0, 1, 2].every((word) => isNumber(line, word));
  return isNumber(lines[1], 0) && [2, 3, 4].every((i) => isVector(lines[i])) ? 'poscar' : undefined;
}

/** By extension, else by content. */
function detectFormat(text: string, filename: string): StructureFormat {
  const named = formatFromName(filename);
  const found = formatFromContent(text);
  if (named !== undefined && found !== undefined && named !== found) {
    throw new StructureError(
      'unsupported_format',
      `The file is named as ${named.toUpperCase()} but its content is ${found.toUpperCase()}; give it the right extension.`,
    );
  }
  const format = named ?? found;
  if (format === undefined) {
    throw new StructureError(
      'unsupported_format',
      `The format of ${quoteText(filename)} is not known by its name or its content; readable are ${READABLE}.`,
    );
  }
  return format;
}

/**
 * @param filename for the format only; nothing is read from disk
 * @returns at least one structure, all of them valid (assertValidStructure), positions as the file gives them
 * @throws StructureError
 */
export function parseStructure(
  bytes: Uint8Array,
  filename: string,
  limits: ParseLimits = DEFAULT_PARSE_LIMITS,
): [ParsedStructure, ...ParsedStructure[]] {
  assertFileSize(bytes.length, limits);
  const { text, warnings } = decodeText(bytes);
  const [first, ...rest] = READERS[detectFormat(text, filename)](text, limits);
  if (first === undefined) throw new StructureError('no_atoms', 'The file lists no atoms.');
  return [{ ...first, warnings: [...warnings, ...first.warnings] }, ...rest];
}

/** @throws StructureError file_too_large */
export function assertFileSize(nBytes: number, limits: ParseLimits): void {
  if (nBytes <= limits.maxBytes) return;
  const mebibytes = (value: number): string => (value / 1024 / 1024).toFixed(1);
  throw new StructureError(
    'file_too_large',
    `The file has ${mebibytes(nBytes)} MiB; at most ${mebibytes(limits.maxBytes)} MiB are accepted.`,
    { n_bytes: nBytes, max_bytes: limits.maxBytes },
  );
}
