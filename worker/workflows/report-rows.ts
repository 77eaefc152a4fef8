// Rows and numbers that every report shares. Pure.
import type { PotentialSpec } from '../../contracts/potential.ts';
import { hillFormula } from '../structures/formula.ts';
import { APPLICATION_VERSION } from '../version.ts';
import type { ComputeParameters } from './compute-parameters.ts';
import type { ReportRow } from './output/report.ts';
import type { WorkflowContext } from './workflow.ts';

type Context = WorkflowContext<ComputeParameters>;

export function componentRows(components: Readonly<Record<string, number>>): ReportRow[] {
  return Object.entries(components).map(([name, energy]) => ({
    name: name.replaceAll('_', ' '),
    value: formatFixed(energy, 6),
    unit: 'eV',
  }));
}

/** Model, its options as they were used (defaults written out), precision, device. */
export function calculationRows(context: Context): ReportRow[] {
  return [
    { name: 'Model', value: context.model },
    ...optionRows(context.potential),
    { name: 'Precision', value: context.parameters.precision },
    { name: 'Device', value: context.device },
  ];
}

function optionRows(potential: PotentialSpec): ReportRow[] {
  if (potential.kind === 'uff4mof') return rowsOf('Option', potential.options);
  // Where the model lies on this computer belongs to nobody's report.
  const { head } = potential.options;
  return [
    ...(head === undefined ? [] : [{ name: 'Head', value: head }]),
    ...(potential.dispersion === undefined ? [] : rowsOf('DFT-D3(BJ)', potential.dispersion)),
  ];
}

function rowsOf(prefix: string, options: object): ReportRow[] {
  return Object.entries(options).map(([name, value]) => ({ name: `${prefix} ${name}`, value: String(value) }));
}

export function reportSubtitle(context: Context): string {
  const { symbols } = context.structure;
  return `${hillFormula(symbols)}, ${symbols.length} atoms, model ${context.model}`;
}

export function reportFooter(context: Context): string {
  const started = context.startedAt.toISOString().slice(0, 16).replace('T', ' ');
  return (
    `Task ${context.task_id}, started ${started} UTC, MOFSimBench ${APPLICATION_VERSION}, ` +
    `mofkernel ${context.kernel.hello.kernel_version}`
  );
}

export function formatFixed(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/^-(0(?:\.0*)?)$/, '$1');
}

export function formatSignificant(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(4)));
}
