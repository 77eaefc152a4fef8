// Errors of a campaign's results against reference values. Pure.
import type { Campaign, CampaignScore, CellStatus, Comparison } from '../../../contracts/campaign.ts';
import { FIGURES, KEY_FIGURES } from '../../../contracts/key-figures.ts';
import type { TaskType } from '../../../contracts/task-types.ts';
import type { ComparedCell } from '../../store/campaign-cells.ts';

const CLOSE_PERCENT = 10;

const ENDED_WITHOUT_RESULT: readonly CellStatus[] = ['REFUSED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'DELETED'];

export function compare(quantity: string, value: number | null, reference: number): Comparison {
  const error = value === null ? null : value - reference;
  const error_percent = error === null || reference === 0 ? null : (100 * error) / Math.abs(reference);
  return { quantity, value, reference, error, error_percent };
}

/** One score per quantity, task and model, of the tasks whose type computes the quantity; in this order, each when it is asked for. */
export function* scoresOf(
  { tasks, models }: Pick<Campaign, 'tasks' | 'models'>,
  cells: readonly ComparedCell[],
): Generator<CampaignScore> {
  const groups = Map.groupBy(cells, ({ quantity, task_index, model_index }) =>
    keyOf(quantity, task_index, model_index),
  );
  for (const quantity of [...new Set(cells.map((cell) => cell.quantity))].sort()) {
    for (const [task_index, { task_type, label }] of tasks.entries()) {
      if (!computes(task_type, quantity)) continue;
      for (const [model_index, model] of models.entries()) {
        const group = groups.get(keyOf(quantity, task_index, model_index));
        if (group !== undefined) yield scoreOf(group, label, model, quantity);
      }
    }
  }
}

function keyOf(quantity: string, task_index: number, model_index: number): string {
  return `${quantity} ${task_index} ${model_index}`;
}

export function computes(task_type: TaskType, quantity: string): boolean {
  return Object.keys(KEY_FIGURES[task_type]).includes(quantity);
}

function scoreOf(cells: readonly ComparedCell[], task: string, model: string, quantity: string): CampaignScore {
  const completed = cells.filter(({ status }) => status === 'COMPLETED');
  const points = completed.flatMap(({ structure_name, reference, value, is_reliable }) =>
    value === null || !is_reliable ? [] : [{ structure_name, reference, value }],
  );
  const compared = points.map(({ value, reference }) => compare(quantity, value, reference));
  const errors = compared.map(({ error }) => error ?? 0);
  const percents = compared.flatMap(({ error_percent }) => (error_percent === null ? [] : [Math.abs(error_percent)]));
  const n_within_10_percent = percents.filter((percent) => percent <= CLOSE_PERCENT).length;
  const n_failed = cells.filter(({ status }) => ENDED_WITHOUT_RESULT.includes(status)).length;
  return {
    task,
    model,
    quantity,
    unit: FIGURES.get(quantity)?.unit ?? '',
    n_references: cells.length,
    n: points.length,
    n_unreliable: completed.length - points.length,
    n_failed,
    n_missing: cells.length - completed.length - n_failed,
    mae: mean(errors.map(Math.abs)),
    rmse: rootOf(mean(errors.map((error) => error ** 2))),
    mean_error: mean(errors),
    mape_percent: mean(percents),
    n_within_10_percent,
    percent_within_10_percent: cells.length === 0 ? null : (100 * n_within_10_percent) / cells.length,
    points,
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rootOf(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value);
}
