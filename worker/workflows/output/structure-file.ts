// A result structure as a file: CIF where CIF can say it, extended XYZ otherwise. Pure.
import type { Structure, StructureFormat } from '../../../contracts/structure.ts';
import { isFullyPeriodic } from '../../kernel-client/arrays.ts';
import { writeExtendedXyz } from '../../structures/extended-xyz.ts';
import { writeCif } from '../../structures/write-cif.ts';

export interface StructureFile {
  format: StructureFormat;
  filename: string;
  content: string;
}

/**
 * @param name what the structure is called inside a CIF
 * @param stem file name without its extension
 */
export function structureFile(structure: Structure, name: string, stem: string): StructureFile {
  return isFullyPeriodic(structure)
    ? { format: 'cif', filename: `${stem}.cif`, content: writeCif(structure, name) }
    : { format: 'xyz', filename: `${stem}.xyz`, content: writeExtendedXyz(structure) };
}
