// What the report of a stability task says. Pure.
import type { StabilityParameters, StabilityResult } from '../../../contracts/results/stability.ts';
import type { Structure } from '../../../contracts/structure.ts';
import type { Report, ReportRow, ReportTable } from '../output/report.ts';
import type { PlotSeries, PlotSpec } from '../output/svg-plot.ts';
import { calculationRows, formatFixed, formatSignificant, reportFooter, reportSubtitle } from '../report-rows.ts';
import type { WorkflowContext } from '../workflow.ts';

/** Pairs that are drawn; all stand in rdf.csv. */
const MOST_DRAWN_PAIRS = 3;
/** Events that are listed; more stand in bond_events.csv. */
const MOST_LISTED_EVENTS = 20;

const CRITERIA: Readonly<Record<StabilityResult['criteria'][number]['name'], { name: string; unit: string }>> = {
  dynamics: { name: 'Steps done', unit: '' },
  volume_drift_percent: { name: 'Change of the volume', unit: '%' },
  rmsd_A: { name: 'Largest RMSD of the nodes', unit: 'Å' },
  coordination_change: { name: 'Change of a mean coordination number', unit: '' },
  broken_bonds: { name: 'Broken bonds', unit: '' },
};

/** @param final the structure that the result ends with */
export function stabilityReport(
  context: WorkflowContext<StabilityParameters>,
  result: StabilityResult,
  final: Structure,
): Report {
  return {
    title: `Stability of ${context.structure_name}`,
    subtitle: reportSubtitle(context),
    verdict: { isGood: result.stable, sentence: verdictOf(context.parameters, result) },
    structure: final,
    tables: [
      { title: 'Verdict', rows: result.criteria.map(criterionRow) },
      { title: 'Run', rows: runRows(result) },
      ...cellTables(result),
      ...coordinationTables(result),
      ...bondTables(result),
      { title: 'Calculation', rows: [...calculationRows(context), ...settingRows(context.parameters, result)] },
    ],
    plots: plotsOf(context.parameters, result),
    warnings: result.warnings,
    footer: reportFooter(context),
  };
}

function verdictOf({ temperature_k }: StabilityParameters, result: StabilityResult): string {
  const run = `${formatSignificant(result.duration_ps)} ps of ${result.ensemble} at ${temperature_k} K`;
  const failed = result.criteria.filter(({ passed }) => !passed).map(({ name }) => CRITERIA[name].name.toLowerCase());
  return result.stable
    ? `Stable: all ${result.criteria.length} criteria are passed after ${run}.`
    : `Not stable after ${run}: ${failed.join(', ')}.`;
}

function criterionRow({ name, value, limit, passed }: StabilityResult['criteria'][number]): ReportRow {
  const comparison = name === 'dynamics' ? 'of' : 'limit';
  return {
    name: CRITERIA[name].name,
    value: `${formatSignificant(value)} (${comparison} ${formatSignificant(limit)}): ${passed ? 'passed' : 'not passed'}`,
    unit: CRITERIA[name].unit,
  };
}

