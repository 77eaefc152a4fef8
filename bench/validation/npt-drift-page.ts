// The page of npt-drift.ts. Pure.
import { z } from 'zod';
import { supercellSchema } from '../../contracts/structure.ts';

/** The benchmark's criterion, per cent. */
const LIMIT = 10;

export const outcomeSchema = z.object({
  name: z.string(),
  n_atoms: z.int(),
  duration_ps: z.number(),
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

interface Lengths {
  /** Of the first look and of the whole run, ps. */
  first: number;
  whole: number;
  /** From which difference on, in per cent of the volume, the whole length was run. */
  difference: number;
}

/** @param nListed how many structures the benchmark's list has here */
export function nptDriftPage(outcomes: readonly DriftOutcome[], nListed: number, lengths: Lengths): string {
  const looks = outcomes.filter(({ duration_ps }) => duration_ps === lengths.first);
  const wholes = new Map(
    outcomes.filter(({ duration_ps }) => duration_ps === lengths.whole).map((outcome) => [outcome.name, outcome]),
  );
  const count = (percentOf: (outcome: DriftOutcome) => number | null): number =>
    looks.filter((outcome) => isWithin(percentOf(outcome))).length;
  const longest = (look: DriftOutcome): DriftOutcome => wholes.get(look.name) ?? look;
  const rows = looks.map((look) => rowOf(look, wholes.get(look.name)));
  return `# UFF4MOF under constant pressure: volumes of the MOFSimBench list

Made by \`node bench/validation/npt-drift.ts FOLDER\`; FOLDER holds the reference data of MOFSimBench (Krass, Huang and Moosavi, npj Comput. Mater.
12, 4 (2026), doi 10.1038/s41524-025-01872-3), which is not part of this repository. Ours: the task \`stability\` with the model's dialect \`lammps_interface\`, relaxation in
the fixed cell, 1 ps NVT (Langevin), ${lengths.first} ps NPT (isotropic MTK, 300 K, 1 bar, 1 fs, thermostat 100 fs, barostat 1000 fs), automatic supercells, types
that UFF4MOF lacks taken from UFF. Published: LAMMPS/UFF4MOF, 50 ps of NPT in larger supercells. Where the two differ by more than ${lengths.difference} points, ours was run again
over ${lengths.whole} ps. Given is the change of the volume in per cent of the input cell; beyond ${LIMIT} %, or without a result, it is bold.

${looks.length} of the ${nListed} structures of the list have been run so far, small ones first.

| within ${LIMIT} % of the input volume, of these ${looks.length} | |
| --- | --- |
| ours, at the last step of the longest run | **${count((look) => longest(look).last_percent)}** |
| ours, mean of the second half of the longest run | ${count((look) => longest(look).mean_percent)} |
| published, at the last step that was recorded | ${count(({ published_percent }) => published_percent)} |

| structure | atoms | supercell | published, last (%) | ours, ${lengths.first} ps, last (%) | mean (%) | ours, ${lengths.whole} ps, last (%) | mean (%) | other criteria not passed |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}

function rowOf(look: DriftOutcome, whole: DriftOutcome | undefined): string {
  const { name, n_atoms, supercell, published_percent, published_is_complete } = look;
  const published = published_percent === null ? 'no run' : mark(published_percent);
  const others = (whole ?? look).failed_criteria.filter((criterion) => criterion !== 'volume_drift_percent');
  return [
    name,
    String(n_atoms),
    supercell?.join(' x ') ?? '',
    `${published}${published_percent === null || published_is_complete ? '' : ', broken off'}`,
    look.last_percent === null ? `**${look.end}**` : mark(look.last_percent),
    look.mean_percent === null ? '' : signed(look.mean_percent),
    whole === undefined ? '' : whole.last_percent === null ? `**${whole.end}**` : mark(whole.last_percent),
    typeof whole?.mean_percent === 'number' ? signed(whole.mean_percent) : '',
    others.join(', '),
  ].join(' | ');
}

function isWithin(percent: number | null): boolean {
  return percent !== null && Math.abs(percent) <= LIMIT;
}

function mark(percent: number): string {
  return isWithin(percent) ? signed(percent) : `**${signed(percent)}**`;
}

function signed(percent: number): string {
  return `${percent < 0 ? '' : '+'}${percent.toFixed(1)}`;
}
