// `mofsim demo`: the whole way from a structure to a report, through the public API of a service of its own.
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optimizationResultSchema } from '../../contracts/results/optimization.ts';
import type { OptimizationResult } from '../../contracts/results/optimization.ts';
import type { TaskError } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { locateKernel } from '../kernel-client/locate-kernel.ts';
import { forkChild } from '../pool/start-child.ts';
import { createLineLogger } from '../logger.ts';
import { createService } from '../service/service.ts';
import { ApiClient } from './api-client.ts';
import { CliError, EXIT_FAILED, EXIT_INTERRUPTED } from './cli-error.ts';
import { formatEnergyChart } from './energy-chart.ts';
import { RESOURCES_FOLDER } from './paths.ts';
import { printJson, printTable, printWarnings } from './print.ts';
import { onStopSignal } from './stop-signal.ts';
import { createTaskProgress } from './task-progress.ts';

const STRUCTURE = 'MOF-5_primitive';
const MODEL = 'uff4mof';
const FMAX_EV_A = 0.001;
const KEPT_FILES = ['optimized.cif', 'trajectory.xyz', 'report.html'] as const;

interface DemoOutcome {
  result: OptimizationResult;
  execution_time_seconds: number;
  files: Record<(typeof KEPT_FILES)[number], string>;
}

export async function demo(): Promise<void> {
  const kernelPath = locateKernel();
  const home = await mkdtemp(join(tmpdir(), 'mofsim-demo-'));
  const abort = new AbortController();
  const stopListening = onStopSignal(() => {
    abort.abort();
  });
  const problems: string[] = [];
  const service = createService({
    home: join(home, 'service'),
    port: 0,
    resourcesFolder: RESOURCES_FOLDER,
    rendererFolder: null,
    kernelPath,
    startChild: forkChild,
    logger: createLineLogger((line) => problems.push(line)),
  });
  const results = join(home, 'results');
  let outcome: DemoOutcome | null = null;
  try {
    const { url, apiKey } = await service.start();
    console.log(`A service with a temporary data folder answers at ${url}.`);
    outcome = await optimize(new ApiClient(url, apiKey, abort.signal), results);
  } catch (cause) {
    if (abort.signal.aborted) throw new CliError(EXIT_INTERRUPTED, 'Interrupted; nothing is left behind.', { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(EXIT_FAILED, [`The demo failed: ${reason}`, ...problems.slice(-5)].join('\n'), { cause });
  } finally {
    await service.stop();
    stopListening();
    await rm(outcome === null ? home : join(home, 'service'), { recursive: true, force: true });
  }
  printOutcome(outcome, results);
}

async function optimize(api: ApiClient, results: string): Promise<DemoOutcome> {
  const { task_id } = await api.submit('optimization', {
    model: MODEL,
    structure: { source: 'builtin', name: STRUCTURE },
    parameters: { fmax: FMAX_EV_A },
  });
  console.log(`Optimizing ${STRUCTURE} with ${MODEL} until no force is larger than ${FMAX_EV_A} eV/A (${task_id})\n`);
  await follow(api, task_id);
  const { result, execution_time_seconds } = await api.result(task_id);
  await mkdir(results);
  const [cif, trajectory, report] = KEPT_FILES.map((filename) => join(results, filename));
  if (cif === undefined || trajectory === undefined || report === undefined) throw new Error('no files to keep');
  const files = { 'optimized.cif': cif, 'trajectory.xyz': trajectory, 'report.html': report };
  for (const filename of KEPT_FILES) await api.download(task_id, filename, files[filename]);
  return { result: optimizationResultSchema.parse(result), execution_time_seconds, files };
}

/** Draws what the event stream tells until the task has ended. @throws when it did not end as COMPLETED */
async function follow(api: ApiClient, task_id: string): Promise<void> {
  const progress = createTaskProgress(process.stdout);
  try {
    for await (const event of api.events(task_id)) {
      progress.show(event);
      if (event.type === 'state' && isFinalStatus(event.status)) break;
    }
  } finally {
    progress.stop();
  }
  const task = await api.task(task_id);
  if (task.status !== 'COMPLETED') throw new Error(describeEnd(task.status, task.error));
}

function describeEnd(status: string, error: TaskError | null): string {
  return `the task ended as ${status}${error === null ? '.' : `: ${error.message} (${error.type})`}`;
}

function printOutcome({ result, execution_time_seconds, files }: DemoOutcome, folder: string): void {
  const volume = result.final_volume_A3 ?? Number.NaN;
  console.log(`\n${formatEnergyChart(result.energy_history)}\n`);
  printWarnings(result.warnings);
  printTable([
    ['converged', result.converged ? 'yes' : 'no'],
    ['steps', String(result.steps)],
    ['energy', `${result.final_energy_eV.toFixed(6)} eV`],
    ['largest force', `${result.max_force_eV_A.toPrecision(4)} eV/A`],
    ['volume', `${volume.toFixed(3)} A^3`],
    ['time', `${execution_time_seconds.toFixed(3)} s`],
    ['structure', files['optimized.cif']],
    ['trajectory', files['trajectory.xyz']],
    ['report', files['report.html']],
  ]);
  console.log(`The files stay in ${folder}`);
  printJson({
    converged: result.converged,
    steps: result.steps,
    energy_eV: result.final_energy_eV,
    max_force_eV_A: result.max_force_eV_A,
    volume_A3: result.final_volume_A3,
    time_seconds: execution_time_seconds,
    files,
  });
}
