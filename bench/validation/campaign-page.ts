// The page of the campaign over the benchmark list: scores, every structure, and why each that is not within 10 % is not. Pure.
import type { Campaign, CampaignRow, CampaignScores } from '../../contracts/campaign.ts';

export interface Benchmark {
  name: string;
  file: string;
  /** By DFT. */
  volume_per_atom_A3: number;
  /** Deviation of the volume of the input from that of DFT. */
  start_percent: number;
  /** Of the published LAMMPS run; null where there is none. */
  published_percent: number | null;
}

const CLOSE_PERCENT = 10;

export function campaignPage(
  campaign: Campaign,
  rows: readonly CampaignRow[],
  { scores }: CampaignScores,
  benchmark: readonly Benchmark[],
): string {
  const labels = campaign.tasks.map(({ label }) => label);
  const n_published = benchmark.filter(({ published_percent }) => isClose(published_percent)).length;
  const seconds = (label: string): string =>
    rows
      .filter(({ task }) => task === label)
      .reduce((sum, { execution_time_seconds }) => sum + (execution_time_seconds ?? 0), 0)
      .toFixed(0);
  return `# The MOFSimBench list as one campaign

Made by \`node bench/validation/campaign-75.ts FOLDER\`; FOLDER holds the reference data of MOFSimBench (Krass, Huang and Moosavi, npj Comput. Mater. 12, 4
(2026), doi 10.1038/s41524-025-01872-3), which is not part of this repository. One submission to a service on 2 cores: ${campaign.n_structures} structures, relaxed (atoms and full cell, LBFGS,
fmax 0.001 eV/A, at most 5000 steps, cutoff 12.5 A, float64, types that UFF4MOF lacks taken from UFF) with both dialects of UFF4MOF, scored against the volumes per atom of DFT.
It ran unattended from ${campaign.created_at} to ${campaign.finished_at ?? 'now'}; other work shared the cores, so times are upper bounds.

| | ${labels.map((label) => `\`${label}\``).join(' | ')} |
| --- | ${labels.map(() => '---').join(' | ')} |
| computed, s | ${labels.map(seconds).join(' | ')} |
${SCORE_ROWS.map(([name, of]) => `| ${name} | ${scores.map(of).join(' | ')} |`).join('\n')}

Of the published LAMMPS/UFF4MOF runs, whether converged or not, ${n_published} are within 10 %.

## What is not within 10 %, and why

| structure | dialect | volume | why |
| --- | --- | --- | --- |
${rows
  .filter((row) => row.is_reliable !== true || !isClose(deviationOf(row)))
  .map(
    (row) =>
      `| ${row.structure_name} | \`${row.task}\` | ${percent(deviationOf(row))} | ${whyNot(row, rows, benchmark)} |`,
  )
  .join('\n')}

## Every structure

Deviation of the volume per atom from that of DFT.

| structure | atoms | input | published | ${labels.map((label) => `\`${label}\``).join(' | ')} |
| --- | --- | --- | --- | ${labels.map(() => '---').join(' | ')} |
${benchmark.map((each) => structureLine(each, labels, rows)).join('\n')}
`;
}

type Score = CampaignScores['scores'][number];

const SCORE_ROWS: readonly [string, (score: Score) => string][] = [
  ['completed and reliable', ({ n, n_references }) => `${n} of ${n_references}`],
  ['not reliable', ({ n_unreliable }) => String(n_unreliable)],
  ['failed or refused', ({ n_failed }) => String(n_failed)],
  ['not computed', ({ n_missing }) => String(n_missing)],
  [
    '**within 10 % of DFT**',
    ({ n_within_10_percent, n_references }) => `**${n_within_10_percent} of ${n_references}**`,
  ],
  ['MAE, A^3 per atom', ({ mae }) => mae?.toFixed(3) ?? ''],
  ['RMSE, A^3 per atom', ({ rmse }) => rmse?.toFixed(3) ?? ''],
  ['mean error, A^3 per atom', ({ mean_error }) => mean_error?.toFixed(3) ?? ''],
  ['MAPE, %', ({ mape_percent }) => mape_percent?.toFixed(2) ?? ''],
];

/** The plainest reasons first: no result, a flag of the result, the input, the force field elsewhere, its parameters. */
function whyNot(row: CampaignRow, rows: readonly CampaignRow[], benchmark: readonly Benchmark[]): string {
  if (row.status !== 'COMPLETED') return `${row.status}. ${row.reason ?? ''}`;
  const own = benchmark.find(({ name }) => name === row.structure_name);
  const deviation = deviationOf(row) ?? 0;
  const other = rows.find(({ structure_name, task }) => structure_name === row.structure_name && task !== row.task);
  const bonds = row.warnings.find((warning) => warning.startsWith('Bonds have changed'));
  const reasons = [
    ...(row.reason === null ? [] : [row.reason]),
    ...(isAsFar(own?.start_percent ?? null, deviation)
      ? [`The input itself is at ${percent(own?.start_percent ?? null)}.`]
      : []),
    ...(isAsFar(own?.published_percent ?? null, deviation)
      ? [`The force field: the published runs are at ${percent(own?.published_percent ?? null)}.`]
      : []),
    ...(other?.is_reliable === true && isClose(deviationOf(other))
      ? [`The parameters: with \`${other.task}\` it is ${percent(deviationOf(other))}.`]
      : []),
    ...(bonds === undefined ? [] : [`${bonds.split(' (')[0] ?? ''}.`]),
  ];
  if (reasons.length > 0) return reasons.join(' ');
  const elsewhere = other === undefined ? '' : ` (${percent(deviationOf(other))} with \`${other.task}\`)`;
  return `The force field: neither dialect holds its volume${elsewhere}; the published runs are at ${percent(own?.published_percent ?? null)}.`;
}

/** Beyond the limit, to the same side. */
function isAsFar(percents: number | null, deviation: number): boolean {
  return percents !== null && !isClose(percents) && Math.sign(percents) === Math.sign(deviation);
}

function structureLine(
  { name, start_percent, published_percent }: Benchmark,
  labels: readonly string[],
  rows: readonly CampaignRow[],
): string {
  const own = rows.filter(({ structure_name }) => structure_name === name);
  const cells = labels.map((label) => {
    const row = own.find(({ task }) => task === label);
    if (row === undefined) return '';
    if (row.status !== 'COMPLETED') return `**${row.status}**`;
    const text = percent(deviationOf(row)) + (row.is_reliable === true ? '' : ', not converged');
    return isClose(deviationOf(row)) && row.is_reliable === true ? text : `**${text}**`;
  });
  const n_atoms = own[0]?.n_atoms ?? '';
  return `| ${[name, n_atoms, percent(start_percent), published_percent === null ? 'no run' : percent(published_percent), ...cells].join(' | ')} |`;
}

function deviationOf({ comparisons }: CampaignRow): number | null {
  return comparisons[0]?.error_percent ?? null;
}

function isClose(percents: number | null): boolean {
  return percents !== null && Math.abs(percents) <= CLOSE_PERCENT;
}

function percent(value: number | null): string {
  return value === null ? '' : `${value < 0 ? '' : '+'}${value.toFixed(1)} %`;
}
