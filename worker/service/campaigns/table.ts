// The table of a campaign: one row per structure, task and model, as a document and as CSV. Pure.
import type { CampaignReference, CampaignRow, CampaignTask } from '../../../contracts/campaign.ts';
import { FIGURES, KEY_FIGURES } from '../../../contracts/key-figures.ts';
import type { TaskType } from '../../../contracts/task-types.ts';
import type { CellRow } from '../../store/campaign-cells.ts';
import { compare, computes } from './scores.ts';

export interface TableColumn {
  name: string;
  unit: string;
  task_types: TaskType[];
}

/** Of the key figures of its task types, each name once. */
export function columnsOf(tasks: readonly Pick<CampaignTask, 'task_type'>[]): TableColumn[] {
  const types = [...new Set(tasks.map(({ task_type }) => task_type))];
  const names = [...new Set(types.flatMap((task_type) => Object.keys(KEY_FIGURES[task_type])))];
  return names.map((name) => ({
    name,
    unit: FIGURES.get(name)?.unit ?? '',
    task_types: types.filter((task_type) => computes(task_type, name)),
  }));
}

/** @param references of the structure of the cell */
export function rowOf(
  cell: CellRow,
  { label, task_type }: CampaignTask,
  model: string,
  references: readonly CampaignReference[],
): CampaignRow {
  const figures = cell.outcome?.figures ?? {};
  const relevant = references.filter(({ quantity }) => computes(task_type, quantity));
  return {
    structure_name: cell.structure_name,
    task: label,
    task_type,
    model,
    status: cell.status,
    reason: reasonOf(cell),
    is_reliable: cell.outcome === null ? null : cell.outcome.doubt === null,
    n_atoms: cell.n_atoms,
    formula: cell.formula,
    task_id: cell.task_id,
    earlier_task_ids: cell.earlier_task_ids,
    execution_time_seconds: cell.execution_time_seconds,
    figures,
    warnings: cell.outcome?.warnings ?? [],
    comparisons: relevant.map(({ quantity, value: reference }) => {
      const value = figures[quantity];
      return compare(quantity, typeof value === 'number' ? value : null, reference);
    }),
  };
}

function reasonOf({ status, refusal, error, outcome }: CellRow): string | null {
  if (refusal !== null) return refusal.code === null ? refusal.message : `${refusal.message} (code ${refusal.code})`;
  if (error !== null) return `${error.type}: ${error.message}`;
  if (status === 'CANCELLED') return 'It was cancelled.';
  if (status === 'DELETED') return 'Its task was deleted.';
  return outcome?.doubt ?? null;
}

const FACTS = [
  'structure_name',
  'task',
  'task_type',
  'model',
  'status',
  'is_reliable',
  'reason',
  'n_atoms',
  'formula',
  'task_id',
  'execution_time_seconds',
] as const satisfies readonly (keyof CampaignRow)[];

/** @param quantities that have reference values; each gets three columns */
export function csvHeader(columns: readonly TableColumn[], quantities: readonly string[]): string {
  const compared = quantities.flatMap((name) => [`reference_${name}`, `error_${name}`, `error_percent_${name}`]);
  return csvLine([...FACTS, ...columns.map(({ name }) => name), ...compared, 'warnings']);
}

export function csvRow(row: CampaignRow, columns: readonly TableColumn[], quantities: readonly string[]): string {
  const compared = quantities.flatMap((quantity) => {
    const found = row.comparisons.find((comparison) => comparison.quantity === quantity);
    return [found?.reference ?? null, found?.error ?? null, found?.error_percent ?? null];
  });
  const facts = FACTS.map((name) => row[name]);
  const figures = columns.map(({ name }) => row.figures[name] ?? null);
  return csvLine([...facts, ...figures, ...compared, row.warnings.join(' | ')]);
}

type CsvValue = string | number | boolean | null;

function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

/** RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front, as they do it themselves. */
function csvField(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
