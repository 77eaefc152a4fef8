// What makes a finished run less than it seems: one sentence each, with what to do. Pure.
import type { PotentialSpec } from '../../../contracts/potential.ts';
import type { StabilityParameters } from '../../../contracts/results/stability.ts';
import type { StabilityFigures } from './analyze.ts';

/** Of the temperature asked for. */
const TEMPERATURE_TOLERANCE = 0.05;
/** 6 K if it were heat, and good integration of these models stays a hundred times below; in a run shorter than 1 ps it wanders so much. */
const MOST_DRIFT_EV_ATOM_PS = 5e-4;
/** Fewer frames are no distribution and no mean. */
const FEWEST_FRAMES = 20;
/** Models whose bonds are a list that the run does not change. */
const KEEPS_BONDS: Readonly<Record<PotentialSpec['kind'], boolean>> = { uff4mof: true, mace: false };

export function doubtsOf(
  figures: StabilityFigures,
  parameters: StabilityParameters,
  potential: PotentialSpec,
): string[] {
  return [
    ...divergence(figures, parameters),
    ...relaxation(figures, parameters),
    ...energy(figures),
    ...temperature(figures, parameters),
    ...sampling(figures, parameters),
    ...chemistry(figures, potential),
  ];
}

function divergence(
  { end_state, steps, duration_ps }: StabilityFigures,
  { total_steps }: StabilityParameters,
): string[] {
  if (end_state !== 'diverged') return [];
  return [
    `The dynamics diverged after ${steps} of ${total_steps} steps (${duration_ps.toFixed(3)} ps): an energy or a force stopped being finite, or an ` +
      `atom jumped. The figures are those of the time before. Repeat with half the time step: if it diverges at the same time again, ` +
      `the model does not hold this structure together.`,
  ];
}

function relaxation({ relaxation: relaxed }: StabilityFigures, { fmax }: StabilityParameters): string[] {
  if (relaxed === null || relaxed.converged) return [];
  return [
    `The relaxation before the dynamics did not converge: after ${relaxed.steps} steps the largest force is ` +
      `${relaxed.max_force_eV_A.toPrecision(3)} eV/A, asked for was ${fmax} eV/A. The dynamics began there. Raise max_steps.`,
  ];
}

function energy({ energy_drift_eV_atom_ps: drift, duration_ps }: StabilityFigures): string[] {
  if (Math.abs(drift) * Math.min(1, duration_ps) <= MOST_DRIFT_EV_ATOM_PS) return [];
  return [
    `The conserved energy drifts by ${drift.toExponential(1)} eV per atom and picosecond: the integration is not good enough for the ` +
      `verdict to mean anything. Halve timestep_fs, or compute in float64.`,
  ];
}

function temperature(figures: StabilityFigures, { temperature_k }: StabilityParameters): string[] {
  const { mean_temperature_k: mean } = figures;
  if (Math.abs(mean / temperature_k - 1) <= TEMPERATURE_TOLERANCE) return [];
  return [
    `The mean temperature is ${mean.toFixed(0)} K, asked for was ${temperature_k} K: the run is too short to have settled. ` +
      `Raise equilibration_steps and total_steps.`,
  ];
}

function sampling({ n_frames }: StabilityFigures, { trajectory_interval }: StabilityParameters): string[] {
  if (n_frames >= FEWEST_FRAMES) return [];
  return [
    `Distributions and bonds come from ${n_frames} frames: too few for a mean. Raise total_steps or lower trajectory_interval ` +
      `(${trajectory_interval}).`,
  ];
}

function chemistry(
  { n_atoms, n_framework_atoms, n_bonds_broken, n_bonds_formed }: StabilityFigures,
  potential: PotentialSpec,
): string[] {
  return [
    ...(KEEPS_BONDS[potential.kind]
      ? [
          'UFF4MOF keeps its list of bonds: they stretch, but they do not react. It shows collapse and distortion, not the ' +
            'breaking of a bond; for that take a model without fixed bonds.',
        ]
      : []),
    ...(n_bonds_broken > 0 && KEEPS_BONDS[potential.kind]
      ? [
          `Bonds are broken (${n_bonds_broken}) although the model keeps its bonds: pairs that are bonded by their distance and that it does not ` +
            `hold together, or bonds stretched too far. Look at bond_events, and whether the model fits these atoms.`,
        ]
      : []),
    ...(n_framework_atoms < n_atoms
      ? [
          `${n_atoms - n_framework_atoms} of ${n_atoms} atoms belong to molecules in the pores: they may move freely and do not count in ` +
            `rmsd_framework, but they do in rmsd_benchmark and max_displacement_A.`,
        ]
      : []),
    ...(n_bonds_formed > 0
      ? [`Bonds have formed (${n_bonds_formed}) that were not there at the start: look at bond_events.`]
      : []),
  ];
}
