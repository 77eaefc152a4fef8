// What an interaction energy asks of the kernel, what it will not try, and what it warns of beforehand. Pure.
import type { PotentialSpec } from '../../../contracts/potential.ts';
import type { InteractionEnergyParameters } from '../../../contracts/results/interaction-energy.ts';
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import type { InsertionArrays, InsertionSettings } from '../../kernel-client/insertions.ts';
import { norm } from '../../structures/cell.ts';
import { describeFreeMolecules } from '../../structures/molecules.ts';
import { CLASSICAL_MODEL, uff4mofOf } from '../models.ts';
import { TaskFailure } from '../task-failure.ts';
import { heliumGuest } from './guest.ts';
import type { Guest } from './guest.ts';
import { hostOf } from './host-parameters.ts';

/** Kernel, message and service hold 8 bytes of each point, and a cube file 13: about 0.5 GB in all. */
export const MAX_GRID_POINTS = 10_000_000;
/** Relaxed from the grid: enough to find the sites behind all copies that symmetry makes. */
const CANDIDATES_PER_SITE = 100;
const MIN_CANDIDATES = 1000;
const MAX_CANDIDATES = 5000;
/** With the model a molecule feels its own images; nearer than this that is worth telling. */
const IMAGE_DISTANCE_A = 12;
/** Below, the quantum effects on hydrogen are not small: de Broglie wavelength about 1 A. */
const QUANTUM_HYDROGEN_K = 100;

/** Of the helium void fraction, at least: it has no deep wells, so that few insertions tell it. */
const HELIUM_INSERTIONS = 100_000;
/** By convention: Talu, Myers, AIChE J. 47, 1160 (2001). */
const HELIUM_K = 298;

type Charges = 'none' | 'cif' | 'eqeq' | 'host_parameters';
type PlacementSettings = InsertionSettings & Pick<InsertionArrays, 'host'>;

export interface InteractionPlan {
  /** Of the host-guest energies. */
  classical: PotentialSpec;
  charges: Charges;
  /** With the charges that the placements see. */
  framework: Structure & { cell: Cell };
  host_citation: string;
  energySource: 'classical' | 'model';
  grid: PlacementSettings;
  /** null when the averages come from the grid. */
  widom: PlacementSettings | null;
  /** null when the void fraction is not asked for. */
  helium: PlacementSettings | null;
  warnings: string[];
}

/** @throws TaskFailure ModelError for what cannot be computed as asked, StructureError without a cell */
export function planInteractionEnergy(
  task: { model: string; parameters: InteractionEnergyParameters; structure: Structure },
  guest: Guest,
): InteractionPlan {
  const { model, parameters, structure } = task;
  const { cell } = structure;
  if (cell === null || !structure.pbc.every(Boolean)) {
    throw new TaskFailure(
      'StructureError',
      'A grid of placements needs a framework that is periodic in three directions.',
    );
  }
  assertGridFits(cell, parameters.grid_spacing);
  const { tail_correction = false } = parameters.model_options;
  const host = hostOf(parameters, structure);
  const charges = host.charges === undefined ? (parameters.model_options.charges ?? 'none') : 'host_parameters';
  const framework = { ...structure, cell, ...(host.charges === undefined ? {} : { charges: host.charges }) };
  // Charges of the host parameters go to the kernel as those of a file do.
  const classical = uff4mofOf({
    ...parameters.model_options,
    ...(host.charges === undefined ? {} : { charges: 'cif' }),
  });
  const energySource = energySourceOf(parameters.energy_source, model);
  assertSinglePointsArePossible(task, energySource, parameters.model_options.charges ?? 'none');
  const shared = {
    adsorbate: guest.model,
    cutoff_A: classical.options.cutoff_A,
    ...(parameters.lennard_jones === 'shifted' ? { is_shifted: true } : {}),
    tail_correction,
    temperature_k: parameters.temperature_k,
    seed: parameters.seed,
    ...(host.lennard_jones === undefined ? {} : { host: host.lennard_jones }),
  };
  const random = (n_insertions: number) => ({ placements: { mode: 'random' as const, n_insertions }, n_lowest: 0 });
  const candidates = Math.min(MAX_CANDIDATES, Math.max(MIN_CANDIDATES, CANDIDATES_PER_SITE * parameters.n_sites));
  return {
    classical,
    charges,
    framework,
    host_citation: host.citation,
    energySource,
    grid: {
      ...shared,
      placements: { mode: 'grid', spacing_A: parameters.grid_spacing, n_orientations: parameters.num_orientations },
      n_lowest: candidates,
      relax_lowest: true,
    },
    widom: parameters.n_insertions === 0 ? null : { ...shared, ...random(parameters.n_insertions) },
    helium: parameters.helium_void_fraction
      ? {
          ...shared,
          ...random(Math.max(HELIUM_INSERTIONS, parameters.n_insertions)),
          adsorbate: heliumGuest().model,
          temperature_k: HELIUM_K,
        }
      : null,
    warnings: [
      ...chargeWarnings(guest, charges),
      ...imageWarnings(cell, energySource),
      ...unitedAtomWarnings(guest, energySource),
      ...quantumWarnings(guest, parameters.temperature_k),
      ...solventWarnings(structure),
      ...(host.lennard_jones === undefined ? zeoliteWarnings(structure) : []),
      ...host.warnings,
    ],
  };
}

