// `node bench/validation/heat-capacity-dft.ts FOLDER [MINUTES]`: heat capacities of the small frameworks of MOFSimBench's heat-capacity
// set with UFF4MOF, by the benchmark's protocol, beside its DFT values. Prints a table in Markdown; FOLDER holds the reference data
// with an index, and only ratios to it are printed. Finished structures are kept in out/validation/heat-capacity-dft.jsonl: called again,
// it goes on with what is missing.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { heatCapacityResultSchema } from '../../contracts/results/heat-capacity.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { parseStructure } from '../../worker/structures/parse-structure.ts';
import { Deadline } from '../../worker/workflows/deadline.ts';
import { Reporter } from '../../worker/workflows/reporter.ts';
import { runTask } from '../../worker/workflows/run-task.ts';
import { toTaskError } from '../../worker/workflows/task-failure.ts';

const KEPT = resolve(import.meta.dirname, '..', '..', 'out', 'validation', 'heat-capacity-dft.jsonl');
const DEADLINE_SECONDS = 300;
/** The protocol of the benchmark, but for LBFGS in the place of BFGS. */
const PARAMETERS = {
  temperature_range: [300, 300],
  supercell: [1, 1, 1],
  fmax: 0.001,
  max_steps: 1000,
  model_options: { fallback: 'uff' },
};

const outcomeSchema = z.object({
  name: z.string(),
  n_atoms: z.int(),
  seconds: z.number(),
  cv_300K_J_g_K: z.number().nullable(),
  n_imaginary_modes: z.int().nullable(),
  n_modes: z.int().nullable(),
  lowest_frequency_THz: z.number().nullable(),
  converged: z.boolean(),
  volume_change_percent: z.number().nullable(),
  /** Of a task without a result. */
  error: z.string().nullable(),
});
type Outcome = z.infer<typeof outcomeSchema>;

/** cif_name -> J/(g K). */
function readReference(folder: string): Map<string, number> {
  const lines = readFileSync(join(folder, 'dft_heat_capacity_300K.csv'), 'utf8').trim().split('\n').slice(1);
  return new Map(lines.map((line) => [line.split(',')[0] ?? '', Number(line.split(',')[1])]));
}

function keptOutcomes(): Outcome[] {
  if (!existsSync(KEPT)) return [];
  const lines = readFileSync(KEPT, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => outcomeSchema.parse(JSON.parse(line)));
}

/** One kernel per structure: a run that does not end is ended by ending its process. */
async function compute(path: string): Promise<Outcome> {
  const name = basename(path, '.cif');
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-heat-'));
  const kernel = await startKernel({ path: locateKernel() });
  const begin = performance.now();
  const [{ structure }] = parseStructure(readFileSync(path), path);
  const seconds = (): number => Number(((performance.now() - begin) / 1000).toFixed(1));
  const known = { name, n_atoms: structure.symbols.length };
  try {
    const { result } = await runTask(
      {
        task_id: 'task_validation0',
        task_type: 'heat-capacity',
        model: 'uff4mof',
        parameters: PARAMETERS,
        structure,
        structure_name: name,
        device: 'cpu',
        folder,
      },
      {
        kernel,
        signal: new AbortController().signal,
        reporter: new Reporter(() => undefined),
        deadline: new Deadline(DEADLINE_SECONDS),
      },
    );
    const found = heatCapacityResultSchema.parse(result);
    const { n_imaginary_modes, n_modes, lowest_frequency_THz, relaxation } = found;
    return {
      ...known,
      seconds: seconds(),
      cv_300K_J_g_K: found.specific_heat_capacities[0] ?? null,
      n_imaginary_modes,
      n_modes,
      lowest_frequency_THz,
      converged: relaxation?.converged ?? false,
      volume_change_percent: relaxation?.volume_change_percent ?? null,
      error: null,
    };
  } catch (error) {
    const nothing = { cv_300K_J_g_K: null, n_imaginary_modes: null, n_modes: null, lowest_frequency_THz: null };
    const { message } = toTaskError(error);
    return {
      ...known,
      ...nothing,
      seconds: seconds(),
      converged: false,
      volume_change_percent: null,
      error: message,
    };
  } finally {
    await kernel.stop();
    rmSync(folder, { recursive: true });
  }
}

async function computeMissing(folder: string, minutes: number): Promise<void> {
  const done = new Set(keptOutcomes().map(({ name }) => name));
  const set = join(folder, 'structures', 'hcmof');
  const missing = readdirSync(set)
    .filter((file) => file.endsWith('.cif') && !done.has(basename(file, '.cif')))
    .sort();
  const end = performance.now() + 60_000 * minutes;
  mkdirSync(dirname(KEPT), { recursive: true });
  for (const file of missing) {
    if (performance.now() > end) return;
    const outcome = await compute(join(set, file));
    appendFileSync(KEPT, `${JSON.stringify(outcome)}\n`);
    process.stderr.write(`${outcome.name}: ${outcome.cv_300K_J_g_K?.toFixed(4) ?? outcome.error ?? ''}\n`);
  }
}

function printTable(reference: ReadonlyMap<string, number>): void {
  const rows = keptOutcomes().sort((a, b) => a.name.localeCompare(b.name));
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  print('| structure | atoms | ours / DFT | imaginary modes, % | lowest frequency, THz | relaxed | volume change, % |');
  print('| --- | ---: | ---: | ---: | ---: | --- | ---: |');
  const errors: number[] = [];
  const absolute: number[] = [];
  for (const row of rows) {
    const dft = reference.get(row.name) ?? Number.NaN;
    if (row.cv_300K_J_g_K === null) {
      print(`| ${row.name} | ${row.n_atoms} | – | – | – | ${row.error ?? ''} | – |`);
      continue;
    }
    const ratio = row.cv_300K_J_g_K / dft;
    errors.push(Math.abs(ratio - 1));
    absolute.push(Math.abs(row.cv_300K_J_g_K - dft));
    const imaginary = (100 * (row.n_imaginary_modes ?? 0)) / (row.n_modes ?? 1);
    print(
      `| ${row.name} | ${row.n_atoms} | ${ratio.toFixed(3)} | ${imaginary.toFixed(2)} | ${(row.lowest_frequency_THz ?? 0).toFixed(3)} | ` +
        `${row.converged ? 'yes' : 'no'} | ${(row.volume_change_percent ?? 0).toFixed(1)} |`,
    );
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  print('');
  print(
    `${errors.length} structures: mean absolute error ${mean(absolute).toFixed(4)} J/(g K), mean absolute percentage error ` +
      `${(100 * mean(errors)).toFixed(2)} %, largest ${(100 * Math.max(...errors)).toFixed(1)} %.`,
  );
}

const [folder, minutes = '15'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say where the reference data is: heat-capacity-dft.ts FOLDER [MINUTES]');
await computeMissing(folder, Number(minutes));
printTable(readReference(folder));
