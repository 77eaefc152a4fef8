// What the report of a heat capacity says. Pure.
import type { HeatCapacityParameters, HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import type { Report, ReportRow, ReportTable } from '../output/report.ts';
import type { PlotSpec } from '../output/svg-plot.ts';
import { calculationRows, formatFixed, formatSignificant, reportFooter, reportSubtitle } from '../report-rows.ts';
import type { WorkflowContext } from '../workflow.ts';

/** The sentence at the top speaks of the temperature that is nearest to this one, K. */
const ROOM_TEMPERATURE_K = 300;
/** Rows of the table of temperatures; all are in thermal.csv. */
const MOST_ROWS = 25;

export function heatCapacityReport(
  context: WorkflowContext<HeatCapacityParameters>,
  result: HeatCapacityResult,
): Report {
  return {
    title: `Heat capacity of ${context.structure_name}`,
    subtitle: reportSubtitle(context),
    verdict: verdictOf(result),
    structure: context.structure,
    tables: [
      { title: 'Heat capacity at constant volume', rows: temperatureRows(result) },
      ...(result.method === 'phonon' ? [phononTable(result)] : []),
      { title: 'Unit cell and supercell', rows: cellRows(result) },
      { title: 'Calculation', rows: [...methodRows(context.parameters), ...calculationRows(context)] },
    ],
    plots: plotsOf(result),
    warnings: result.warnings,
    footer: reportFooter(context),
  };
}

function verdictOf(result: HeatCapacityResult): Report['verdict'] {
  const { temperatures, heat_capacities, specific_heat_capacities, heat_capacity_errors_J_mol_K: errors } = result;
  const distance = (i: number): number => Math.abs((temperatures[i] ?? Number.NaN) - ROOM_TEMPERATURE_K);
  const nearest = temperatures.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0);
  const error = errors?.[nearest];
  const value = formatSignificant(heat_capacities[nearest] ?? Number.NaN);
  const specific = formatSignificant(specific_heat_capacities[nearest] ?? Number.NaN);
  const range = error === undefined ? '' : ` (standard error ${formatSignificant(error)})`;
  const sentence = `At ${temperatures[nearest] ?? ''} K the heat capacity is ${value} J/(mol K) per unit cell${range}, ${specific} J/(g K).`;
  const count = result.n_imaginary_modes ?? 0;
  const doubt = count === 0 ? '' : ` ${count} imaginary modes are left out of it.`;
  const isGood = count === 0 && result.relaxation?.converged !== false;
  return { isGood, sentence: sentence + doubt };
}

function temperatureRows(result: HeatCapacityResult): ReportRow[] {
  const { temperatures } = result;
  const stride = Math.ceil(temperatures.length / MOST_ROWS);
  return temperatures.flatMap((temperature, i) => {
    if (i % stride !== 0 && i !== temperatures.length - 1) return [];
    const error = result.heat_capacity_errors_J_mol_K?.[i];
    const value = formatFixed(result.heat_capacities[i] ?? Number.NaN, 2);
    return {
      name: `${temperature} K`,
      value: error === undefined ? value : `${value} ± ${formatFixed(error, 2)}`,
      unit: `J/(mol K), ${formatFixed(result.specific_heat_capacities[i] ?? Number.NaN, 4)} J/(g K)`,
    };
  });
}

function phononTable(result: HeatCapacityResult): ReportTable {
  const row = (name: string, value: string | number | null, unit?: string): ReportRow[] =>
    value === null ? [] : [{ name, value: String(value), ...(unit === undefined ? {} : { unit }) }];
  return {
    title: 'Vibrations',
    rows: [
      ...row('Space group', result.space_group),
      ...row('Displacements', result.n_displacements, 'each both ways'),
      ...row('Atoms of the primitive cell', result.n_atoms_primitive),
      ...row(
        'Mesh of wave vectors',
        result.mesh?.join(' x ') ?? null,
        `${result.n_irreducible_q_points ?? 0} irreducible`,
      ),
      ...row('Imaginary modes', result.n_imaginary_modes, `of ${result.n_modes ?? 0}`),
      ...(result.followed_modes ?? []).map(followedRow),
      ...row('Lowest frequency', significant(result.lowest_frequency_THz), 'THz'),
      ...row('Zero-point energy', significant(result.zero_point_energy_eV), 'eV per unit cell'),
      ...row('Acoustic sum rule, error removed', significant(result.acoustic_sum_error_eV_A2), 'eV/Å²'),
    ],
  };
}

