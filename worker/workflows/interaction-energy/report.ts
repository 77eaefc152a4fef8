// What the report of an interaction energy says. Pure.
import type {
  InteractionEnergyParameters,
  InteractionEnergyResult,
  ReferenceComparison,
} from '../../../contracts/results/interaction-energy.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { KJ_MOL_PER_EV } from '../../../contracts/units.ts';
import type { Report, ReportRow, ReportTable } from '../output/report.ts';
import type { PlotSpec } from '../output/svg-plot.ts';
import { calculationRows, formatFixed, formatSignificant, reportFooter, reportSubtitle } from '../report-rows.ts';
import type { WorkflowContext } from '../workflow.ts';

/** @param best framework and molecule, or the framework alone */
export function interactionEnergyReport(
  context: WorkflowContext<InteractionEnergyParameters>,
  result: InteractionEnergyResult,
  best: Structure,
): Report {
  const { structure_name: name, parameters } = context;
  return {
    title: `${result.adsorbate.name} in ${name}`,
    subtitle: reportSubtitle(context),
    verdict: { isGood: result.accessible_fraction > 0, sentence: verdictOf(result) },
    structure: best,
    tables: [
      { title: 'At zero loading', rows: averageRows(result) },
      { title: 'Pores', rows: poreRows(result) },
      { title: 'Sites (lowest first)', rows: siteRows(result) },
      ...comparisonTables(result.reference_comparison),
      { title: 'Calculation', rows: [...calculationRows(context), ...settingRows(result, parameters)] },
    ],
    plots: [histogramPlot(result), ...parityPlots(result.reference_comparison)],
    warnings: result.warnings,
    footer: reportFooter(context),
  };
}

function verdictOf(result: InteractionEnergyResult): string {
  const { interaction_energy_eV: energy, isosteric_heat_kJ_mol: heat, adsorbate } = result;
  if (energy === null || result.accessible_fraction === 0) return `${adsorbate.name} does not fit into this framework.`;
  const heatText = heat === null ? '' : `, isosteric heat ${formatFixed(heat, 2)} kJ/mol`;
  return (
    `Lowest interaction energy ${formatFixed(energy, 4)} eV (${formatFixed(energy * KJ_MOL_PER_EV, 2)} kJ/mol)${heatText}, ` +
    `Henry coefficient ${result.henry_coefficient_mol_kg_Pa.toExponential(3)} mol/(kg Pa) at ${result.temperature_k} K.`
  );
}

function averageRows(result: InteractionEnergyResult): ReportRow[] {
  const source = result.averages_source === 'widom' ? `${result.n_insertions} random insertions` : 'the grid';
  return [
    { name: 'Temperature', value: String(result.temperature_k), unit: 'K' },
    { name: 'Averages from', value: source },
    {
      name: 'Henry coefficient',
      value: withError(result.henry_coefficient_mol_kg_Pa, result.henry_coefficient_standard_error_mol_kg_Pa),
      unit: 'mol/(kg Pa)',
    },
    {
      name: 'Henry coefficient from the grid',
      value: result.henry_coefficient_grid_mol_kg_Pa.toExponential(3),
      unit: 'mol/(kg Pa)',
    },
    ...optionalRow(
      'Isosteric heat',
      result.isosteric_heat_kJ_mol,
      result.isosteric_heat_standard_error_kJ_mol,
      'kJ/mol',
    ),
    ...optionalRow(
      'Mean interaction energy',
      result.mean_interaction_energy_eV,
      result.mean_interaction_energy_standard_error_eV,
      'eV',
    ),
    ...otherAverageRows(result),
    { name: 'Interaction energy', value: result.energy_definition },
  ];
}

/** What the pockets change, when there are some. */
function otherAverageRows(result: InteractionEnergyResult): ReportRow[] {
  if (result.n_pockets === 0) return [];
  const { averages, pockets_are_blocked: isBlocked } = result;
  const [name, other] = isBlocked ? ['with pockets', averages.whole_cell] : ['without pockets', averages.reachable];
  return [
    {
      name: `Henry coefficient ${name}`,
      value: withError(other.henry_coefficient_mol_kg_Pa, other.henry_coefficient_standard_error_mol_kg_Pa),
      unit: 'mol/(kg Pa)',
    },
    ...optionalRow(
      `Isosteric heat ${name}`,
      other.isosteric_heat_kJ_mol,
      other.isosteric_heat_standard_error_kJ_mol,
      'kJ/mol',
    ),
  ];
}

function optionalRow(name: string, value: number | null, error: number | null, unit: string): ReportRow[] {
  if (value === null) return [];
  const tail = error === null ? '' : ` ± ${formatSignificant(error)}`;
  return [{ name, value: `${formatFixed(value, 4)}${tail}`, unit }];
}

function withError(value: number, error: number | null): string {
  return error === null ? value.toExponential(3) : `${value.toExponential(3)} ± ${error.toExponential(1)}`;
}

