// `node bench/validation/npt-drift.ts FOLDER [MINUTES]`: volumes of the benchmark list of MOFSimBench under NPT dynamics with UFF4MOF, beside the
// published LAMMPS runs. Writes docs/validation/npt-drift.md. FOLDER holds the reference data with an index; no row of it is written, only ratios.
// Finished structures are kept in out/validation/npt-drift.jsonl: called again, it goes on with what is missing, full cells before new structures.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { stabilityResultSchema } from '../../contracts/results/stability.ts';
import type { StabilityResult } from '../../contracts/results/stability.ts';
import type { Structure } from '../../contracts/structure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { parseStructure } from '../../worker/structures/parse-structure.ts';
import { Deadline } from '../../worker/workflows/deadline.ts';
import { Reporter } from '../../worker/workflows/reporter.ts';
import { runTask } from '../../worker/workflows/run-task.ts';
import { TaskTimedOut, toTaskError } from '../../worker/workflows/task-failure.ts';
import { nptDriftPage, outcomeSchema } from './npt-drift-page.ts';
import type { CellMotion, DriftOutcome } from './npt-drift-page.ts';

const REPOSITORY = resolve(import.meta.dirname, '..', '..');
const KEPT = join(REPOSITORY, 'out', 'validation', 'npt-drift.jsonl');
const PAGE = join(REPOSITORY, 'docs', 'validation', 'npt-drift.md');
const USUAL_MINUTES = 10;
const DEADLINE_SECONDS = 400;
const LARGEST_DIFFERENCE = 5;
/** The protocol of the benchmark but for the length of the run, which is 50 ps there. */
const PARAMETERS = {
  ensemble: 'NPT',
  temperature_k: 300,
  pressure_GPa: 1e-4,
  timestep_fs: 1,
  equilibration_steps: 1000,
  total_steps: 10_000,
  trajectory_interval: 50,
  model_options: { dialect: 'lammps_interface', fallback: 'uff' },
};

const indexSchema = z.array(
  z.object({ name: z.string(), set: z.string(), file: z.string(), in_benchmark_list: z.boolean(), n_atoms: z.int() }),
);
type Entry = z.infer<typeof indexSchema>[number];

interface PublishedRun {
  drift_percent: number;
  isComplete: boolean;
}

async function survey(folder: string, minutes: number): Promise<void> {
  const entries = indexSchema
    .parse(JSON.parse(readFileSync(join(folder, 'structures', 'index.json'), 'utf8')))
    .filter(({ set, in_benchmark_list }) => set === 'main_set' && in_benchmark_list)
    .sort((a, b) => a.n_atoms - b.n_atoms);
  const published = readPublished(join(folder, 'uff4mof_lammps_npt_md.csv'));
  const budget = new Deadline(60 * minutes);
  const look = async (entry: Entry, cell_motion: CellMotion): Promise<void> => {
    const isKnown = readKept().some((kept) => kept.name === entry.name && kept.cell_motion === cell_motion);
    if (isKnown || budget.hasPassed) return;
    const path = join(folder, 'structures', entry.file);
    const [{ structure }] = parseStructure(readFileSync(path), basename(path));
    const outcome = await simulate(entry, structure, cell_motion, published.get(plainName(entry.name)));
    mkdirSync(dirname(KEPT), { recursive: true });
    appendFileSync(KEPT, `${JSON.stringify(outcome)}\n`);
    const percent = outcome.last_percent?.toFixed(1) ?? outcome.end;
    process.stderr.write(`${entry.name} ${cell_motion}: ${percent}, ${outcome.seconds.toFixed(0)} s\n`);
  };
  const different = new Set(
    readKept()
      .filter(differs)
      .map(({ name }) => name),
  );
  for (const entry of entries) if (different.has(entry.name)) await look(entry, 'full');
  for (const entry of entries) await look(entry, 'isotropic');
  const ps = (PARAMETERS.total_steps * PARAMETERS.timestep_fs) / 1000;
  writeFileSync(PAGE, nptDriftPage(readKept(), { nListed: entries.length, ps, difference: LARGEST_DIFFERENCE }));
}

function differs({ last_percent, published_percent }: DriftOutcome): boolean {
  if (last_percent === null || published_percent === null) return false;
  return Math.abs(last_percent - published_percent) > LARGEST_DIFFERENCE;
}

async function simulate(
  entry: Entry,
  structure: Structure,
  cell_motion: CellMotion,
  published: PublishedRun | undefined,
): Promise<DriftOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'npt-drift-'));
  const kernel = await startKernel({ path: locateKernel() });
  const begin = performance.now();
  const common = () => ({
    name: entry.name,
    n_atoms: entry.n_atoms,
    cell_motion,
    seconds: (performance.now() - begin) / 1000,
    published_percent: published?.drift_percent ?? null,
    published_is_complete: published?.isComplete ?? false,
  });
  const task = {
    task_id: 'task_validation',
    task_type: 'stability' as const,
    model: 'uff4mof',
    parameters: { ...PARAMETERS, cell_motion },
    structure,
    structure_name: entry.name,
    device: 'cpu',
    folder,
  };
  try {
    const { result } = await runTask(task, {
      kernel,
      signal: new AbortController().signal,
      reporter: new Reporter(() => undefined),
      deadline: new Deadline(DEADLINE_SECONDS),
    });
    return { ...common(), ...figuresOf(stabilityResultSchema.parse(result)) };
  } catch (error) {
    const end = error instanceof TaskTimedOut ? 'out of time' : toTaskError(error).type;
    return { ...common(), end, supercell: null, last_percent: null, mean_percent: null };
  } finally {
    await kernel.stop();
    rmSync(folder, { recursive: true });
  }
}

function figuresOf(result: StabilityResult) {
  const volumes = result.series.volume_A3 ?? [];
  const half = volumes.slice(Math.floor(volumes.length / 2));
  const mean = half.reduce((sum, volume) => sum + volume, 0) / half.length;
  return {
    end: result.end_state,
    supercell: result.supercell,
    last_percent: result.volume_drift_percent,
    mean_percent: result.first_volume_A3 === null ? null : 100 * (mean / result.first_volume_A3 - 1),
  };
}

/** By structure. A run that was not broken off ends at step 51000. */
function readPublished(path: string): Map<string, PublishedRun> {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const columns = header.split(',');
  return new Map(
    lines.map((line) => {
      const fields = line.split(',');
      const number = (name: string): number => Number(fields[columns.indexOf(name)]);
      const drift_percent = 100 * (number('final_step_volume') / number('initial_step_volume') - 1);
      return [plainName(fields[0] ?? ''), { drift_percent, isComplete: number('final_step') === 51_000 }];
    }),
  );
}

/** The benchmark's tables spell one structure in several ways. */
function plainName(name: string): string {
  return name.replace(/^AW_/, '').replace(/_primitive|_P1/g, '');
}

function readKept(): DriftOutcome[] {
  if (!existsSync(KEPT)) return [];
  const lines = readFileSync(KEPT, 'utf8').trim().split('\n');
  return lines.map((line) => outcomeSchema.parse(JSON.parse(line)));
}

const [folder, minutes] = process.argv.slice(2);
if (folder === undefined)
  throw new Error('Name the folder of the reference data: node bench/validation/npt-drift.ts FOLDER');
await survey(folder, minutes === undefined ? USUAL_MINUTES : Number(minutes));
process.stderr.write(`Wrote ${PAGE}; format it with prettier.\n`);