function followedRow({
  frequency_THz,
  energy_change_eV,
  accepted,
}: NonNullable<HeatCapacityResult['followed_modes']>[number]): ReportRow {
  return {
    name: `Followed: ${formatFixed(frequency_THz, 3)} THz`,
    value: formatSignificant(energy_change_eV),
    unit: `eV per unit cell${accepted ? '' : ', not accepted'}`,
  };
}

function significant(value: number | null): string | null {
  return value === null ? null : formatSignificant(value);
}

function cellRows(result: HeatCapacityResult): ReportRow[] {
  const { relaxation } = result;
  return [
    { name: 'Atoms of the unit cell', value: String(result.n_atoms) },
    { name: 'Molar mass of the unit cell', value: formatFixed(result.molar_mass_g_mol, 3), unit: 'g/mol' },
    { name: 'Classical limit 3 N k', value: formatFixed(result.classical_limit_J_mol_K, 2), unit: 'J/(mol K)' },
    { name: 'Supercell', value: result.supercell.join(' x ') },
    ...(relaxation === null
      ? [{ name: 'Relaxed before', value: 'no' }]
      : [
          { name: 'Relaxed before', value: relaxation.converged ? 'converged' : 'not converged' },
          { name: 'Largest force after it', value: formatSignificant(relaxation.max_force_eV_A), unit: 'eV/Å' },
          { name: 'Change of volume', value: formatFixed(relaxation.volume_change_percent, 2), unit: '%' },
        ]),
  ];
}

function methodRows(parameters: HeatCapacityParameters): ReportRow[] {
  if (parameters.method === 'phonon') {
    return [
      { name: 'Method', value: 'harmonic phonons' },
      { name: 'Displacement', value: String(parameters.displacement_A), unit: 'Å' },
      { name: 'Mesh length', value: String(parameters.mesh_length_A), unit: 'Å' },
    ];
  }
  return [
    { name: 'Method', value: 'energy fluctuations of molecular dynamics (classical)' },
    { name: 'Time step', value: String(parameters.timestep_fs), unit: 'fs' },
    { name: 'Steps', value: String(parameters.total_steps) },
    { name: 'Equilibration steps', value: String(parameters.equilibration_steps) },
    { name: 'Seed', value: String(parameters.seed) },
  ];
}

function plotsOf(result: HeatCapacityResult): PlotSpec[] {
  const over = (values: readonly (number | null)[]) =>
    result.temperatures.flatMap((x, i) => {
      const y = values[i];
      return y === null || y === undefined ? [] : [{ x, y }];
    });
  const temperature = { xLabel: 'Temperature / K', yScale: 'linear', xRange: 'data' } as const;
  const slopes = result.heat_capacities_by_slope_J_mol_K;
  const mark = result.method === 'phonon' ? 'line' : 'points';
  const plots: PlotSpec[] = [
    {
      ...temperature,
      title: 'Heat capacity at constant volume',
      yLabel: 'J/(mol K)',
      series: [
        { name: slopes === null ? 'heat capacity' : 'from fluctuations', points: over(result.heat_capacities), mark },
        ...(slopes === null ? [] : [{ name: 'from d<E>/dT', points: over(slopes), mark: 'line' as const }]),
      ],
      threshold: { value: result.classical_limit_J_mol_K, label: 'classical limit 3 N k' },
    },
  ];
  if (result.dos !== null) plots.push(dosPlot(result.dos));
  const { entropies_J_mol_K: entropies, free_energies_kJ_mol: free } = result;
  if (entropies !== null && free !== null) {
    plots.push(
      {
        ...temperature,
        title: 'Entropy of the vibrations',
        yLabel: 'J/(mol K)',
        series: [{ points: over(entropies), mark: 'line' }],
      },
      {
        ...temperature,
        title: 'Free energy of the vibrations',
        yLabel: 'kJ/mol',
        series: [{ points: over(free), mark: 'line' }],
      },
    );
  }
  return plots;
}

function dosPlot({ frequencies_THz, density }: NonNullable<HeatCapacityResult['dos']>): PlotSpec {
  return {
    title: 'Density of vibrational states (imaginary frequencies are negative)',
    xLabel: 'Frequency / THz',
    yLabel: 'States per THz and unit cell',
    yScale: 'linear',
    xRange: 'data',
    series: [{ points: frequencies_THz.map((x, i) => ({ x, y: density[i] ?? 0 })), mark: 'line' }],
  };
}
