// What the report of a bulk modulus says. Pure.
import type {
  BulkModulusParameters,
  BulkModulusResult,
  EquationOfState,
  EquationOfStateFit,
} from '../../../contracts/results/bulk-modulus.ts';
import type { Structure } from '../../../contracts/structure.ts';
import type { Report, ReportRow } from '../output/report.ts';
import type { PlotSpec } from '../output/svg-plot.ts';
import { calculationRows, formatFixed, formatSignificant, reportFooter, reportSubtitle } from '../report-rows.ts';
import type { WorkflowContext } from '../workflow.ts';

const NAMES: Readonly<Record<EquationOfState, string>> = {
  birch_murnaghan: 'Birch-Murnaghan',
  murnaghan: 'Murnaghan',
  vinet: 'Vinet',
};

/** @param strained the structure that the curve starts from */
export function bulkModulusReport(
  context: WorkflowContext<BulkModulusParameters>,
  result: BulkModulusResult,
  strained: Structure,
): Report {
  return {
    title: `Bulk modulus of ${context.structure_name}`,
    subtitle: reportSubtitle(context),
    verdict: { isGood: result.is_reliable, sentence: verdictOf(result) },
    structure: strained,
    tables: [
      { title: 'Result', rows: resultRows(result) },
      { title: 'Bulk modulus by equation of state', rows: result.fits.map(fitRow) },
      { title: 'Criteria', rows: result.criteria.map(criterionRow) },
      { title: 'Calculation', rows: [...calculationRows(context), ...settingRows(context.parameters)] },
    ],
    plots: plotsOf(result),
    warnings: result.warnings,
    footer: reportFooter(context),
  };
}

function verdictOf(result: BulkModulusResult): string {
  const modulus = withError(result.bulk_modulus_GPa, result.bulk_modulus_error_GPa, 3);
  const what = `The bulk modulus is ${modulus} GPa (${NAMES[result.fitting_method]}).`;
  return result.is_reliable ? what : `${what} It is not reliable: see the warnings.`;
}

function withError(value: number, error: number | null, decimals: number): string {
  return `${formatFixed(value, decimals)}${error === null ? '' : ` ± ${formatFixed(error, decimals)}`}`;
}

function resultRows(result: BulkModulusResult): ReportRow[] {
  const { relaxation, pressure_check: check, hydrostatic } = result;
  return [
    { name: 'Bulk modulus', value: withError(result.bulk_modulus_GPa, result.bulk_modulus_error_GPa, 3), unit: 'GPa' },
    { name: 'Pressure derivative', value: formatFixed(result.pressure_derivative, 2) },
    { name: 'Equilibrium volume', value: formatFixed(result.equilibrium_volume_A3, 3), unit: 'Å³' },
    { name: 'Volume that was strained', value: formatFixed(result.reference_volume_A3, 3), unit: 'Å³' },
    { name: 'Equilibrium energy', value: formatFixed(result.equilibrium_energy_eV, 6), unit: 'eV' },
    { name: 'Root mean square distance from the curve', value: formatSignificant(result.fit_rmse_eV), unit: 'eV' },
    { name: 'R²', value: formatFixed(result.r_squared, 8) },
    ...(check === null
      ? []
      : [{ name: 'Bulk modulus by virial pressures', value: formatFixed(check.bulk_modulus_GPa, 3), unit: 'GPa' }]),
    ...(hydrostatic === null
      ? []
      : [
          {
            name: 'Bulk modulus where the cell may change its shape',
            value: hydrostatic.bulk_modulus_GPa === null ? 'none' : formatFixed(hydrostatic.bulk_modulus_GPa, 3),
            unit: `GPa, between -${String(hydrostatic.pressure_GPa)} and ${String(hydrostatic.pressure_GPa)} GPa`,
          },
        ]),
    ...(relaxation === null
      ? []
      : [
          {
            name: 'Volume change of the relaxation',
            value: formatFixed(relaxation.volume_change_percent, 3),
            unit: '%',
          },
        ]),
  ];
}

function fitRow(fit: EquationOfStateFit): ReportRow {
  const derivative = withError(fit.pressure_derivative, fit.pressure_derivative_error, 2);
  return {
    name: `${NAMES[fit.method]} (dB/dP ${derivative})`,
    value: withError(fit.bulk_modulus_GPa, fit.bulk_modulus_error_GPa, 3),
    unit: 'GPa',
  };
}

function criterionRow({ name, value, limits: [low, high], passed }: BulkModulusResult['criteria'][number]): ReportRow {
  const range = low === high ? formatSignificant(low) : `${formatSignificant(low)} to ${formatSignificant(high)}`;
  return {
    name: name.replaceAll('_', ' '),
    value: `${value === null ? 'not known' : formatSignificant(value)} (asked for: ${range})`,
    unit: passed ? 'met' : 'not met',
  };
}

function settingRows(parameters: BulkModulusParameters): ReportRow[] {
  return [
    { name: 'Largest V/V0 - 1', value: String(parameters.strain_range) },
    { name: 'Volumes', value: String(parameters.num_points) },
    { name: 'Relaxed before', value: parameters.relax_first ? 'atoms and cell' : 'no' },
    { name: 'Optimizer', value: parameters.optimizer },
    { name: 'Force threshold', value: String(parameters.fmax), unit: 'eV/Å' },
    { name: 'Step limit', value: String(parameters.max_steps) },
  ];
}

function plotsOf({ points, curve, fitting_method }: BulkModulusResult): PlotSpec[] {
  const plot = (
    yLabel: string,
    title: string,
    of: 'energy_eV' | 'pressure_GPa',
    fitted: readonly number[],
  ): PlotSpec => ({
    title,
    xLabel: 'Volume (Å³)',
    yLabel,
    yScale: 'linear',
    xRange: 'data',
    series: [
      { points: curve.volumes_A3.map((x, i) => ({ x, y: fitted[i] ?? Number.NaN })), mark: 'line' },
      { points: points.map((point) => ({ x: point.volume_A3, y: point[of] })), mark: 'points' },
    ],
  });
  const line = `points: computed; line: ${NAMES[fitting_method]}`;
  return [
    plot('Energy (eV)', `Energy over volume (${line})`, 'energy_eV', curve.energies_eV),
    plot('Pressure (GPa)', `Pressure over volume (${line} through the energies)`, 'pressure_GPa', curve.pressures_GPa),
  ];
}
