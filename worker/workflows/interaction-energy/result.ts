// The result of an interaction energy from what its stages have found. Pure.
import type {
  AdsorptionSite,
  InteractionEnergyParameters,
  InteractionEnergyResult,
  ReferenceComparison,
} from '../../../contracts/results/interaction-energy.ts';
import type { Cell } from '../../../contracts/structure.ts';
import type { InsertionAverages, InsertionGrid, Insertions } from '../../kernel-client/insertions.ts';
import type { StructureFile } from '../output/structure-file.ts';
import { analyzeAverages, analyzePores, gridSpacing, minimumHistogram, orientationsOf } from './analyze.ts';
import { cautionsAbout } from './cautions.ts';
import { cubeCap, FILES } from './files.ts';
import { heliumGuest } from './guest.ts';
import type { Guest } from './guest.ts';
import type { InteractionPlan } from './plan.ts';
import type { Pockets } from './pockets.ts';

const DEFINITIONS = {
  classical:
    'Host-guest energy of the rigid molecule in the rigid framework: Lennard-Jones between its sites and all atoms and images of the ' +
    'framework (Lorentz-Berthelot), and Coulomb energy where both have charges.',
  model:
    'E(framework + molecule) - E(framework) - E(molecule) with the model, at the sites of the classical grid, nothing relaxed by the model; ' +
    'the molecule alone has no cell.',
} as const;

export interface Findings {
  task_id: string;
  parameters: InteractionEnergyParameters;
  cell: Cell;
  guest: Guest;
  plan: InteractionPlan;
  grid: Insertions;
  points: InsertionGrid;
  pockets: Pockets;
  widom: Insertions | null;
  reachable: InsertionAverages | null;
  helium: Insertions | null;
  /** Lowest first. */
  sites: AdsorptionSite[];
  lowest_pocket_energy_eV: number | null;
  distinctDefinition: string;
  /** Framework and molecule; null when it fits nowhere. */
  best: StructureFile | null;
  comparison: ReferenceComparison | null;
  /** Placements on grids. */
  n_scanned: number;
  /** Single points of the model. */
  n_single_points: number;
  modelWarnings: readonly string[];
}

export function interactionEnergyResult(found: Findings): InteractionEnergyResult {
  const { parameters, guest, plan, grid, pockets, widom, helium, sites, best, comparison } = found;
  const { temperature_k } = parameters;
  const draft: InteractionEnergyResult = {
    interaction_energy_eV: sites[0]?.energy_eV ?? null,
    ...analyzeAverages(found, pockets, temperature_k),
    temperature_k,
    ...analyzePores(pockets, found.cell, temperature_k),
    lowest_pocket_energy_eV: found.lowest_pocket_energy_eV,
    helium_void_fraction: heliumVoidFraction(found),
    n_evaluations: found.n_scanned + (widom?.n_placements ?? 0) + (helium?.n_placements ?? 0) + found.n_single_points,
    energy_source: plan.energySource,
    energy_definition: DEFINITIONS[plan.energySource],
    sites,
    distinct_definition: found.distinctDefinition,
    adsorbate: {
      name: guest.model.name,
      citation: guest.citation,
      n_atoms: guest.elements.filter((element) => element !== null).length + guest.hydrogens.length,
      has_charges: guest.hasCharges,
    },
    framework_charges: plan.charges,
    host_parameters_citation: plan.host_citation,
    lennard_jones: parameters.lennard_jones,
    cutoff_A: plan.grid.cutoff_A,
    tail_correction: plan.grid.tail_correction,
    grid: gridOf(found),
    best_structure:
      best === null
        ? null
        : { format: best.format, content: best.content, file_url: fileUrl(found.task_id, best.filename) },
    mae_vs_reference: comparison?.mae_eV ?? null,
    force_mae: comparison?.force_mae_eV_A ?? null,
    reference_comparison: comparison,
    warnings: [],
  };
  const kernelWarnings = [...grid.warnings, ...(widom?.warnings ?? []), ...found.modelWarnings];
  const cautions = cautionsAbout(draft, guest.model.name);
  return { ...draft, warnings: uniqueWarnings([...plan.warnings, ...cautions, ...kernelWarnings]) };
}

function heliumVoidFraction({ helium, plan }: Findings): InteractionEnergyResult['helium_void_fraction'] {
  if (helium === null || plan.helium === null) return null;
  return {
    value: helium.boltzmann_mean,
    standard_error: helium.boltzmann_standard_error ?? 0,
    temperature_k: plan.helium.temperature_k,
    citation: heliumGuest().citation,
  };
}

function gridOf({ task_id, parameters, cell, grid, points }: Findings): InteractionEnergyResult['grid'] {
  return {
    shape: [...points.shape],
    spacing_A: gridSpacing(cell, points.shape),
    n_orientations: orientationsOf(grid, parameters),
    minimum_cube_url: fileUrl(task_id, FILES.minimumCube),
    free_energy_cube_url: fileUrl(task_id, FILES.freeEnergyCube),
    cube_cap_eV: cubeCap(parameters.temperature_k),
    minimum_histogram: minimumHistogram(points.minimum_eV),
  };
}

/** The plan tells of missing charges in words of this program's parameters; the kernel's word for it is left out. */
function uniqueWarnings(warnings: readonly string[]): string[] {
  return [...new Set(warnings)].filter((warning) => !warning.includes('count for nothing'));
}

export function fileUrl(task_id: string, filename: string): string {
  return `/files/${task_id}/${filename}`;
}
