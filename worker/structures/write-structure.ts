// Structure -> text in any of the formats that parse-structure.ts reads; every format reads back bit for bit.
import type { Structure, StructureFormat } from '../../contracts/structure.ts';
import { writeExtendedXyz } from './extended-xyz.ts';
import { writePoscar } from './poscar.ts';
import { writeCif } from './write-cif.ts';

const WRITERS: Readonly<Record<StructureFormat, (structure: Structure, name: string) => string>> = {
  cif: writeCif,
  xyz: writeExtendedXyz,
  poscar: writePoscar,
};

/**
 * `parseStructure(writeStructure(s, …))` gives cell, pbc, symbols and positions of `s` back as the same doubles, and its
 * labels too where the format has any (CIF, XYZ).
 *
 * @param name data block (CIF) or first line (POSCAR)
 * @throws StructureError not_periodic for CIF and POSCAR without full periodicity
 */
export function writeStructure(structure: Structure, format: StructureFormat, name: string): string {
  return WRITERS[format](structure, name);
}
