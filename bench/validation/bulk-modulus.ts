// `node bench/validation/bulk-modulus.ts FOLDER [MINUTES]`: bulk moduli of the benchmark list of MOFSimBench with UFF4MOF, and the equations of state on
// its DFT curves. Writes docs/validation/bulk-modulus.md. FOLDER holds the reference data with an index; no row of it is written, only ratios.
// Finished structures are kept in out/validation/bulk-modulus.jsonl: called again, it goes on with what is missing.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { bulkModulusResultSchema } from '../../contracts/results/bulk-modulus.ts';
import type { Kernel } from '../../worker/kernel-client/kernel.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { parseStructure } from '../../worker/structures/parse-structure.ts';
import { Deadline } from '../../worker/workflows/deadline.ts';
import { Reporter } from '../../worker/workflows/reporter.ts';
import { runTask } from '../../worker/workflows/run-task.ts';
import { toTaskError } from '../../worker/workflows/task-failure.ts';
import { bulkModulusPage } from './bulk-modulus-page.ts';
import { readDftCurves } from './dft-curves.ts';

const REPOSITORY = resolve(import.meta.dirname, '..', '..');
const KEPT = join(REPOSITORY, 'out', 'validation', 'bulk-modulus.jsonl');
const PAGE = join(REPOSITORY, 'docs', 'validation', 'bulk-modulus.md');
const DEADLINE_SECONDS = 180;
/** The protocol of the benchmark. */
export const PARAMETERS = {
  strain_range: 0.04,
  num_points: 11,
  fmax: 0.001,
  max_steps: 1000,
  model_options: { fallback: 'uff' },
};

export const outcomeSchema = z.object({
  name: z.string(),
  n_atoms: z.int(),
  seconds: z.number(),
  bulk_modulus_GPa: z.number().nullable(),
  is_reliable: z.boolean(),
  failed_criteria: z.array(z.string()),
  pressure_difference_percent: z.number().nullable(),
  /** Of a task without a result. */
  error: z.string().nullable(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

const indexSchema = z.array(
  z.object({
    name: z.string(),
    set: z.string(),
    file: z.string(),
    in_benchmark_list: z.boolean(),
    has_dft_bulk_modulus: z.boolean(),
    n_atoms: z.int(),
  }),
);

function keptOutcomes(): Outcome[] {
  if (!existsSync(KEPT)) return [];
  const lines = readFileSync(KEPT, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => outcomeSchema.parse(JSON.parse(line)));
}

async function computeMissing(folder: string, minutes: number): Promise<void> {
  const index = indexSchema.parse(JSON.parse(readFileSync(join(folder, 'structures', 'index.json'), 'utf8')));
  const done = new Set(keptOutcomes().map(({ name }) => name));
  const missing = index
    .filter((entry) => entry.set === 'main_set' && entry.in_benchmark_list && entry.has_dft_bulk_modulus)
    .filter(({ name }) => !done.has(name))
    .sort((a, b) => a.n_atoms - b.n_atoms);
  const end = performance.now() + 60_000 * minutes;
  mkdirSync(join(KEPT, '..'), { recursive: true });
  for (const { name, file } of missing) {
    if (performance.now() > end) return;
    const outcome = await compute(name, join(folder, 'structures', file));
    appendFileSync(KEPT, `${JSON.stringify(outcome)}\n`);
    process.stderr.write(`${name}: ${outcome.bulk_modulus_GPa?.toFixed(2) ?? outcome.error ?? ''}\n`);
  }
}

/** One kernel per structure: a run that does not end is ended by ending its process. */
async function compute(name: string, path: string): Promise<Outcome> {
  const [{ structure }] = parseStructure(readFileSync(path), basename(path));
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-validation-'));
  const kernel = await startKernel({ path: locateKernel() });
  const begin = performance.now();
  const known = { name, n_atoms: structure.symbols.length };
  try {
    const task = { model: 'uff4mof', structure, structure_name: name, device: 'cpu', folder };
    const result = await run(kernel, task);
    return {
      ...known,
      seconds: (performance.now() - begin) / 1000,
      bulk_modulus_GPa: result.bulk_modulus_GPa,
      is_reliable: result.is_reliable,
      failed_criteria: result.criteria.filter(({ passed }) => !passed).map((criterion) => criterion.name),
      pressure_difference_percent: result.pressure_check?.difference_percent ?? null,
      error: null,
    };
  } catch (error) {
    const seconds = (performance.now() - begin) / 1000;
    const nothing = {
      bulk_modulus_GPa: null,
      is_reliable: false,
      failed_criteria: [],
      pressure_difference_percent: null,
    };
    return { ...known, ...nothing, seconds, error: seconds > DEADLINE_SECONDS ? 'TimedOut' : toTaskError(error).type };
  } finally {
    await kernel.stop();
    rmSync(folder, { recursive: true });
  }
}

async function run(
  kernel: Kernel,
  task: Pick<Parameters<typeof runTask>[0], 'model' | 'structure' | 'structure_name' | 'device' | 'folder'>,
) {
  const { result } = await runTask(
    { ...task, task_id: 'task_validation', task_type: 'bulk-modulus', parameters: PARAMETERS },
    {
      kernel,
      signal: new AbortController().signal,
      reporter: new Reporter(() => undefined),
      deadline: new Deadline(DEADLINE_SECONDS),
    },
  );
  return bulkModulusResultSchema.parse(result);
}

const [folder, minutes = '15'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder of the reference data.');
await computeMissing(folder, Number(minutes));
writeFileSync(PAGE, bulkModulusPage(readDftCurves(folder), keptOutcomes()));
