// `mofsim campaign list | show | follow | table | scores | report | cancel | retry | delete`.
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { cellStatusSchema } from '../../../contracts/campaign.ts';
import type { CampaignRow, CampaignScore } from '../../../contracts/campaign.ts';
import { checked } from '../checked.ts';
import { badInput } from '../cli-error.ts';
import { connectionOptionsSchema, withService } from '../connect.ts';
import { printJson, printTable, printWarnings } from '../print.ts';
import { followCampaign, progressLine, reportEnd } from './follow-campaign.ts';
import { referenceOf, referenceOptionsShape } from './submit-campaign.ts';

export async function listCampaigns(rawOptions: unknown): Promise<void> {
  const options = checked(connectionOptionsSchema, rawOptions, 'option');
  const { campaigns, pagination } = await withService(options, (api) => api.campaigns());
  if (options.json === true) {
    printJson({ campaigns, pagination });
    return;
  }
  const rows = campaigns.map(({ campaign_id, status, progress, n_cells, created_at, name }) => [
    campaign_id,
    status,
    `${progress.toFixed(0)} %`,
    String(n_cells),
    created_at.slice(0, 16).replace('T', ' '),
    name,
  ]);
  printTable([['CAMPAIGN', 'STATUS', '', 'CELLS', 'SUBMITTED', 'NAME'], ...rows]);
}

export async function showCampaign(campaign_id: string, rawOptions: unknown): Promise<void> {
  const options = checked(connectionOptionsSchema, rawOptions, 'option');
  const campaign = await withService(options, (api) => api.campaign(campaign_id));
  if (options.json === true) printJson(campaign);
  else console.log(`${campaign.name}\n${progressLine(campaign)}`);
}

export async function followToEnd(campaign_id: string, rawOptions: unknown): Promise<void> {
  const options = checked(connectionOptionsSchema, rawOptions, 'option');
  await withService(options, async (api) => {
    await reportEnd(api, await followCampaign(api, campaign_id), options.json === true);
  });
}

const tableOptionsSchema = connectionOptionsSchema.extend({
  csv: z.string().min(1).optional(),
  status: cellStatusSchema.optional(),
});

export async function showTable(campaign_id: string, rawOptions: unknown): Promise<void> {
  const options = checked(tableOptionsSchema, rawOptions, 'option');
  const { csv, status } = options;
  if (csv !== undefined) {
    refuseExisting(csv);
    await withService(options, (api) => api.saveCampaignTable(campaign_id, csv));
    console.log(csv);
    return;
  }
  const rows = await withService(options, (api) => api.campaignRows(campaign_id, status));
  if (options.json === true) printJson({ rows });
  else printRows(rows);
}

/** A table per task: another one has other figures. */
function printRows(rows: readonly CampaignRow[]): void {
  const byTask = Map.groupBy(rows, ({ task }) => task);
  for (const [task, own] of byTask) {
    if (byTask.size > 1) console.log(`\n${task}`);
    printTable(linesOf(own));
  }
}

function linesOf(rows: readonly CampaignRow[]): string[][] {
  const figures = [...new Set(rows.flatMap((row) => Object.keys(row.figures)))];
  const quantities = [...new Set(rows.flatMap((row) => row.comparisons.map(({ quantity }) => quantity)))];
  const header = ['STRUCTURE', 'MODEL', 'STATUS', ...figures, ...quantities.map((name) => `${name} error %`), 'REASON'];
  const lines = rows.map((row) => [
    row.structure_name,
    row.model,
    row.status,
    ...figures.map((name) => shown(row.figures[name] ?? null)),
    ...quantities.map((name) =>
      shown(row.comparisons.find(({ quantity }) => quantity === name)?.error_percent ?? null),
    ),
    row.reason ?? '',
  ]);
  return [header, ...lines];
}

function shown(value: number | boolean | null): string {
  if (value === null) return '';
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(Number(value.toPrecision(6)));
}

const scoreOptionsSchema = connectionOptionsSchema.extend(referenceOptionsShape);

/** With --reference the values of the file take the place of those that the campaign had. */
export async function showScores(campaign_id: string, rawOptions: unknown): Promise<void> {
  const options = checked(scoreOptionsSchema, rawOptions, 'option');
  const reference = await referenceOf(options);
  const found = await withService(options, async (api) => {
    if (reference !== null) await api.setCampaignReference(campaign_id, reference);
    return api.campaignScores(campaign_id);
  });
  if (options.json === true) {
    printJson(found);
    return;
  }
  const { scores, unmatched_references, n_unmatched_references, structures_without_reference } = found;
  if (scores.length === 0) console.log('No reference value meets a result. Give some with --reference FILE.csv.');
  else printTable([SCORE_HEADER, ...scores.map(scoreLine)]);
  const named = (names: readonly string[]): string => names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '');
  printWarnings([
    ...(n_unmatched_references === 0
      ? []
      : [`${n_unmatched_references} names of the reference are no structure here: ${named(unmatched_references)}`]),
    ...(structures_without_reference.length === 0
      ? []
      : [
          `${structures_without_reference.length} structures have no reference: ${named(structures_without_reference)}`,
        ]),
  ]);
}

const SCORE_HEADER = [
  'QUANTITY',
  'TASK',
  'MODEL',
  'COMPARED',
  'NOT RELIABLE',
  'FAILED',
  'MISSING',
  'MAE',
  'RMSE',
  'MAPE %',
  'WITHIN 10 %',
];

function scoreLine(score: CampaignScore): string[] {
  const { n_within_10_percent, n_references, percent_within_10_percent, unit } = score;
  const inUnit = (value: number | null): string => (value === null ? '' : `${shown(value)} ${unit}`.trim());
  return [
    score.quantity,
    score.task,
    score.model,
    `${score.n} of ${n_references}`,
    String(score.n_unreliable),
    String(score.n_failed),
    String(score.n_missing),
    inUnit(score.mae),
    inUnit(score.rmse),
    shown(score.mape_percent),
    `${n_within_10_percent} of ${n_references} (${percent_within_10_percent?.toFixed(1) ?? '-'} %)`,
  ];
}

export async function saveReport(campaign_id: string, rawOptions: unknown): Promise<void> {
  const options = checked(connectionOptionsSchema.extend({ out: z.string().min(1).optional() }), rawOptions, 'option');
  const file = options.out ?? `${campaign_id}.html`;
  refuseExisting(file);
  await withService(options, (api) => api.saveCampaignReport(campaign_id, file));
  if (options.json === true) printJson({ file });
  else console.log(file);
}

export async function changeCampaign(
  change: 'cancel' | 'retry' | 'delete',
  campaign_id: string,
  rawOptions: unknown,
): Promise<void> {
  const options = checked(connectionOptionsSchema, rawOptions, 'option');
  const receipt = await withService(options, async (api): Promise<Record<string, unknown>> => {
    switch (change) {
      case 'cancel':
        return api.cancelCampaign(campaign_id);
      case 'retry':
        return api.retryCampaign(campaign_id);
      case 'delete':
        return api.deleteCampaign(campaign_id);
    }
  });
  if (options.json === true) printJson(receipt);
  else
    console.log(
      Object.entries(receipt)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join('  '),
    );
}

function refuseExisting(file: string): void {
  if (existsSync(file)) throw badInput(`${file} exists already. Choose another name.`);
}
