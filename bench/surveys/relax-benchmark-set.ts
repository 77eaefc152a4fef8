// `npm run survey:relax -- FOLDER`: relaxes the benchmark list of MOFSimBench with UFF4MOF and writes
// docs/validation/uff4mof.md, ours beside the published LAMMPS runs and DFT. FOLDER holds the reference data of that
// benchmark (https://github.com/AI4ChemS/mofsim-bench) with an index; no row of it is written anywhere, only ratios.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Uff4mofOptions } from '../../contracts/potential.ts';
import type { Structure } from '../../contracts/structure.ts';
import { relaxStructure } from '../../worker/kernel-client/relax.ts';
import { KernelFailure } from '../../worker/kernel-client/kernel-failure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { volumeOf as volumeOfCell } from '../../worker/structures/cell.ts';
import { parseStructure } from '../../worker/structures/parse-structure.ts';
import { plainName, readPublishedRatios } from '../validation/published-relaxations.ts';

const TIMEOUT_MS = 180_000;
const FMAX_EV_A = 0.001;
const MAX_STEPS = 5000;
/** The benchmark's criterion. */
const LARGEST_DEVIATION = 0.1;

const VARIANTS: readonly { name: string; options: Partial<Uff4mofOptions> }[] = [
  { name: 'paper', options: { dialect: 'paper', fallback: 'uff' } },
  { name: 'lammps_interface', options: { dialect: 'lammps_interface', fallback: 'uff' } },
];

const indexSchema = z.array(
  z.object({
    name: z.string(),
    set: z.string(),
    file: z.string(),
    in_benchmark_list: z.boolean(),
    n_atoms: z.int(),
    dft_optimised_n_atoms: z.int().nullable().default(null),
    dft_optimised_volume_A3: z.number().nullable().default(null),
  }),
);

interface Outcome {
  /** Volume per atom over that of DFT; null when the structure could not be typed or the run failed. */
  ratio: number | null;
  end: string;
  steps: number | null;
  seconds: number | null;
}

interface Row {
  name: string;
  nAtoms: number;
  start: number;
  published: number | null;
  ours: Outcome[];
}

async function survey(folder: string): Promise<Row[]> {
  const index = indexSchema.parse(JSON.parse(await readFile(join(folder, 'structures', 'index.json'), 'utf8')));
  const published = await readPublishedRatios(join(folder, 'uff4mof_lammps_opt.csv'));
  const rows: Row[] = [];
  for (const entry of index) {
    if (entry.set !== 'main_set' || !entry.in_benchmark_list) continue;
    if (entry.dft_optimised_volume_A3 === null || entry.dft_optimised_n_atoms === null) continue;
    const bytes = await readFile(join(folder, 'structures', entry.file));
    const [{ structure }] = parseStructure(bytes, basename(entry.file));
    const perAtom = entry.dft_optimised_volume_A3 / entry.dft_optimised_n_atoms;
    const start = volumeOf(structure) / structure.symbols.length / perAtom;
    const theirs = published.get(plainName(entry.name));
    const ours: Outcome[] = [];
    for (const { options } of VARIANTS) ours.push(await relax(structure, options, perAtom));
    rows.push({
      name: entry.name,
      nAtoms: structure.symbols.length,
      start,
      // Their volume is that of a supercell of the same input, so the ratio to its own start carries over.
      published: theirs === undefined ? null : theirs * start,
      ours,
    });
    process.stderr.write(`${entry.name} ${ours.map(describe).join('  ')}\n`);
  }
  return rows;
}

function volumeOf({ cell }: Structure): number {
  if (cell === null) throw new Error('A structure of the benchmark has no cell.');
  return volumeOfCell(cell);
}