function energySourceOf(asked: InteractionEnergyParameters['energy_source'], model: string): 'classical' | 'model' {
  if (asked !== 'auto') return asked;
  return model === CLASSICAL_MODEL ? 'classical' : 'model';
}

/** Charges that are equilibrated anew with and without the guest would put a charge transfer into the difference. */
function assertSinglePointsArePossible(
  { model, parameters }: { model: string; parameters: InteractionEnergyParameters },
  energySource: 'classical' | 'model',
  charges: string,
): void {
  const isCompared = parameters.reference !== undefined || parameters.reference_frames;
  const needsModel = energySource === 'model' || isCompared;
  if (!needsModel || model !== CLASSICAL_MODEL || charges === 'none') return;
  const message =
    `Differences of ${CLASSICAL_MODEL} energies with and without the molecule are not defined with charges=${charges}: the charges would ` +
    'differ between the two. Use energy_source=classical without `reference`, or model_options.charges=none.';
  throw new TaskFailure('ModelError', message, { parameter: 'model_options.charges', charges });
}

/** Points along the lattice vectors, as the kernel sets them. */
export function gridShape(cell: Cell, spacing_A: number): Vector3 {
  const along = (vector: Vector3): number => Math.max(1, Math.ceil(norm(vector) / spacing_A));
  return [along(cell[0]), along(cell[1]), along(cell[2])];
}

function countPoints(cell: Cell, spacing_A: number): number {
  return gridShape(cell, spacing_A).reduce((product, n) => product * n, 1);
}

/** @throws TaskFailure ModelError with the spacing that would fit */
export function assertGridFits(cell: Cell, spacing_A: number): void {
  const n_points = countPoints(cell, spacing_A);
  if (n_points <= MAX_GRID_POINTS) return;
  let fitting = Math.ceil(100 * spacing_A * (n_points / MAX_GRID_POINTS) ** (1 / 3)) / 100;
  while (countPoints(cell, fitting) > MAX_GRID_POINTS) fitting = Math.round(100 * fitting + 1) / 100;
  const message =
    `A grid with a spacing of ${spacing_A} A has ${n_points} points in this cell; at most ${MAX_GRID_POINTS} are kept. ` +
    `Choose grid_spacing=${fitting} or more, or a primitive cell.`;
  throw new TaskFailure('ModelError', message, {
    parameter: 'grid_spacing',
    n_points,
    max_points: MAX_GRID_POINTS,
    smallest_grid_spacing: fitting,
  });
}

function chargeWarnings(guest: Guest, charges: Charges): string[] {
  if (!guest.hasCharges || charges !== 'none') return [];
  return [
    `${guest.model.name} has point charges (its dipole or quadrupole) and the framework has none: their interaction is left out, and ` +
      'energies, Henry coefficient and isosteric heat are too small in magnitude. Choose model_options.charges=eqeq, cif for a ' +
      'file with charges, or name them in host_parameters.',
  ];
}

function imageWarnings(cell: Cell, energySource: 'classical' | 'model'): string[] {
  const shortest = Math.min(...cell.map(norm));
  if (energySource === 'classical' || shortest >= IMAGE_DISTANCE_A) return [];
  return [
    `The molecule and its periodic images are ${shortest.toFixed(1)} A apart: the model's interaction energies contain what they do to ` +
      'each other. Submit a supercell.',
  ];
}

function unitedAtomWarnings({ hydrogens, model }: Guest, energySource: 'classical' | 'model'): string[] {
  if (hydrogens.length === 0 || energySource === 'classical') return [];
  return [
    `${model.name} is one sphere for the grid; for the model its hydrogens stand in one orientation that was not optimized, so that its ` +
      'energies are upper bounds. Give all its atoms as `molecule` to have it turned.',
  ];
}

function quantumWarnings({ elements, model }: Guest, temperature_k: number): string[] {
  const isHydrogen = elements.some((element) => element === 'H') && elements.every((e) => e === 'H' || e === null);
  if (!isHydrogen || temperature_k >= QUANTUM_HYDROGEN_K) return [];
  return [
    `${model.name} at ${temperature_k} K is treated as a classical particle: quantum effects, which lower its uptake, are left out below ` +
      `${QUANTUM_HYDROGEN_K} K.`,
  ];
}

function solventWarnings(structure: Structure): string[] {
  const molecules = describeFreeMolecules(structure);
  if (molecules === null) return [];
  return [`The pores hold ${molecules}, which count as framework here. Remove them for an activated framework.`];
}

/** Potentials made for zeolites leave silicon out: Talu, Myers, Colloids Surf. A 187-188, 83 (2001). */
function zeoliteWarnings({ symbols }: Structure): string[] {
  if (!symbols.includes('Si')) return [];
  return [
    'UFF4MOF gives silicon a deep Lennard-Jones well (0.4 kcal/mol) that potentials made for zeolites do not have: in silica frameworks ' +
      'adsorption comes out far too strong. Name a force field for zeolites by host_parameters, or compare such frameworks with each other only.',
  ];
}
