// The page of npt-drift.ts. Pure.
import { z } from 'zod';
import { supercellSchema } from '../../contracts/structure.ts';

/** The benchmark's criterion, per cent. */
const LIMIT = 10;

export const outcomeSchema = z.object({
  name: z.string(),
  n_atoms: z.int(),
  cell_motion: z.enum(['isotropic', 'full']),
  seconds: z.number(),
  /** `completed`, `diverged`, or the type of the task's error. */
  end: z.string(),
  supercell: supercellSchema.nullable(),
  /** Volume of the last step against the input. */
  last_percent: z.number().nullable(),
  /** Mean of the second half against the input. */
  mean_percent: z.number().nullable(),
  published_percent: z.number().nullable(),
  published_is_complete: z.boolean(),
});
export type DriftOutcome = z.infer<typeof outcomeSchema>;
export type CellMotion = DriftOutcome['cell_motion'];

interface Survey {
  /** How many structures the benchmark's list has here. */
  nListed: number;
  /** Length of a run. */
  ps: number;
  /** From which difference on, in per cent of the volume, a run with a full cell followed. */
  difference: number;
}

export function nptDriftPage(outcomes: readonly DriftOutcome[], { nListed, ps, difference }: Survey): string {
  const looks = outcomes.filter(({ cell_motion }) => cell_motion === 'isotropic');
  const fulls = new Map(
    outcomes.filter(({ cell_motion }) => cell_motion === 'full').map((outcome) => [outcome.name, outcome]),
  );
  const count = (percentOf: (outcome: DriftOutcome) => number | null): number =>
    looks.filter((outcome) => isWithin(percentOf(outcome))).length;
  const ofCompleted = (outcome: DriftOutcome, percent: number | null): number | null =>
    outcome.end === 'completed' ? percent : null;
  const rows = looks.map((look) => rowOf(look, fulls.get(look.name)));
  return `# UFF4MOF under constant pressure: volumes of the MOFSimBench list

Made by \`node bench/validation/npt-drift.ts FOLDER\`; FOLDER holds the reference data of MOFSimBench (Krass, Huang and Moosavi, npj Comput. Mater.
12, 4 (2026), doi 10.1038/s41524-025-01872-3), which is not part of this repository. Ours: the task \`stability\` with the model's dialect \`lammps_interface\`, relaxation in
the fixed cell, 1 ps NVT (Langevin), ${ps} ps NPT (MTK, 300 K, 1 bar, 1 fs, thermostat 100 fs, barostat 1000 fs), automatic supercells, types that UFF4MOF lacks
taken from UFF. The cell is isotropic, as in the benchmark's own protocol. Published: LAMMPS/UFF4MOF, 50 ps of NPT in larger supercells; how its cell moved is not told. Where
the two differ by more than ${difference} points, a run with a full cell followed. Given is the change of the volume in per cent of the input cell; beyond ${LIMIT} %, or without
a result, it is bold.

${looks.length} of the ${nListed} structures of the list have been run so far, small ones first.

| within ${LIMIT} % of the input volume, of these ${looks.length} | |
| --- | --- |
| ours, isotropic, completed, at the last step | **${count((look) => ofCompleted(look, look.last_percent))}** |
| ours, isotropic, completed, mean of the second half | ${count((look) => ofCompleted(look, look.mean_percent))} |
| published, at the last step that was recorded | ${count(({ published_percent }) => published_percent)} |

| structure | atoms | supercell | published, last (%) | isotropic, last (%) | mean (%) | full cell, last (%) | mean (%) |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}

function rowOf(look: DriftOutcome, full: DriftOutcome | undefined): string {
  const { name, n_atoms, supercell, published_percent, published_is_complete } = look;
  const published = published_percent === null ? 'no run' : mark(published_percent);
  return [
    name,
    String(n_atoms),
    supercell?.join(' x ') ?? '',
    `${published}${published_percent === null || published_is_complete ? '' : ', broken off'}`,
    ...volumesOf(look),
    ...(full === undefined ? ['', ''] : volumesOf(full)),
  ].join(' | ');
}

function volumesOf({ last_percent, mean_percent, end }: DriftOutcome): [last: string, mean: string] {
  if (last_percent === null || mean_percent === null) return [`**${end}**`, ''];
  return [`${mark(last_percent)}${end === 'completed' ? '' : `, ${end}`}`, signed(mean_percent)];
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
