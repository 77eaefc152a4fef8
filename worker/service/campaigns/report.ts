// The report of a campaign as one HTML file: how it went, scores, a parity plot per quantity, and every row. Pure.
import type { Campaign, CampaignRow, CampaignScore, CampaignScores } from '../../../contracts/campaign.ts';
import { cellStatusSchema } from '../../../contracts/campaign.ts';
import { FIGURES } from '../../../contracts/key-figures.ts';
import type { PlotSpec } from '../../workflows/output/svg-plot.ts';
import type { Report, ReportRow, ReportTable } from '../../workflows/output/report.ts';
import { formatSignificant } from '../../workflows/report-rows.ts';
import { computes } from './scores.ts';

export function reportOf(
  campaign: Campaign,
  rows: readonly CampaignRow[],
  { scores, n_unmatched_references, unmatched_references }: CampaignScores,
  footer: string,
): Report {
  const { counts, n_cells, n_structures, tasks, models } = campaign;
  const isGood = counts.COMPLETED === n_cells && rows.every(({ is_reliable }) => is_reliable !== false);
  return {
    title: campaign.name,
    subtitle: `${n_structures} structures x ${tasks.map(({ label }) => label).join(', ')} x ${models.join(', ')}`,
    verdict: { isGood, sentence: verdictOf(campaign, rows) },
    structure: null,
    plots: scores
      .filter(({ points }) => points.length > 0)
      .flatMap((score) => [parityPlot(score), deviationPlot(score)]),
    tables: tablesOf(campaign, scores, rows),
    warnings:
      n_unmatched_references === 0
        ? []
        : [
            `${n_unmatched_references} names of reference values belong to no structure of this campaign, such as ` +
              `${unmatched_references.slice(0, 5).join(', ')}.`,
          ],
    footer,
  };
}

/** One after the other: those of the cells are long. */
function* tablesOf(
  campaign: Campaign,
  scores: readonly CampaignScore[],
  rows: readonly CampaignRow[],
): Generator<ReportTable> {
  yield { title: 'Cells', rows: countRows(campaign) };
  yield* scores.map(scoreTable);
  for (const { label } of campaign.tasks) for (const model of campaign.models) yield cellTable(label, model, rows);
}

function verdictOf({ counts, n_cells, status }: Campaign, rows: readonly CampaignRow[]): string {
  const n_doubtful = rows.filter(({ is_reliable }) => is_reliable === false).length;
  const doubtful = n_doubtful === 0 ? '' : `, ${n_doubtful} of them not reliable`;
  const isOver = status === 'COMPLETED' || status === 'CANCELLED';
  const end = isOver ? '' : ' It is still under way.';
  return `${counts.COMPLETED} of ${n_cells} completed${doubtful}. Every other one says below why.${end}`;
}

function countRows({ counts, computed_seconds }: Campaign): ReportRow[] {
  const present = cellStatusSchema.options.filter((status) => counts[status] > 0);
  return [
    ...present.map((status) => ({ name: status, value: String(counts[status]) })),
    { name: 'Computed', value: computed_seconds.toFixed(1), unit: 's' },
  ];
}

function scoreTable(score: CampaignScore): ReportTable {
  const { unit, mae, rmse, mean_error, mape_percent, percent_within_10_percent, n_references } = score;
  const measured = (name: string, value: number | null, in_unit: string): ReportRow => ({
    name,
    value: value === null ? 'none' : formatSignificant(value),
    unit: in_unit,
  });
  return {
    title: `${titleOf(score)}: errors`,
    rows: [
      measured('Mean absolute error', mae, unit),
      measured('Root mean square error', rmse, unit),
      measured('Mean error', mean_error, unit),
      measured('Mean absolute error, of the reference', mape_percent, '%'),
      measured(`Within 10 % of the reference, of all ${n_references}`, percent_within_10_percent, '%'),
      { name: 'Compared', value: String(score.n) },
      { name: 'Completed, but not reliable', value: String(score.n_unreliable) },
      { name: 'Failed', value: String(score.n_failed) },
      { name: 'Not computed yet', value: String(score.n_missing) },
    ],
  };
}

const CLOSE_PERCENT = 10;

/** Computed over reference, with the line on which both are the same. */
function parityPlot(score: CampaignScore): PlotSpec {
  const { points } = score;
  const [low, high] = rangeOf(points);
  return {
    title: titleOf(score),
    xLabel: withUnit('reference', score.unit),
    yLabel: withUnit('computed', score.unit),
    yScale: 'linear',
    xRange: 'data',
    series: [
      { points: points.map(({ reference, value }) => ({ x: reference, y: value })), mark: 'points' },
      lineThrough(low, low, high, high),
    ],
  };
}

/** What a parity plot hides where values differ by orders of magnitude; between the lines is within 10 %. */
function deviationPlot(score: CampaignScore): PlotSpec {
  const points = score.points.filter(({ reference }) => reference !== 0);
  const [low, high] = rangeOf(points);
  return {
    title: `${titleOf(score)}: deviation`,
    xLabel: withUnit('reference', score.unit),
    yLabel: 'deviation (%)',
    yScale: 'linear',
    xRange: 'data',
    series: [
      {
        points: points.map(({ reference, value }) => {
          return { x: reference, y: (100 * (value - reference)) / Math.abs(reference) };
        }),
        mark: 'points',
      },
      lineThrough(low, CLOSE_PERCENT, high, CLOSE_PERCENT),
      lineThrough(low, -CLOSE_PERCENT, high, -CLOSE_PERCENT),
    ],
  };
}

function titleOf({ quantity, task, model }: CampaignScore): string {
  return `${FIGURES.get(quantity)?.title.en ?? quantity}: ${task}, ${model}`;
}

function withUnit(name: string, unit: string): string {
  return unit === '' ? name : `${name} (${unit})`;
}

function rangeOf(points: readonly { reference: number }[]): [number, number] {
  return points.reduce<[number, number]>(
    ([low, high], { reference }) => [Math.min(low, reference), Math.max(high, reference)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

function lineThrough(x0: number, y0: number, x1: number, y1: number): PlotSpec['series'][number] {
  return {
    points: [
      { x: x0, y: y0 },
      { x: x1, y: y1 },
    ],
    mark: 'dashed',
  };
}

/** The value that reference values are given for, else the first figure; then the deviation or the reason. */
function cellTable(label: string, model: string, rows: readonly CampaignRow[]): ReportTable {
  const own = rows.filter((row) => row.task === label && row.model === model);
  return {
    title: `Every structure: ${label}, ${model}`,
    rows: own.map((row) => ({ name: row.structure_name, value: valueOf(row), unit: noteOf(row) })),
  };
}

function valueOf({ status, figures, comparisons, task_type }: CampaignRow): string {
  if (status !== 'COMPLETED') return status;
  const [name = ''] = comparisons.map(({ quantity }) => quantity);
  const shown = Object.entries(figures).filter(([key]) => name === '' || (key === name && computes(task_type, key)));
  const [, value] = shown.find(([, candidate]) => typeof candidate === 'number') ?? [];
  return typeof value === 'number' ? formatSignificant(value) : status;
}

function noteOf({ reason, comparisons }: CampaignRow): string {
  const [first] = comparisons;
  const deviation =
    first?.error_percent === undefined || first.error_percent === null
      ? ''
      : `${first.quantity} ${first.error_percent >= 0 ? '+' : ''}${first.error_percent.toFixed(1)} %`;
  return [deviation, reason ?? ''].filter((text) => text !== '').join('; ');
}
