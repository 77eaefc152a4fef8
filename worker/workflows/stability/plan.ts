// What a stability task asks of the kernel, and what is questionable about it beforehand. Pure.
import type { StabilityParameters } from '../../../contracts/results/stability.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { isFullyPeriodic } from '../../kernel-client/arrays.ts';
import type { MdSettings } from '../../kernel-client/dynamics.ts';
import type { RelaxSettings } from '../../kernel-client/relax.ts';
import { perpendicularWidths } from '../../structures/cell.ts';
import { TaskFailure } from '../task-failure.ts';

/** The window shows moving atoms: at least so often a sample brings positions, also with a coarser trajectory. */
const MOST_STEPS_BETWEEN_PICTURES = 100;
/** An O-H or C-H stretch has a period of 9 to 11 fs, and a Verlet step a tenth of it at most. */
const LONGEST_STEP_WITH_HYDROGEN_FS = 1;
const LONGEST_STEP_FS = 2;
const SHORTEST_COUPLING_IN_STEPS = 20;
const SHORTEST_RUN_IN_BAROSTAT_TIMES = 10;
/** As an automatic supercell has: see automatic-supercell.ts. */
const NARROW_A = 12;

export function relaxSettings({ fmax, max_steps }: StabilityParameters): Omit<RelaxSettings, 'frame_interval'> {
  return { optimizer: 'LBFGS', fmax_eV_A: fmax, max_steps, cell_mode: 'fixed', pressure_eV_A3: 0 };
}

export function equilibrationSettings(parameters: StabilityParameters): MdSettings {
  const { temperature_k, timestep_fs, equilibration_steps, friction_per_fs, seed } = parameters;
  return {
    ensemble: 'nvt_langevin',
    timestep_fs,
    n_steps: equilibration_steps,
    temperature_k,
    pressure_eV_A3: 0,
    friction_per_fs,
    seed,
    sample_interval: intervals(parameters).sample,
    frame_interval: intervals(parameters).picture,
  };
}

/** @throws TaskFailure ModelError for constant pressure without three periodic axes */
export function assertEnsemble({ ensemble }: StabilityParameters, structure: Structure): void {
  if (ensemble === 'NVT' || isFullyPeriodic(structure)) return;
  const message =
    'Constant pressure needs a structure that is periodic in all three directions. Set ensemble to "NVT".';
  throw new TaskFailure('ModelError', message, { parameter: 'ensemble' });
}

export function productionSettings(parameters: StabilityParameters): MdSettings {
  const { ensemble, temperature_k, timestep_fs, total_steps, pressure_GPa, seed } = parameters;
  const { thermostat_time_fs, barostat_time_fs, cell_motion } = parameters;
  const common = {
    timestep_fs,
    n_steps: total_steps,
    temperature_k,
    thermostat_time_fs,
    // The equilibration has used up the numbers of the seed itself.
    seed: parameters.equilibration_steps > 0 ? (seed + 1) % Number.MAX_SAFE_INTEGER : seed,
    sample_interval: intervals(parameters).sample,
    frame_interval: intervals(parameters).picture,
  };
  return ensemble === 'NVT'
    ? { ...common, ensemble: 'nvt_nose_hoover', pressure_eV_A3: 0 }
    : {
        ...common,
        ensemble: cell_motion === 'full' ? 'npt_full' : 'npt_isotropic',
        pressure_eV_A3: pressure_GPa / GPA_PER_EV_A3,
        barostat_time_fs,
      };
}

/** Steps between samples, and between positions for the eye: every frame of the trajectory is one of both. */
export function intervals({
  trajectory_interval,
  sample_interval,
}: Pick<StabilityParameters, 'trajectory_interval' | 'sample_interval'>): { sample: number; picture: number } {
  const sample = largestDivisor(trajectory_interval, sample_interval);
  const most = Math.max(1, Math.floor(MOST_STEPS_BETWEEN_PICTURES / sample));
  return { sample, picture: sample * largestDivisor(trajectory_interval / sample, most) };
}

function largestDivisor(of: number, most: number): number {
  let divisor = Math.min(of, most);
  while (of % divisor !== 0) divisor -= 1;
  return divisor;
}

/**
 * @param supercell what is moved
 * @param repeats   of the input cell
 */
export function planWarnings(parameters: StabilityParameters, supercell: Structure, repeats: Vector3): string[] {
  return [
    ...timestepWarning(parameters, supercell),
    ...couplingWarnings(parameters),
    ...widthWarning(supercell, repeats),
    ...(parameters.equilibration_steps === 0
      ? ['There is no equilibration: the first picosecond takes or gives heat. Raise equilibration_steps.']
      : []),
  ];
}

function timestepWarning({ timestep_fs }: StabilityParameters, { symbols }: Structure): string[] {
  const longest = symbols.includes('H') ? LONGEST_STEP_WITH_HYDROGEN_FS : LONGEST_STEP_FS;
  if (timestep_fs <= longest) return [];
  const what = symbols.includes('H') ? 'with hydrogen atoms' : 'for this structure';
  return [
    `A time step of ${timestep_fs} fs is long ${what}: watch the energy drift, or set timestep_fs to ${longest}.`,
  ];
}

function couplingWarnings(parameters: StabilityParameters): string[] {
  const { ensemble, timestep_fs, thermostat_time_fs, barostat_time_fs, total_steps } = parameters;
  const shortest = SHORTEST_COUPLING_IN_STEPS * timestep_fs;
  const duration = total_steps * timestep_fs;
  const isNpt = ensemble === 'NPT';
  return [
    ...(thermostat_time_fs < shortest
      ? [
          `thermostat_time_fs is ${thermostat_time_fs}, below ${shortest}, ${SHORTEST_COUPLING_IN_STEPS} time steps: the thermostat is not integrated well.`,
        ]
      : []),
    ...(isNpt && barostat_time_fs < shortest
      ? [
          `barostat_time_fs is ${barostat_time_fs}, below ${shortest}, ${SHORTEST_COUPLING_IN_STEPS} time steps: the barostat is not integrated well.`,
        ]
      : []),
    ...(isNpt && duration < SHORTEST_RUN_IN_BAROSTAT_TIMES * barostat_time_fs
      ? [
          `The run is ${duration / 1000} ps long, less than ${SHORTEST_RUN_IN_BAROSTAT_TIMES} times the barostat's ${barostat_time_fs / 1000} ps: ` +
            `the volume has hardly begun to follow the pressure. Raise total_steps (the benchmark runs 50 ps).`,
        ]
      : []),
  ];
}

function widthWarning({ cell, pbc }: Structure, repeats: Vector3): string[] {
  if (cell === null) return [];
  const widths = perpendicularWidths(cell).filter((_, k) => pbc[k]);
  const width = Math.min(...widths);
  if (width >= NARROW_A) return [];
  return [
    `The supercell ${repeats.join(' x ')} is ${width.toFixed(1)} A wide at its thinnest: atoms and their own images move as one. ` +
      `Set supercell to "auto", which makes it at least ${NARROW_A} A.`,
  ];
}
