// What the report of a single-point energy says. Pure.
import type {
  SinglePointEnergyParameters,
  SinglePointEnergyResult,
} from '../../../contracts/results/single-point-energy.ts';
import type { Report, ReportRow, ReportTable } from '../output/report.ts';
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
    verdict: { isGood: true, sentence: `The energy is ${formatFixed(result.energy_eV, 6)} eV.` },
    structure: context.structure,
    tables: [
      { title: 'Result', rows: resultRows(result) },
      { title: 'Energy by component', rows: componentRows(result.energy_components_eV) },
      ...stressTables(result),
      { title: 'Calculation', rows: calculationRows(context) },
    ],
    plots: [],
    warnings: result.warnings,
    footer: reportFooter(context),
  };
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
