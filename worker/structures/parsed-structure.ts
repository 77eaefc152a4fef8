// What every reader returns, and the limits that it keeps.
import type { Structure, StructureFormat } from '../../contracts/structure.ts';
import type { FrameReference } from './frame-reference.ts';

export interface ParsedStructure {
  readonly format: StructureFormat;
  /** Data block, comment line or frame number: tells the structures of one file apart. */
  readonly name: string;
  readonly structure: Structure;
  /** What was interpreted, dropped or looks odd; sentences for people. */
  readonly warnings: readonly string[];
  /** Of an extended XYZ frame that brings one. */
  readonly reference?: FrameReference;
}

export interface ParseLimits {
  /** Largest file, bytes. */
  readonly maxBytes: number;
  /** Largest number of atoms of one structure after symmetry expansion. */
  readonly maxAtoms: number;
  /** Largest number of frames or data blocks with atoms in one file. */
  readonly maxStructures: number;
}

export const DEFAULT_PARSE_LIMITS: ParseLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxAtoms: 20_000,
  maxStructures: 10_000,
};
