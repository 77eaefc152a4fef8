// What a user waits for besides the kernel: the start of the service, and the way of one task through it.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { ApiClient } from '../../worker/cli/api-client.ts';
import { median } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';

const API_KEY = 'bench-key-of-one-run-0123456789abcdef';
const N_STARTS = 5;
const N_TASKS = 10;
const COMMAND_LINE = join(import.meta.dirname, '..', '..', 'worker', 'cli', 'mofsim.ts');

interface StartedService {
  child: ChildProcess;
  url: string;
  /** From the start of the process to the first answer, s. */
  seconds: number;
}

async function startService(home: string): Promise<StartedService> {
  const started = performance.now();
  const child = spawn(process.execPath, [COMMAND_LINE, 'serve', '--port', '0', '--home', home], {
    env: { ...process.env, MOFSIM_API_KEY: API_KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) {
    const url = /(http:\/\/[^/\s]+)\//.exec(line)?.[1];
    if (url === undefined) continue;
    const response = await fetch(`${url}/api/v1/health`);
    await response.json();
    return { child, url, seconds: (performance.now() - started) / 1000 };
  }
  throw new Error('The service ended before it printed its address.');
}

async function stopService(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** Wall time of one task as a client sees it, and the time inside the kernel, s. */
async function timeTask(api: ApiClient): Promise<{ wall: number; kernel: number }> {
  const submitted = performance.now();
  const { task_id } = await api.submit('optimization', {
    model: 'uff4mof',
    structure: { source: 'builtin', name: 'MOF-5_primitive' },
    parameters: { fmax: 0.001 },
  });
  let kernel: number | null = null;
  for await (const event of api.events(task_id)) {
    if (event.type === 'log' && typeof event.context.kernel_seconds === 'number') kernel = event.context.kernel_seconds;
    if (event.type === 'state' && isFinalStatus(event.status)) break;
  }
  if (kernel === null) throw new Error('The log of the task does not tell the time in the kernel.');
  return { wall: (performance.now() - submitted) / 1000, kernel };
}

/** Start-up, the relaxation of MOF-5_primitive in the kernel, and what a task costs beyond the kernel. */
export async function measureService(version: string): Promise<Measurement[]> {
  const home = await mkdtemp(join(tmpdir(), 'mofsim-bench-'));
  try {
    const starts: number[] = [];
    for (let i = 0; i < N_STARTS; i += 1) {
      const { child, seconds } = await startService(join(home, 'starts'));
      starts.push(seconds);
      await stopService(child);
    }
    const { child, url } = await startService(join(home, 'tasks'));
    const times: { wall: number; kernel: number }[] = [];
    try {
      const api = new ApiClient(url, API_KEY, AbortSignal.timeout(600_000));
      await timeTask(api);
      for (let i = 0; i < N_TASKS; i += 1) times.push(await timeTask(api));
    } finally {
      await stopService(child);
    }
    const ours = (value: number) => ({ program: 'mofsim', version, value });
    const common = { peers: [], notes: [] };
    return [
      {
        case: 'service_start_to_first_answer',
        unit: 's',
        ours: ours(median(starts)),
        settings: { repeats: N_STARTS },
        ...common,
      },
      {
        case: 'relaxation_in_the_kernel',
        unit: 's',
        ours: ours(median(times.map(({ kernel }) => kernel))),
        settings: { structure: 'MOF-5_primitive', n_atoms: 106, fmax_eV_A: 0.001, relax_cell: true, repeats: N_TASKS },
        ...common,
      },
      {
        case: 'task_overhead_beyond_kernel',
        unit: 's',
        ours: ours(median(times.map(({ wall, kernel }) => wall - kernel))),
        settings: { structure: 'MOF-5_primitive', n_atoms: 106, repeats: N_TASKS },
        ...common,
      },
    ];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