function runRows(result: StabilityResult): ReportRow[] {
  const { mean_pressure_GPa: pressure, pressure_std_GPa: pressureStd } = result;
  const spread = (mean: number, deviation: number, decimals: number): string =>
    `${formatFixed(mean, decimals)} ± ${formatFixed(deviation, decimals)}`;
  const { rmsd_framework: framework, rmsd_nodes: nodes, rmsd_benchmark: benchmark } = result;
  return [
    { name: 'Duration', value: formatSignificant(result.duration_ps), unit: 'ps' },
    { name: 'Samples, frames', value: `${result.n_samples}, ${result.n_frames}` },
    {
      name: 'Temperature (± standard deviation)',
      value: spread(result.mean_temperature_k, result.temperature_std_k, 1),
      unit: 'K',
    },
    ...(pressure === null || pressureStd === null
      ? []
      : [{ name: 'Pressure (± standard deviation)', value: spread(pressure, pressureStd, 4), unit: 'GPa' }]),
    ...meanRows(result),
    { name: 'Potential energy', value: formatFixed(result.mean_potential_energy_eV, 4), unit: 'eV' },
    { name: 'Drift of the conserved energy', value: formatSignificant(result.energy_drift_eV), unit: 'eV' },
    { name: 'The same per atom', value: formatSignificant(result.energy_drift_eV_atom_ps), unit: 'eV/ps' },
    { name: 'Largest displacement of an atom', value: formatFixed(result.max_displacement_A, 3), unit: 'Å' },
    ...[
      { name: 'RMSD per framework atom (mean, last)', value: framework },
      { name: `RMSD of the ${result.n_node_atoms} node atoms (mean, last)`, value: nodes },
      { name: 'RMSD, MOFSimBench (mean, last)', value: benchmark },
    ].map(({ name, value }) => ({
      name,
      value: `${formatFixed(value.mean_A, 3)}, ${formatFixed(value.last_A, 3)}`,
      unit: 'Å',
    })),
  ];
}

/** Means with their statistical errors, where the run is long enough to have them. */
function meanRows(result: StabilityResult): ReportRow[] {
  const row = (name: string, mean: number | null, error: number | null, decimals: number, unit: string): ReportRow[] =>
    mean === null || error === null
      ? []
      : [
          {
            name: `Mean ${name} (± error)`,
            value: `${formatFixed(mean, decimals)} ± ${formatFixed(error, decimals)}`,
            unit,
          },
        ];
  return [
    ...row('temperature', result.mean_temperature_k, result.mean_temperature_error_k, 2, 'K'),
    ...row('pressure', result.mean_pressure_GPa, result.mean_pressure_error_GPa, 5, 'GPa'),
    ...(result.ensemble === 'NPT' ? row('volume', result.mean_volume_A3, result.mean_volume_error_A3, 2, 'Å³') : []),
  ];
}

function cellTables(result: StabilityResult): ReportTable[] {
  const { lattice_first: first, lattice_last: last, first_volume_A3: before, last_volume_A3: after } = result;
  if (first === null || last === null || before === null || after === null) return [];
  const triple = (values: readonly number[], decimals: number): string =>
    values.map((value) => formatFixed(value, decimals)).join(', ');
  return [
    {
      title: 'Cell, at the start and at the end',
      rows: [
        { name: 'Volume', value: `${formatFixed(before, 2)} to ${formatFixed(after, 2)}`, unit: 'Å³' },
        { name: 'Change of the volume', value: formatFixed(result.volume_drift_percent ?? 0, 3), unit: '%' },
        { name: 'a, b, c at the start', value: triple([first.a, first.b, first.c], 4), unit: 'Å' },
        { name: 'a, b, c at the end', value: triple([last.a, last.b, last.c], 4), unit: 'Å' },
        { name: 'α, β, γ at the start', value: triple([first.alpha, first.beta, first.gamma], 3), unit: '°' },
        { name: 'α, β, γ at the end', value: triple([last.alpha, last.beta, last.gamma], 3), unit: '°' },
      ],
    },
  ];
}

function coordinationTables({ coordination }: StabilityResult): ReportTable[] {
  if (coordination.length === 0) return [];
  return [
    {
      title: 'Mean coordination numbers (input, relaxed, end)',
      rows: coordination.map(({ element, n_atoms, first, relaxed, last }) => ({
        name: `${element} (${n_atoms} atoms)`,
        value: [first, relaxed, last].map((value) => (value === null ? '–' : formatFixed(value, 2))).join(', '),
      })),
    },
  ];
}

