// The heat capacity from the fluctuations of the energy in molecular dynamics at constant volume.
import type { HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import { BOLTZMANN_EV_K, GAS_CONSTANT_J_MOL_K } from '../../../contracts/units.ts';
import { buildSupercell } from '../../structures/supercell.ts';
import { fluctuationOf } from './block-sums.ts';
import { equilibrate, produce } from './fluctuation-run.ts';
import { commonResult, NO_PHONONS } from './result.ts';
import type { HeatCapacityContext, Start } from './start.ts';
import { temperaturesOf } from './temperatures.ts';

/** A result with a larger relative error is not one to publish. */
const LARGEST_RELATIVE_ERROR = 0.05;
/** Of the temperature reached against the one asked for. */
const LARGEST_TEMPERATURE_ERROR = 0.03;

/** @param percent of the task that is done */
export async function runFluctuations(
  context: HeatCapacityContext,
  start: Start,
  percent: number,
): Promise<HeatCapacityResult> {
  const temperatures = temperaturesOf(context.parameters);
  const supercell = buildSupercell(start.structure, start.repeats);
  const ensemble = { topology: buildSupercell(context.structure, start.repeats), temperatures };
  const { equilibration_steps, total_steps } = context.parameters;
  const middle = percent + ((99 - percent) * equilibration_steps) / (equilibration_steps + total_steps);
  const equilibrated = await equilibrate(context, supercell, ensemble, { from: percent, to: middle });
  const produced = await produce(context, equilibrated, ensemble, { from: middle, to: 99 });
  context.reporter.stage('analyze');
  const copies = start.repeats[0] * start.repeats[1] * start.repeats[2];
  const numbers = analyzeFluctuations(produced.sums.map(fluctuationOf), temperatures, copies);
  return {
    method: 'md_fluctuation',
    ...NO_PHONONS,
    ...commonResult(start, temperatures, numbers.heat_capacities),
    ...numbers,
    warnings: [
      ...new Set([...start.warnings, ...equilibrated.warnings, ...produced.warnings]),
      ...fluctuationWarnings(numbers, temperatures),
    ],
  };
}

type FluctuationNumbers = Pick<
  HeatCapacityResult,
  | 'heat_capacities'
  | 'heat_capacity_errors_J_mol_K'
  | 'mean_energies_eV'
  | 'mean_temperatures_k'
  | 'heat_capacities_by_slope_J_mol_K'
>;

/**
 * Cv = (<E^2> - <E>^2) / (k T^2) of the total energy of the supercell.
 *
 * @param fluctuations [n_temperatures], of the supercell
 * @param copies of the unit cell in the supercell
 */
export function analyzeFluctuations(
  fluctuations: readonly ReturnType<typeof fluctuationOf>[],
  temperatures: readonly number[],
  copies: number,
): FluctuationNumbers {
  const toHeatCapacity = (variance_eV2: number, i: number): number => {
    const thermal = BOLTZMANN_EV_K * (temperatures[i] ?? Number.NaN);
    return (GAS_CONSTANT_J_MOL_K * variance_eV2) / thermal ** 2 / copies;
  };
  const mean_energies_eV = fluctuations.map(({ mean_energy_eV }) => mean_energy_eV / copies);
  return {
    heat_capacities: fluctuations.map(({ variance_eV2 }, i) => toHeatCapacity(variance_eV2, i)),
    heat_capacity_errors_J_mol_K: fluctuations.map(({ variance_error_eV2 }, i) =>
      toHeatCapacity(variance_error_eV2, i),
    ),
    mean_energies_eV,
    mean_temperatures_k: fluctuations.map(({ mean_temperature_k }) => mean_temperature_k),
    heat_capacities_by_slope_J_mol_K: temperatures.length < 2 ? null : slopesOf(mean_energies_eV, temperatures),
  };
}

/** Between the neighbors of a temperature; at the ends between it and its only one. J/(mol K). */
function slopesOf(energies_eV: readonly number[], temperatures: readonly number[]): number[] {
  const last = temperatures.length - 1;
  return temperatures.map((_, i) => {
    const [a, b] = [Math.max(0, i - 1), Math.min(last, i + 1)];
    const rise = (energies_eV[b] ?? Number.NaN) - (energies_eV[a] ?? Number.NaN);
    const run = (temperatures[b] ?? Number.NaN) - (temperatures[a] ?? Number.NaN);
    return ((rise / run) * GAS_CONSTANT_J_MOL_K) / BOLTZMANN_EV_K;
  });
}

function fluctuationWarnings(numbers: FluctuationNumbers, temperatures: readonly number[]): string[] {
  const { heat_capacities, heat_capacity_errors_J_mol_K: errors, mean_temperatures_k: reached } = numbers;
  const uncertain = temperatures.filter(
    (_, i) => !((errors?.[i] ?? Number.NaN) <= LARGEST_RELATIVE_ERROR * (heat_capacities[i] ?? Number.NaN)),
  );
  const off = temperatures.filter(
    (wanted, i) => !(Math.abs((reached?.[i] ?? Number.NaN) / wanted - 1) <= LARGEST_TEMPERATURE_ERROR),
  );
  return [
    'Molecular dynamics is classical: every vibration has its full k_B of heat capacity, however stiff. At room temperature ' +
      'that is far above the measured heat capacity of a framework with hydrogen; take the method "phonon" for that.',
    ...(uncertain.length === 0
      ? []
      : [
          `The standard error is above ${100 * LARGEST_RELATIVE_ERROR} % at ${uncertain.join(', ')} K: raise total_steps.`,
        ]),
    ...(off.length === 0
      ? []
      : [
          `The mean temperature is more than ${100 * LARGEST_TEMPERATURE_ERROR} % off at ${off.join(', ')} K: raise equilibration_steps and ` +
            'total_steps, or lower timestep_fs.',
        ]),
  ];
}