function poreRows(result: InteractionEnergyResult): ReportRow[] {
  const percent = (fraction: number): string => formatFixed(100 * fraction, 2);
  return [
    { name: 'Accessible to the molecule', value: percent(result.accessible_fraction), unit: '% of the cell' },
    { name: 'In channels through the crystal', value: percent(result.percolating_fraction), unit: '% of the cell' },
    ...result.connectivity.channels.map((channel, i) => ({
      name: `Channel ${i + 1}`,
      value: `${channel.dimensionality} dimension(s), along ${channel.directions.map((v) => `[${v.join(' ')}]`).join(', ')}`,
    })),
    { name: 'Closed pockets', value: `${result.n_pockets}, ${result.pockets_are_blocked ? 'left out' : 'counted'}` },
    { name: 'Henry coefficient from closed pockets', value: percent(result.pocket_henry_share), unit: '% of the cell' },
    ...heliumRows(result),
    { name: 'Definition', value: result.accessible_definition },
  ];
}

function heliumRows({ helium_void_fraction: helium }: InteractionEnergyResult): ReportRow[] {
  if (helium === null) return [];
  const value = `${formatFixed(helium.value, 4)} ± ${formatSignificant(helium.standard_error)} at ${helium.temperature_k} K`;
  return [{ name: 'Helium void fraction', value }];
}

function siteRows({ sites, distinct_definition }: InteractionEnergyResult): ReportRow[] {
  const rows = sites.map((site, i): ReportRow => {
    const place = site.center_fractional.map((x) => formatFixed(x, 4)).join(', ');
    const classical = site.model_energy_eV === null ? '' : ` (classical ${formatFixed(site.classical_energy_eV, 4)})`;
    return {
      name: `${i + 1}: at (${place}), ${site.multiplicity} per cell`,
      value: `${formatFixed(site.energy_eV, 4)}${classical}`,
      unit: 'eV',
    };
  });
  return [...rows, { name: 'Distinct', value: distinct_definition }];
}

function comparisonTables(comparison: ReferenceComparison | null): ReportTable[] {
  if (comparison === null) return [];
  const force = (mae: number | null): string => (mae === null ? '' : `, forces ${formatSignificant(mae)} eV/Å`);
  return [
    {
      title: 'Against the reference',
      rows: [
        { name: 'Configurations', value: String(comparison.n_configurations) },
        {
          name: 'Mean absolute error',
          value: `${formatSignificant(comparison.mae_eV)}${force(comparison.force_mae_eV_A)}`,
          unit: 'eV',
        },
        { name: 'Mean error', value: formatSignificant(comparison.mean_error_eV), unit: 'eV' },
        ...comparison.by_class.map((one) => ({
          name: `Class ${one.class} (${one.n_configurations})`,
          value: `${formatSignificant(one.mae_eV)}${force(one.force_mae_eV_A)}`,
          unit: 'eV',
        })),
        { name: 'Definition', value: comparison.definition },
      ],
    },
  ];
}

function settingRows(result: InteractionEnergyResult, parameters: InteractionEnergyParameters): ReportRow[] {
  const { adsorbate, grid } = result;
  return [
    { name: 'Molecule', value: `${adsorbate.name}: ${adsorbate.citation}` },
    { name: 'Lennard-Jones of the framework', value: result.host_parameters_citation },
    { name: 'Charges of the framework', value: result.framework_charges },
    {
      name: 'Lennard-Jones cutoff',
      value: `${formatSignificant(result.cutoff_A)} (${result.lennard_jones})`,
      unit: 'Å',
    },
    { name: 'Tail correction', value: String(result.tail_correction) },
    { name: 'Grid', value: `${grid.shape.join(' × ')} points, ${grid.n_orientations} orientation(s) each` },
    { name: 'Seed', value: String(parameters.seed) },
  ];
}

function histogramPlot({ grid: { minimum_histogram: histogram } }: InteractionEnergyResult): PlotSpec {
  return {
    title: 'Part of the cell where the molecule has at most this energy',
    xLabel: 'Lowest energy over the orientations (eV)',
    yLabel: 'Fraction of the cell',
    yScale: 'linear',
    xRange: 'data',
    series: [
      { points: histogram.energies_eV.map((x, i) => ({ x, y: histogram.fractions[i] ?? Number.NaN })), mark: 'line' },
    ],
  };
}

function parityPlots(comparison: ReferenceComparison | null): PlotSpec[] {
  if (comparison === null) return [];
  const points = comparison.configurations.map((one) => ({
    x: one.reference_interaction_energy_eV,
    y: one.interaction_energy_eV,
  }));
  const ends = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))];
  return [
    {
      title: 'Interaction energies against the reference',
      xLabel: 'Reference (eV)',
      yLabel: 'Model (eV)',
      yScale: 'linear',
      xRange: 'data',
      series: [
        { name: 'configurations', points, mark: 'points' },
        { name: 'equal', points: ends.map((x) => ({ x, y: x })), mark: 'dashed' },
      ],
    },
  ];
}
