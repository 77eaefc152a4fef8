// Rows and numbers that every report shares. Pure.
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
  const options = Object.entries(context.potential.options).map(([name, value]) => ({
    name: `Option ${name}`,
    value: String(value),
  }));
  return [
    { name: 'Model', value: context.model },
    ...options,
    { name: 'Precision', value: context.parameters.precision },
    { name: 'Device', value: context.device },
  ];
}

export function reportFooter(context: Context): string {
  return `Task ${context.task_id}, mofkernel ${context.kernel.hello.kernel_version}`;
}

export function formatFixed(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/^-(0(?:\.0*)?)$/, '$1');
}

export function formatSignificant(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(4)));
}
