// Structures as arrays of the protocol, and arrays back to checked numbers. Pure.
import type { PotentialSpec } from '../../contracts/potential.ts';
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { elementOf } from '../structures/elements.ts';
import { StructureError } from '../structures/structure-error.ts';
import type { KernelArray } from './frame.ts';
import { KernelFailure } from './kernel-failure.ts';
import type { ComputeSettings } from './settings.ts';

/** Stress and a moving cell are defined only then. */
export function isFullyPeriodic(structure: Structure): boolean {
  return structure.cell !== null && structure.pbc.every(Boolean);
}

/**
 * The arrays of a request for a batch. Without a cell the rows are zero and no direction is periodic. Charges go along
 * when the potential takes them as given.
 *
 * @throws StructureError no_charges
 */
export function structureArrays(structures: readonly Structure[], potential: PotentialSpec): KernelArray[] {
  const nStructures = structures.length;
  const counts = structures.map(({ symbols }) => symbols.length);
  const nAtoms = counts.reduce((sum, count) => sum + count, 0);
  const numbersOf = ({ symbols }: Structure) => symbols.map((symbol) => elementOf(symbol).atomic_number);
  const flagsOf = ({ cell, pbc }: Structure) => pbc.map((isPeriodic) => (isPeriodic && cell !== null ? 1 : 0));
  return [
    f64(
      'cells',
      [nStructures, 3, 3],
      structures.flatMap(({ cell }) => cell?.flat() ?? Array<number>(9).fill(0)),
    ),
    f64(
      'positions',
      [nAtoms, 3],
      structures.flatMap(({ positions }) => positions.flat()),
    ),
    { name: 'atomic_numbers', shape: [nAtoms], values: new Int32Array(structures.flatMap(numbersOf)) },
    { name: 'n_atoms', shape: [nStructures], values: new Int32Array(counts) },
    { name: 'pbc', shape: [nStructures, 3], values: new Uint8Array(structures.flatMap(flagsOf)) },
    ...(takesCharges(potential) ? [f64('charges', [nAtoms], structures.flatMap(chargesOf))] : []),
  ];
}

function takesCharges(potential: PotentialSpec): boolean {
  return potential.kind === 'uff4mof' && potential.electrostatics?.charges === 'given';
}

/**
 * Header and arrays of a calculation with these settings.
 *
 * @throws StructureError no_charges
 */
export function calculationParts<Settings extends ComputeSettings>(
  { topology, ...settings }: Settings,
  structures: readonly Structure[],
): { header: Omit<Settings, 'topology'> & { topology?: boolean }; arrays: KernelArray[] } {
  const arrays = structureArrays(structures, settings.potential);
  if (topology === undefined) return { header: settings, arrays };
  const cell = topology.cell?.flat() ?? Array<number>(9).fill(0);
  return {
    header: { ...settings, topology: true },
    arrays: [
      ...arrays,
      f64('topology_cell', [1, 3, 3], cell),
      f64('topology_positions', [topology.positions.length, 3], topology.positions.flat()),
    ],
  };
}

/** @throws StructureError no_charges */
export function chargesOf({ charges, symbols }: Structure): number[] {
  if (charges?.length === symbols.length) return charges;
  throw new StructureError(
    'no_charges',
    'The electrostatics asks for the charges of the file (charges=cif), but it has none for its atoms. Add an ' +
      '_atom_site_charge column to the CIF, or choose charges=eqeq or charges=none.',
  );
}

export function f64(name: string, shape: readonly number[], values: readonly number[]): KernelArray {
  return { name, shape, values: new Float64Array(values) };
}

/** An array of a request that may be left out: [] when there are no values. */
export function optionalNumbers(name: string, values: readonly number[] | undefined): KernelArray[] {
  return values === undefined ? [] : [f64(name, [values.length], values)];
}

export function optionalVectors(name: string, vectors: readonly Vector3[] | undefined): KernelArray[] {
  return vectors === undefined ? [] : [f64(name, [vectors.length, 3], vectors.flat())];
}

export function optionalFlags(name: string, flags: readonly boolean[] | undefined): KernelArray[] {
  if (flags === undefined) return [];
  return [{ name, shape: [flags.length], values: new Uint8Array(flags.map(Number)) }];
}

/** @throws KernelFailure protocol, non_finite */
export function readNumbers(arrays: readonly KernelArray[], name: string, length: number): Float64Array {
  const found = arrays.find((array) => array.name === name)?.values;
  if (!(found instanceof Float64Array) || found.length !== length) {
    throw new KernelFailure('protocol', `The kernel's answer lacks ${name} as ${length} numbers of type f64.`);
  }
  const bad = found.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    const message = `The kernel returned ${name} that are not finite: the geometry or the potential is out of range.`;
    throw new KernelFailure('non_finite', message, { array: name, index: bad });
  }
  return found;
}

/** @returns [count]. @throws KernelFailure protocol, non_finite */
export function readVectors(arrays: readonly KernelArray[], name: string, count: number): Vector3[] {
  return toVectors(readNumbers(arrays, name, 3 * count));
}

/** @returns [count], rows. @throws KernelFailure protocol, non_finite */
export function readMatrices(arrays: readonly KernelArray[], name: string, count: number): Cell[] {
  const vectors = readVectors(arrays, name, 3 * count);
  return Array.from({ length: count }, (_, i) => {
    const [x, y, z] = vectors.slice(3 * i, 3 * i + 3);
    if (x === undefined || y === undefined || z === undefined)
      throw new KernelFailure('protocol', `${name} has no rows.`);
    return [x, y, z];
  });
}

/** @throws KernelFailure protocol, non_finite */
export function readMatrix(arrays: readonly KernelArray[], name: string): Cell {
  const [matrix] = readMatrices(arrays, name, 1);
  if (matrix === undefined) throw new KernelFailure('protocol', `${name} is missing.`);
  return matrix;
}

/** @returns the values of each structure, of one array for all atoms */
export function splitByStructure<T>(structures: readonly Structure[], values: readonly T[]): T[][] {
  let first = 0;
  return structures.map(({ symbols }) => {
    const mine = values.slice(first, first + symbols.length);
    first += symbols.length;
    return mine;
  });
}

/** The element at `index` of what the kernel sent one of for every structure. @throws KernelFailure protocol */
export function elementAt<T>(values: readonly T[], index: number, what: string): T {
  const value = values[index];
  if (value === undefined) throw new KernelFailure('protocol', `The kernel's answer lacks the ${what} ${index}.`);
  return value;
}

/** @returns the structures with other positions and cells; a structure without a cell stays without one */
export function movedStructures(
  structures: readonly Structure[],
  positions: readonly Vector3[],
  cells: readonly Cell[],
): Structure[] {
  const ofStructure = splitByStructure(structures, positions);
  return structures.map((structure, s) => ({
    ...structure,
    cell: structure.cell === null ? null : elementAt(cells, s, 'cell'),
    positions: elementAt(ofStructure, s, 'structure'),
  }));
}

export function toVectors(numbers: Float64Array): Vector3[] {
  return Array.from({ length: numbers.length / 3 }, (_, i) => [
    numbers[3 * i] ?? Number.NaN,
    numbers[3 * i + 1] ?? Number.NaN,
    numbers[3 * i + 2] ?? Number.NaN,
  ]);
}
