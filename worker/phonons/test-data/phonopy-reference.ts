// What phonopy computed for the crystals of phonopy.json; bench/validation/heat-capacity-phonopy.py wrote it.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { cellSchema, vector3Schema } from '../../../contracts/structure.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import type { Displacement } from '../../kernel-client/force-constants.ts';
import { AtomLocator } from '../../structures/atom-locator.ts';
import { inverseOf, multiply } from '../../structures/cell.ts';
import type { PhononCells } from '../phonon-cells.ts';
import { rotate, transpose } from '../rotations.ts';

const crystalSchema = z.object({
  space_group: z.string(),
  cell_A: cellSchema,
  symbols: z.array(z.string()),
  positions_A: z.array(vector3Schema),
  repeats: vector3Schema,
  mesh_length_A: z.number(),
  n_atoms_primitive: z.int(),
  n_displaced_supercells: z.int(),
  mesh: vector3Schema,
  n_irreducible_q_points: z.int(),
  frequencies_at_gamma_THz: z.array(z.number()),
  lowest_frequencies_THz: z.array(z.number()),
  temperatures_k: z.array(z.number()),
  heat_capacities_J_mol_K: z.array(z.number()),
  entropies_J_mol_K: z.array(z.number()),
  free_energies_kJ_mol: z.array(z.number()),
  supercell_positions_A: z.array(vector3Schema).optional(),
  force_constant_rows: z.array(z.int()).optional(),
  force_constants_eV_A2: z.array(z.array(cellSchema)).optional(),
});
export type ReferenceCrystal = z.infer<typeof crystalSchema>;

const referenceSchema = z.object({
  source: z.object({ settings: z.object({ displacement_A: z.number() }) }),
  crystals: z.record(z.string(), crystalSchema),
});

export const PHONOPY = referenceSchema.parse(
  JSON.parse(readFileSync(new URL('./phonopy.json', import.meta.url), 'utf8')),
);

export function referenceCrystal(name: string): { crystal: ReferenceCrystal; structure: Structure } {
  const crystal = PHONOPY.crystals[name];
  if (crystal === undefined) throw new RangeError(`phonopy.json has no ${name}`);
  const { cell_A, symbols, positions_A } = crystal;
  return { crystal, structure: { cell: cell_A, pbc: [true, true, true], symbols, positions: positions_A } };
}

/** What a kernel would answer to the displacements, from phonopy's force constants: [n_displacements][n_supercell][3]. */
export function respond(
  { supercell_positions_A, force_constant_rows, force_constants_eV_A2 }: ReferenceCrystal,
  cells: PhononCells,
  displacements: readonly Displacement[],
): Float64Array {
  const { supercell, supercellLattice } = cells;
  const locator = new AtomLocator(supercell, supercellLattice, 0.01);
  const inverse = inverseOf(supercellLattice);
  const ours = (position: Vector3): number => {
    const kinds = new Set(supercell.symbols);
    const found = [...kinds].map((symbol) => locator.find(symbol, multiply(position, inverse)));
    return found.find((atom) => atom !== undefined) ?? -1;
  };
  const places = (supercell_positions_A ?? []).map(ours);
  const rows = new Float64Array(3 * displacements.length * supercell.symbols.length);
  displacements.forEach(({ atom, direction }, k) => {
    const row = (force_constant_rows ?? []).findIndex((i) => places[i] === atom);
    const blocks = force_constants_eV_A2?.[row];
    if (blocks === undefined) throw new RangeError(`phonopy.json has no force constants of atom ${atom}`);
    blocks.forEach((block, j) => {
      rows.set(rotate(transpose(block), direction), 3 * (k * supercell.symbols.length + (places[j] ?? 0)));
    });
  });
  return rows;
}
