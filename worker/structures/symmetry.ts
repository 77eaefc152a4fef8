// Space group of a structure, its primitive and its conventional standardised cell, by moyo.
import { analyze_cell, hall_symbol_entry } from '@spglib/moyo-wasm';
import type { MoyoCell, MoyoDataset } from '@spglib/moyo-wasm';
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { inverseOf, multiply } from './cell.ts';
import { elementOf, symbolOfAtomicNumber } from './elements.ts';
import { startMoyo } from './moyo.ts';
import { reduceTranslations } from './reduce-translations.ts';
import { StructureError } from './structure-error.ts';

/** Atoms may miss their symmetric places by this much, A: published and force-field coordinates reach it. */
export const SYMMETRY_TOLERANCE_A = 0.01;

export interface SpaceGroup {
  readonly number: number;
  /** Short Hermann-Mauguin symbol: "F m -3 m". */
  readonly symbol: string;
  readonly hallSymbol: string;
  /** Operations modulo the lattice of the structure's cell, its pure translations included. */
  readonly nOperations: number;
}

export interface SymmetryAnalysis {
  /** Of one copy of what the structure repeats. */
  readonly reduced: Structure;
  readonly lattice: Cell;
  readonly dataset: MoyoDataset;
  /** How often the structure repeats it. */
  readonly nTranslations: number;
}

/** @throws StructureError not_periodic | invalid_symmetry */
export function analyzeSymmetry(structure: Structure, tolerance: number): SymmetryAnalysis {
  const { cell, pbc } = structure;
  if (cell === null || !pbc.every(Boolean)) {
    throw new StructureError('not_periodic', 'A space group needs a cell that is periodic along all three vectors.');
  }
  startMoyo();
  const reduced = reduceTranslations(structure, cell, tolerance);
  const lattice = reduced.cell ?? cell;
  const inverse = inverseOf(lattice);
  const input: MoyoCell = {
    lattice: { basis: lattice.flat() as MoyoCell['lattice']['basis'] },
    positions: reduced.positions.map((position) => multiply(position, inverse)),
    numbers: reduced.symbols.map((symbol) => elementOf(symbol).atomic_number),
  };
  try {
    const dataset = analyze_cell(JSON.stringify(input), tolerance, 'Standard');
    return { reduced, lattice, dataset, nTranslations: structure.symbols.length / reduced.symbols.length };
  } catch (error) {
    // moyo throws strings.
    throw new StructureError(
      'invalid_symmetry',
      `The symmetry could not be determined at ${tolerance} A: ${String(error)}.`,
      {},
      { cause: error },
    );
  }
}

/** @throws StructureError not_periodic | invalid_symmetry */
export function findSpaceGroup(structure: Structure, tolerance: number = SYMMETRY_TOLERANCE_A): SpaceGroup {
  const { dataset, nTranslations } = analyzeSymmetry(structure, tolerance);
  const entry = hall_symbol_entry(dataset.hall_number);
  return {
    number: dataset.number,
    symbol: dataset.hm_symbol,
    hallSymbol: entry.hall_symbol,
    nOperations: nTranslations * dataset.operations.length,
  };
}

function toStructure({ lattice, positions, numbers }: MoyoCell): Structure {
  const [a, b, c, d, e, f, g, h, i] = lattice.basis;
  const cell: Structure['cell'] = [
    [a, b, c],
    [d, e, f],
    [g, h, i],
  ];
  return {
    cell,
    pbc: [true, true, true],
    symbols: numbers.map((number) => symbolOfAtomicNumber(number) ?? 'X'),
    positions: positions.map((fractional): Vector3 => multiply(fractional, cell)),
  };
}

/**
 * The primitive cell in standard orientation; positions are symmetrised within `tolerance`, labels and charges are dropped.
 *
 * @throws StructureError not_periodic | invalid_symmetry
 */
export function buildPrimitive(structure: Structure, tolerance: number = SYMMETRY_TOLERANCE_A): Structure {
  return toStructure(analyzeSymmetry(structure, tolerance).dataset.prim_std_cell);
}

/**
 * The conventional cell in the standard setting of International Tables; positions symmetrised, labels and charges dropped.
 *
 * @throws StructureError not_periodic | invalid_symmetry
 */
export function buildConventional(structure: Structure, tolerance: number = SYMMETRY_TOLERANCE_A): Structure {
  return toStructure(analyzeSymmetry(structure, tolerance).dataset.std_cell);
}
