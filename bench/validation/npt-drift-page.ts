// The page of npt-drift.ts. Pure.
import { z } from 'zod';
import { supercellSchema } from '../../contracts/structure.ts';

/** The benchmark's criterion, per cent. */
const LIMIT = 10;

export const outcomeSchema = z.object({
  name: z.string(),
  n_atoms: z.int(),
  seconds: z.number(),
  /** `completed`, `diverged`, or the type of the task's error. */
  end: z.string(),
  supercell: supercellSchema.nullable(),
  /** Volume of the last step against the input. */
  last_percent: z.number().nullable(),
  /** Mean of the second half against the input. */
  mean_percent: z.number().nullable(),
  failed_criteria: z.array(z.string()),
  published_percent: z.number().nullable(),
  published_is_complete: z.boolean(),
});
export type DriftOutcome = z.infer<typeof outcomeSchema>;

/** @param nListed how many structures the benchmark's list has here; duration_fs of our runs */
export function nptDriftPage(outcomes: readonly DriftOutcome[], nListed: number, duration_fs: number): string {
  const isWithin = (percent: number | null): boolean => percent !== null && Math.abs(percent) <= LIMIT;
  const count = (predicate: (outcome: DriftOutcome) => boolean): number => outcomes.filter(predicate).length;
  const mark = (percent: number | null, text: string): string => (isWithin(percent) ? text : `**${text}**`);
  const rows = outcomes.map((outcome) =>
    [
      outcome.name,
      String(outcome.n_atoms),
      outcome.supercell?.join(' x ') ?? '',
      outcome.published_percent === null
        ? 'no run'
        : mark(
            outcome.published_percent,
            `${signed(outcome.published_percent)}${outcome.published_is_complete ? '' : ', broken off'}`,
          ),
      outcome.last_percent === null ? `**${outcome.end}**` : mark(outcome.last_percent, signed(outcome.last_percent)),
      outcome.mean_percent === null ? '' : signed(outcome.mean_percent),
      outcome.failed_criteria.join(', '),
    ].join(' | '),
  );
  return `# UFF4MOF under constant pressure: volumes of the MOFSimBench list

Made by \`node bench/validation/npt-drift.ts FOLDER\`; FOLDER holds the reference data of MOFSimBench (Krass, Huang and Moosavi, npj Comput. Mater.
12, 4 (2026), doi 10.1038/s41524-025-01872-3), which is not part of this repository. Ours: the task \`stability\` with the model's dialect \`lammps_interface\`, relaxation in
the fixed cell, 1 ps NVT (Langevin), ${duration_fs / 1000} ps NPT (isotropic MTK, 300 K, 1 bar, 1 fs, thermostat 100 fs, barostat 1000 fs), automatic supercells.
Published: LAMMPS/UFF4MOF, 50 ps of NPT in larger supercells. Given is the change of the volume in per cent of the input cell; beyond ${LIMIT} %, or without a
result, it is bold.

${outcomes.length} of the ${nListed} structures of the list have been run so far, small ones first.

| within ${LIMIT} % of the input volume, of these ${outcomes.length} | |
| --- | --- |
| ours, at the last step | **${count(({ last_percent }) => isWithin(last_percent))}** |
| ours, mean of the second half | ${count(({ mean_percent }) => isWithin(mean_percent))} |
| published, at the last step that was recorded | ${count(({ published_percent }) => isWithin(published_percent))} |

| structure | atoms | supercell | published, last (%) | ours, last (%) | ours, mean (%) | criteria not passed |
| --- | --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}

function signed(percent: number): string {
  return `${percent < 0 ? '' : '+'}${percent.toFixed(1)}`;
}
