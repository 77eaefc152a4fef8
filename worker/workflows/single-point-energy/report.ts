// What the report of a single-point energy says. Pure.
import type {
  SinglePointEnergyParameters,
  SinglePointEnergyResult,
} from '../../../contracts/results/single-point-energy.ts';
import type { Report, ReportRow, ReportTable } from '../output/report.ts';
import type { PlotSpec } from '../output/svg-plot.ts';
import {
  calculationRows,
  componentRows,
  formatFixed,
  formatSignificant,
  reportFooter,
  reportSubtitle,
} from '../report-rows.ts';
import type { WorkflowContext } from '../workflow.ts';

export function singlePointReport(
  context: WorkflowContext<SinglePointEnergyParameters>,
  result: SinglePointEnergyResult,
): Report {
  return {
    title: `Single-point energy of ${context.structure_name}`,
    subtitle: reportSubtitle(context),
    verdict: { isGood: true, sentence: verdictOf(result) },
    structure: context.structure,
    tables: [
      { title: 'Result', rows: resultRows(result) },
      ...frameTables(result),
      { title: 'Energy by component', rows: componentRows(result.energy_components_eV) },
      ...stressTables(result),
      { title: 'Calculation', rows: calculationRows(context) },
    ],
    plots: framePlots(result),
    warnings: result.warnings,
    footer: reportFooter(context),
  };
}

function verdictOf({ energy_eV, frames }: SinglePointEnergyResult): string {
  const energy = `${formatFixed(energy_eV, 6)} eV`;
  return frames === undefined ? `The energy is ${energy}.` : `${frames.length} structures; the first has ${energy}.`;
}

function frameTables({ frames }: SinglePointEnergyResult): ReportTable[] {
  if (frames === undefined || frames.length === 0) return [];
  const perAtom = frames.map(({ energy_per_atom_eV }) => energy_per_atom_eV);
  const extreme = (value: number): string => formatFixed(value, 6);
  return [
    {
      title: 'All structures (frames.csv)',
      rows: [
        { name: 'Structures', value: String(frames.length) },
        { name: 'Lowest energy per atom', value: extreme(perAtom.reduce((a, b) => Math.min(a, b))), unit: 'eV' },
        { name: 'Highest energy per atom', value: extreme(perAtom.reduce((a, b) => Math.max(a, b))), unit: 'eV' },
      ],
    },
  ];
}

function framePlots({ frames }: SinglePointEnergyResult): PlotSpec[] {
  if (frames === undefined || frames.length < 2) return [];
  const points = frames.map(({ index, energy_per_atom_eV }) => ({ x: index, y: energy_per_atom_eV }));
  const labels = { xLabel: 'Structure', yLabel: 'Energy per atom (eV)', yScale: 'linear' as const };
  return [{ title: 'Energy per atom of every structure', ...labels, series: [{ points, mark: 'line' }] }];
}

function resultRows(result: SinglePointEnergyResult): ReportRow[] {
  const { max_force_eV_A: force } = result;
  return [
    { name: 'Energy', value: formatFixed(result.energy_eV, 6), unit: 'eV' },
    { name: 'Energy per atom', value: formatFixed(result.energy_per_atom_eV, 6), unit: 'eV' },
    ...(force === undefined ? [] : [{ name: 'Largest force', value: formatSignificant(force), unit: 'eV/Å' }]),
  ];
}

function stressTables(result: SinglePointEnergyResult): ReportTable[] {
  const { stress_GPa: stress } = result;
  if (stress === undefined || stress === null) return [];
  const rows = stress.map((row, i) => ({
    name: ['x', 'y', 'z'][i] ?? '',
    value: row.map((component) => formatFixed(component, 4)).join(', '),
    unit: 'GPa',
  }));
  return [{ title: 'Stress (positive = tensile)', rows }];
}
