// From the analysis of a run to the result document: drifts, coordination, the verdict and what is doubtful about it. Pure.
import type { StabilityParameters, StabilityResult } from '../../../contracts/results/stability.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { isFullyPeriodic } from '../../kernel-client/arrays.ts';
import type { MdOutcome } from '../../kernel-client/dynamics.ts';
import { findBonds } from '../../structures/bonds.ts';
import { cellParameters, volumeOf } from '../../structures/cell.ts';
import type { RelaxedInStage } from '../stages/relax-stage.ts';
import { BOND_RULE } from './bond-tracker.ts';
import { metalCoordination } from './coordination.ts';
import { criteriaOf } from './criteria.ts';
import type { RunAnalysis, SeriesRow } from './run-analysis.ts';

export interface StabilityRun {
  parameters: StabilityParameters;
  /** As the task got it, one cell. */
  input: Structure;
  /** null without a relaxation. */
  relaxed: RelaxedInStage | null;
  repeats: Vector3;
  analysis: RunAnalysis;
  outcome: MdOutcome;
}

export type StabilityFigures = Omit<StabilityResult, 'final_structure' | 'trajectory_url' | 'warnings'>;

export function analyzeStability(run: StabilityRun): StabilityFigures {
  const { parameters, analysis, outcome, relaxed, repeats } = run;
  const { figures, bonds } = analysis;
  const duration_ps = (outcome.steps * parameters.timestep_fs) / 1000;
  const n_atoms = outcome.structure.symbols.length;
  const cells = cellFigures(run, figures.lattice_first);
  const measured = {
    ...figures,
    ...cells,
    end_state: outcome.end_state === 'diverged' ? ('diverged' as const) : ('completed' as const),
    ensemble: parameters.ensemble,
    duration_ps,
    steps: outcome.steps,
    supercell: repeats,
    n_atoms,
    relaxation: relaxed === null ? null : relaxationOf(relaxed),
    energy_drift_eV: figures.energy_drift_eV_atom_ps * n_atoms * duration_ps,
    coordination: coordinationOf(run),
    bond_rule: BOND_RULE,
    n_bonds_first: bonds.n_bonds_first,
    n_bonds_broken: bonds.n_broken,
    n_bonds_formed: bonds.n_formed,
    bond_events: bonds.events,
    series: seriesOf(analysis.series),
  };
  const criteria = criteriaOf(measured, parameters);
  return { stable: criteria.every(({ passed }) => passed), criteria, ...measured };
}

type CellFigures = Pick<
  StabilityResult,
  'first_volume_A3' | 'last_volume_A3' | 'volume_drift_percent' | 'lattice_last'
>;

/** The equilibration keeps the cell, so the first volume is that of the input. */
function cellFigures({ input, repeats, outcome }: StabilityRun, first: StabilityResult['lattice_first']): CellFigures {
  const last = outcome.structure.cell;
  const lattice_last = first === null || last === null ? null : cellParameters(last);
  if (input.cell === null || last === null || !isFullyPeriodic(input))
    return { first_volume_A3: null, last_volume_A3: null, volume_drift_percent: null, lattice_last };
  const firstVolume = volumeOf(input.cell) * repeats[0] * repeats[1] * repeats[2];
  const lastVolume = volumeOf(last);
  return {
    first_volume_A3: firstVolume,
    last_volume_A3: lastVolume,
    volume_drift_percent: 100 * (lastVolume / firstVolume - 1),
    lattice_last,
  };
}

function relaxationOf({ converged, steps, max_force_eV_A, energy_eV }: RelaxedInStage): StabilityResult['relaxation'] {
  return { converged, steps, max_force_eV_A, final_energy_eV: energy_eV };
}

function coordinationOf({ input, relaxed, analysis, outcome }: StabilityRun): StabilityResult['coordination'] {
  const first = metalCoordination(input, findBonds(input));
  const afterwards = relaxed === null ? [] : metalCoordination(relaxed.structure, findBonds(relaxed.structure));
  return metalCoordination(outcome.structure, analysis.bonds.bonds).map(({ element, n_atoms, coordination }, k) => ({
    element,
    n_atoms,
    first: first[k]?.coordination ?? 0,
    relaxed: afterwards[k]?.coordination ?? null,
    last: coordination,
  }));
}

function seriesOf(rows: readonly SeriesRow[]): StabilityResult['series'] {
  const samples = rows.map(({ sample }) => sample);
  const pressures = samples.flatMap(({ pressure_eV_A3 }) => pressure_eV_A3 ?? []);
  const volumes = samples.flatMap(({ volume_A3 }) => volume_A3 ?? []);
  return {
    time_ps: samples.map(({ time_fs }) => time_fs / 1000),
    temperature_k: samples.map(({ temperature_k }) => temperature_k),
    potential_energy_eV: samples.map(({ potential_energy_eV }) => potential_energy_eV),
    pressure_GPa: pressures.length === 0 ? null : pressures.map((pressure) => pressure * GPA_PER_EV_A3),
    volume_A3: volumes.length === 0 ? null : volumes,
    rmsd_A: rows.map(({ rmsd_A }) => rmsd_A),
  };
}
