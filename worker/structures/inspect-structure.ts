// The summary of a structure that an upload answers and the window shows.
import { G_CM3_PER_AMU_A3 } from '../../contracts/units.ts';
import type { Structure, StructureSummary } from '../../contracts/structure.ts';
import { cellParameters, perpendicularWidths, signedVolume, volumeOf } from './cell.ts';
import { hillFormula, massOf } from './formula.ts';
import { describeFreeMolecules } from './molecules.ts';
import { StructureError } from './structure-error.ts';
import { findSpaceGroup } from './symmetry.ts';
import type { SpaceGroup } from './symmetry.ts';

/**
 * Everything that is known at once; linear in the number of atoms.
 *
 * @param structure  valid (assertValidStructure)
 * @param spaceGroup where it is known
 * @param warnings   those of the parser, put first
 */
export function summarizeStructure(
  structure: Structure,
  spaceGroup: SpaceGroup | null,
  warnings: readonly string[],
): StructureSummary {
  const { cell, symbols } = structure;
  const found: string[] = [...warnings];
  const molecules = describeFreeMolecules(structure);
  if (molecules !== null) {
    found.push(
      `Molecules that are not bonded to the framework: ${molecules}. They are kept; remove them if they are solvent.`,
    );
  }
  const common = {
    n_atoms: symbols.length,
    formula: hillFormula(symbols),
    elements: [...new Set(symbols)].sort(),
  };
  if (cell === null) {
    return {
      ...common,
      cell_parameters: null,
      volume_A3: null,
      density_g_cm3: null,
      space_group: null,
      space_group_number: null,
      smallest_perpendicular_width_A: null,
      warnings: found,
    };
  }
  if (signedVolume(cell) < 0)
    found.push('The cell is left-handed; it is kept as it is, energies and forces do not depend on it.');
  const volume = volumeOf(cell);
  return {
    ...common,
    cell_parameters: cellParameters(cell),
    volume_A3: volume,
    density_g_cm3: (massOf(symbols) / volume) * G_CM3_PER_AMU_A3,
    space_group: spaceGroup?.symbol ?? null,
    space_group_number: spaceGroup?.number ?? null,
    smallest_perpendicular_width_A: Math.min(...perpendicularWidths(cell)),
    warnings: found,
  };
}

/**
 * The whole summary, space group within SYMMETRY_TOLERANCE_A included. For files of unknown origin use parseUntrusted: a
 * hostile structure can keep the symmetry search busy for minutes.
 */
export function inspectStructure(structure: Structure, warnings: readonly string[] = []): StructureSummary {
  if (structure.cell === null || !structure.pbc.every(Boolean)) return summarizeStructure(structure, null, warnings);
  try {
    return summarizeStructure(structure, findSpaceGroup(structure), warnings);
  } catch (error) {
    if (!(error instanceof StructureError)) throw error;
    return summarizeStructure(structure, null, [...warnings, error.message]);
  }
}
