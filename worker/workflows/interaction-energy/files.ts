// The files of an interaction energy: cubes, tables, the framework with its molecule.
import { join } from 'node:path';
import type { AdsorptionSite, ReferenceComparison } from '../../../contracts/results/interaction-energy.ts';
import type { Cell, Structure } from '../../../contracts/structure.ts';
import { BOLTZMANN_EV_K } from '../../../contracts/units.ts';
import type { InsertionGrid } from '../../kernel-client/insertions.ts';
import { formatExact } from '../../structures/numbers.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { formatCsv } from '../output/csv.ts';
import { cubeText } from './cube-file.ts';

export const FILES = {
  minimumCube: 'energy_minimum.cube',
  freeEnergyCube: 'free_energy.cube',
  sites: 'sites.csv',
  reference: 'reference.csv',
  report: 'report.html',
} as const;

/** Isosurfaces between a well and a wall of a thousand eV would lie on the grid's edges. */
export function cubeCap(temperature_k: number): number {
  return Math.max(1, 20 * BOLTZMANN_EV_K * temperature_k);
}

export async function writeCubes(
  folder: string,
  framework: Structure & { cell: Cell },
  title: string,
  { shape, minimum_eV, free_energy_eV }: InsertionGrid,
  cap: number,
): Promise<void> {
  const cube = (quantity: string, values: Float32Array) => cubeText(framework, { title, quantity, shape, values, cap });
  await writeFileAtomic(
    join(folder, FILES.minimumCube),
    cube('Lowest host-guest energy over the orientations, eV', minimum_eV),
  );
  await writeFileAtomic(
    join(folder, FILES.freeEnergyCube),
    cube('-kT ln of the mean Boltzmann factor over the orientations, eV', free_energy_eV),
  );
}

export function sitesCsv(sites: readonly AdsorptionSite[]): string {
  const columns = [
    'site',
    'energy_eV',
    'classical_energy_eV',
    'model_energy_eV',
    'max_force_eV_A',
    'multiplicity',
    ...['a', 'b', 'c'].map((axis) => `center_fractional_${axis}`),
    ...['x', 'y', 'z'].map((axis) => `center_${axis}_A`),
  ];
  const rows = sites.map((site, i) => [
    i + 1,
    site.energy_eV,
    site.classical_energy_eV,
    site.model_energy_eV,
    site.max_force_eV_A,
    site.multiplicity,
    ...site.center_fractional,
    ...site.center_A,
  ]);
  return formatCsv(columns, rows);
}

/** With names in it, which are quoted as spreadsheets want them. */
export function referenceCsv({ configurations }: Pick<ReferenceComparison, 'configurations'>): string {
  const header = 'name,class,n_atoms,interaction_energy_eV,reference_interaction_energy_eV,error_eV,force_mae_eV_A';
  const lines = configurations.map((one) =>
    [
      `"${one.name.replaceAll('"', '""')}"`,
      one.class ?? '',
      one.n_atoms,
      formatExact(one.interaction_energy_eV),
      formatExact(one.reference_interaction_energy_eV),
      formatExact(one.error_eV),
      one.force_mae_eV_A === null ? '' : formatExact(one.force_mae_eV_A),
    ].join(','),
  );
  return [header, ...lines, ''].join('\n');
}
