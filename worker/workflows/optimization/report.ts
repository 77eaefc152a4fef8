// What the report of an optimization says. Pure.
import type { OptimizationParameters, OptimizationResult } from '../../../contracts/results/optimization.ts';
import type { Structure } from '../../../contracts/structure.ts';
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

/** @param final the structure that the result is about */
export function optimizationReport(
  context: WorkflowContext<OptimizationParameters>,
  result: OptimizationResult,
  final: Structure,
): Report {
  const { structure_name: name, parameters } = context;
  return {
    title: `Optimization of ${name}`,
    subtitle: reportSubtitle(context),
    verdict: { isGood: result.converged, sentence: verdictOf(result, parameters) },
    structure: final,
    tables: [
      { title: 'Result', rows: resultRows(result) },
      ...cellTables(result),
      { title: 'Energy by component', rows: componentRows(result.energy_components_eV) },
      { title: 'Calculation', rows: [...calculationRows(context), ...settingRows(parameters)] },
    ],
    plots: plotsOf(result, parameters),
    warnings: result.warnings,
    footer: reportFooter(context),
  };
}

function verdictOf(result: OptimizationResult, parameters: OptimizationParameters): string {
  const force = `${formatSignificant(result.max_force_eV_A)} eV/Å`;
  return result.converged
    ? `Converged in ${result.steps} steps: the largest force is ${force} (asked for: ${parameters.fmax} eV/Å).`
    : `Not converged after ${result.steps} steps: the largest force is ${force}, asked for was ${parameters.fmax} eV/Å.`;
}

function resultRows(result: OptimizationResult): ReportRow[] {
  const { initial_volume_A3: before, final_volume_A3: after, volume_change_percent: change } = result;
  return [
    { name: 'Steps', value: String(result.steps) },
    { name: 'Initial energy', value: formatFixed(result.initial_energy_eV, 6), unit: 'eV' },
    { name: 'Final energy', value: formatFixed(result.final_energy_eV, 6), unit: 'eV' },
    { name: 'Largest force', value: formatSignificant(result.max_force_eV_A), unit: 'eV/Å' },
    { name: 'Displacement per atom (RMS)', value: formatFixed(result.rmsd_from_initial, 4), unit: 'Å' },
    { name: 'RMSD to the input (MOFSimBench)', value: formatFixed(result.rmsd_benchmark_A, 4), unit: 'Å' },
    ...symmetryRows(result),
    { name: 'Bonds broken, formed', value: `${result.bond_changes.n_broken}, ${result.bond_changes.n_formed}` },
    ...(before === null ? [] : [{ name: 'Initial volume', value: formatFixed(before, 2), unit: 'Å³' }]),
    ...(after === null ? [] : [{ name: 'Final volume', value: formatFixed(after, 2), unit: 'Å³' }]),
    ...(change === null ? [] : [{ name: 'Volume change', value: formatFixed(change, 3), unit: '%' }]),
  ];
}

function symmetryRows({ space_group_before: before, space_group_after: after }: OptimizationResult): ReportRow[] {
  if (before === null || after === null) return [];
  const label = ({ symbol, number }: typeof before): string => `${symbol} (${number})`;
  const value = before.number === after.number ? label(after) : `${label(before)} to ${label(after)}`;
  return [{ name: 'Space group', value }];
}

function cellTables(result: OptimizationResult): ReportTable[] {
  const { cell_parameters: cell, stress_GPa: stress } = result;
  if (cell === null) return [];
  const lengths: ReportRow[] = [
    { name: 'a, b, c', value: [cell.a, cell.b, cell.c].map((length) => formatFixed(length, 4)).join(', '), unit: 'Å' },
    {
      name: 'α, β, γ',
      value: [cell.alpha, cell.beta, cell.gamma].map((angle) => formatFixed(angle, 3)).join(', '),
      unit: '°',
    },
  ];
  const stressRows = (components: readonly number[]): ReportRow[] =>
    ['Stress xx, yy, zz (positive = tensile)', 'Stress yz, xz, xy'].map((name, half) => ({
      name,
      value: components
        .slice(3 * half, 3 * half + 3)
        .map((component) => formatFixed(component, 4))
        .join(', '),
      unit: 'GPa',
    }));
  return [{ title: 'Final cell', rows: [...lengths, ...(stress === null ? [] : stressRows(stress))] }];
}

function settingRows(parameters: OptimizationParameters): ReportRow[] {
  return [
    { name: 'Optimizer', value: parameters.optimizer },
    { name: 'Force threshold', value: String(parameters.fmax), unit: 'eV/Å' },
    { name: 'Step limit', value: String(parameters.max_steps) },
    { name: 'Cell', value: parameters.relax_cell ? 'relaxed' : 'fixed' },
    ...(parameters.pressure_GPa === 0
      ? []
      : [{ name: 'Pressure', value: String(parameters.pressure_GPa), unit: 'GPa' }]),
  ];
}

function plotsOf(result: OptimizationResult, parameters: OptimizationParameters): PlotSpec[] {
  const series = (values: readonly number[]) => values.map((y, x) => ({ x, y }));
  return [
    {
      title: 'Energy',
      xLabel: 'Step',
      yLabel: 'Energy (eV)',
      yScale: 'linear',
      series: [{ points: series(result.energy_history), mark: 'line' }],
    },
    {
      title: 'Largest force',
      xLabel: 'Step',
      yLabel: 'Largest force (eV/Å)',
      yScale: 'log',
      series: [{ points: series(result.max_force_history), mark: 'line' }],
      threshold: { value: parameters.fmax, label: `fmax ${parameters.fmax} eV/Å` },
    },
  ];
}