/** One kernel per relaxation: a run that takes too long is ended by ending its process. */
async function relax(structure: Structure, options: Partial<Uff4mofOptions>, dftVolumePerAtom: number) {
  const kernel = await startKernel({ path: locateKernel() });
  const failed = (end: string): Outcome => ({ ratio: null, end, steps: null, seconds: null });
  try {
    const relaxed = await relaxStructure(
      kernel,
      structure,
      {
        potential: {
          kind: 'uff4mof',
          options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none', ...options },
        },
        device: 'cpu',
        precision: 'float64',
        optimizer: 'LBFGS',
        fmax_eV_A: FMAX_EV_A,
        max_steps: MAX_STEPS,
        cell_mode: 'full',
        pressure_eV_A3: 0,
        frame_interval: 0,
      },
      () => undefined,
      { timeoutMs: TIMEOUT_MS },
    );
    const ratio = volumeOf(relaxed.structure) / structure.symbols.length / dftVolumePerAtom;
    return { ratio, end: relaxed.end_state, steps: relaxed.steps, seconds: relaxed.kernel_seconds };
  } catch (error) {
    if (error instanceof KernelFailure) return failed(error.code);
    throw error;
  } finally {
    await kernel.stop();
  }
}

function isWithinLimit(ratio: number | null): boolean {
  return ratio !== null && Math.abs(ratio - 1) <= LARGEST_DEVIATION;
}

function describe(outcome: Outcome): string {
  if (outcome.ratio === null) return outcome.end;
  return `${percent(outcome.ratio)}, ${outcome.steps} steps${outcome.end === 'converged' ? '' : `, ${outcome.end}`}`;
}

function percent(ratio: number): string {
  const value = (100 * (ratio - 1)).toFixed(1);
  return `${value.startsWith('-') ? '' : '+'}${value} %`;
}

function render(rows: readonly Row[]): string {
  const counts = VARIANTS.map(
    (_, v) =>
      rows.filter((row) => isWithinLimit(row.ours[v]?.ratio ?? null) && row.ours[v]?.end === 'converged').length,
  );
  const publishedCount = rows.filter((row) => isWithinLimit(row.published)).length;
  const mark = (ratio: number | null, text: string): string => (isWithinLimit(ratio) ? text : `**${text}**`);
  const table = rows.map((row) =>
    [
      row.name,
      String(row.nAtoms),
      percent(row.start),
      row.published === null ? 'no run' : mark(row.published, percent(row.published)),
      ...row.ours.map((outcome) => mark(outcome.ratio, describe(outcome))),
    ].join(' | '),
  );
  return `# UFF4MOF relaxations of the MOFSimBench list

Made by \`npm run survey:relax -- FOLDER\`; FOLDER holds the reference data of MOFSimBench (Krass, Huang and Moosavi, npj Comput. Mater. 12, 4
(2026), doi 10.1038/s41524-025-01872-3), which is not part of this repository. Atoms and full cell, LBFGS, fmax ${FMAX_EV_A} eV/A, at most ${MAX_STEPS}
steps, cutoff 12.5 A, float64, types that UFF4MOF lacks taken from UFF. Given is the deviation of the volume from DFT; beyond 10 %, or without a result, it is bold.

| within 10 % of the DFT volume, of ${rows.length} structures | |
| --- | --- |
${VARIANTS.map(({ name }, v) => `| ours, dialect \`${name}\`, and converged | **${counts[v]}** |`).join('\n')}
| published LAMMPS/UFF4MOF runs, whether converged or not | ${publishedCount} |

| structure | atoms | as given | published LAMMPS/UFF4MOF | ${VARIANTS.map(({ name }) => `ours, \`${name}\``).join(' | ')} |
| --- | --- | --- | --- | ${VARIANTS.map(() => '---').join(' | ')} |
${table.map((line) => `| ${line} |`).join('\n')}
`;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder of the reference data: npm run survey:relax -- FOLDER');
const page = join(import.meta.dirname, '..', '..', 'docs', 'validation', 'uff4mof.md');
await writeFile(page, render(await survey(folder)));
process.stderr.write(`Wrote ${page}; format it with prettier.\n`);