function bondTables(result: StabilityResult): ReportTable[] {
  const { n_bonds_first, n_bonds_broken, n_bonds_formed, bond_events: events, bond_rule: rule } = result;
  const listed = events.slice(0, MOST_LISTED_EVENTS).map(({ time_ps, kind, atoms, elements, distance_A }) => ({
    name: `${formatFixed(time_ps, 3)} ps: ${elements.join('-')} ${kind} (atoms ${atoms.join(', ')})`,
    value: formatFixed(distance_A, 3),
    unit: 'Å',
  }));
  return [
    {
      title: 'Bonds',
      rows: [
        { name: 'At the start', value: String(n_bonds_first) },
        { name: 'Broken, formed at the end', value: `${n_bonds_broken}, ${n_bonds_formed}` },
        {
          name: 'Bonded within, broken beyond (times the sum of covalent radii)',
          value: `${rule.bonded_within}, ${rule.broken_beyond}`,
        },
        { name: 'For at least', value: String(rule.persistence_fs), unit: 'fs' },
        ...listed,
      ],
    },
  ];
}

function settingRows(parameters: StabilityParameters, { supercell, n_atoms }: StabilityResult): ReportRow[] {
  const isNpt = parameters.ensemble === 'NPT';
  return [
    { name: 'Supercell', value: `${supercell.join(' × ')}, ${n_atoms} atoms` },
    { name: 'Relaxed before', value: parameters.relax_first ? `positions, to ${parameters.fmax}` : 'no', unit: 'eV/Å' },
    { name: 'Temperature', value: String(parameters.temperature_k), unit: 'K' },
    { name: 'Time step', value: String(parameters.timestep_fs), unit: 'fs' },
    {
      name: 'Equilibration (Langevin, constant volume)',
      value: `${parameters.equilibration_steps} steps, friction ${parameters.friction_per_fs}`,
      unit: '1/fs',
    },
    {
      name: 'Ensemble',
      value: isNpt ? `NPT, Martyna-Tobias-Klein, ${parameters.cell_motion}` : 'NVT, Nose-Hoover chain',
    },
    { name: 'Thermostat time', value: String(parameters.thermostat_time_fs), unit: 'fs' },
    ...(isNpt
      ? [
          { name: 'Barostat time', value: String(parameters.barostat_time_fs), unit: 'fs' },
          { name: 'Pressure asked for', value: String(parameters.pressure_GPa), unit: 'GPa' },
        ]
      : []),
    { name: 'Seed', value: String(parameters.seed) },
  ];
}

function plotsOf(
  parameters: StabilityParameters,
  { series, rdf, first_volume_A3: first }: StabilityResult,
): PlotSpec[] {
  const overTime = (values: readonly number[]): PlotSeries[] => [
    { points: values.map((y, k) => ({ x: series.time_ps[k] ?? 0, y })), mark: 'line' },
  ];
  const xLabel = 'Time (ps)';
  const plot = (title: string, yLabel: string, values: readonly number[]): PlotSpec => ({
    title,
    xLabel,
    yLabel,
    yScale: 'linear',
    series: overTime(values),
  });
  return [
    {
      ...plot('Temperature', 'Temperature (K)', series.temperature_k),
      threshold: { value: parameters.temperature_k, label: `${parameters.temperature_k} K` },
    },
    plot('Potential energy', 'Energy (eV)', series.potential_energy_eV),
    ...(parameters.ensemble === 'NPT' && series.volume_A3 !== null && first !== null
      ? [
          {
            ...plot('Volume', 'Volume (Å³)', series.volume_A3),
            threshold: { value: first, label: 'at the start' },
          },
        ]
      : []),
    plot('RMSD per framework atom', 'RMSD (Å)', series.rmsd_A),
    ...(rdf.length === 0 ? [] : [rdfPlot(rdf)]),
  ];
}

function rdfPlot(rdf: StabilityResult['rdf']): PlotSpec {
  const drawn = rdf.slice(1, 1 + MOST_DRAWN_PAIRS);
  return {
    title: 'Radial distribution',
    xLabel: 'Distance (Å)',
    yLabel: 'g(r)',
    yScale: 'linear',
    series: drawn.map(({ pair, distances_A, g }) => ({
      name: pair.join('–'),
      points: distances_A.map((x, k) => ({ x, y: g[k] ?? 0 })),
      mark: 'line',
    })),
  };
}
