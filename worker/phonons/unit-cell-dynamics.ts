// The vibrations in which all unit cells of a crystal move alike. Pure.
import { elementOf } from '../structures/elements.ts';
import type { LatticeDynamics } from './dynamical-matrix.ts';
import type { ForceConstantMatrix } from './force-constants.ts';
import type { PhononCells } from './phonon-cells.ts';

/**
 * The crystal as a lattice of its unit cells as given, which may repeat the primitive cell: at gamma these are all vibrations that keep the
 * unit cell. Only gamma can be asked for, because the vectors between atoms are left out.
 *
 * @param nUnit atoms of the unit cell; the supercell holds its images one after another, each in that order
 */
export function unitCellDynamics(cells: PhononCells, { values }: ForceConstantMatrix, nUnit: number): LatticeDynamics {
  const { supercell, primitiveAtoms, toRepresentative, translations } = cells;
  const nSupercell = primitiveAtoms.length;
  const forceConstants = new Float64Array(9 * nUnit * nUnit);
  for (let atom = 0; atom < nUnit; atom += 1) {
    const translation = translations[toRepresentative[atom] ?? 0];
    for (let other = 0; other < nSupercell; other += 1) {
      const from = 9 * ((primitiveAtoms[atom] ?? 0) * nSupercell + (translation?.[other] ?? 0));
      const to = 9 * (atom * nUnit + (other % nUnit));
      for (let k = 0; k < 9; k += 1) forceConstants[to + k] = (forceConstants[to + k] ?? 0) + (values[from + k] ?? 0);
    }
  }
  const nPairs = nUnit * nUnit;
  return {
    nPrimitive: nUnit,
    nSupercell: nUnit,
    masses: Float64Array.from(supercell.symbols.slice(0, nUnit), (symbol) => elementOf(symbol).mass_amu),
    primitiveAtoms: Int32Array.from({ length: nUnit }, (_, atom) => atom),
    forceConstants,
    firstVectors: Int32Array.from({ length: nPairs + 1 }, (_, pair) => pair),
    vectors: new Float64Array(3 * nPairs),
  };
}
