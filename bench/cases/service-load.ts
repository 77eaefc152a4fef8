// How long submissions and questions about a task take at 200 requests a second while a task computes on all cores.
import { successSchema } from '../../contracts/envelope.ts';
import { submissionReceiptSchema } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { ApiClient } from '../../worker/cli/api-client.ts';
import { RESOURCES_FOLDER } from '../../worker/cli/paths.ts';
import { readStructure } from '../../worker/cli/read-structure.ts';
import { buildSupercell } from '../../worker/structures/supercell.ts';
import { writeStructure } from '../../worker/structures/write-structure.ts';
import { measureDiskSync } from '../disk-sync.ts';
import { percentile, runLoad } from '../load.ts';
import type { LoadAnswer, LoadRequest } from '../load.ts';
import { machineLoad, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { API_KEY, makeUnlimitedHome, startService } from '../service-process.ts';

const REQUESTS_PER_SECOND = 200;
const WARM_UP_SECONDS = 3;
const SECONDS = 20;
/** One after the other; what is submitted under load waits behind them. */
const N_LONG_TASKS = 10;
const SHORT_TASK = { model: 'uff4mof', structure: { source: 'builtin', name: 'MOF-5_primitive' } };

const receiptSchema = successSchema(submissionReceiptSchema);

export async function measureLoad(version: string, home: string): Promise<Measurement[]> {
  await makeUnlimitedHome(home);
  const disk = await measureDiskSync(home);
  const service = await startService(home);
  try {
    const api = new ApiClient(service.url, API_KEY, AbortSignal.timeout(600_000));
    const long = await longTask();
    const computing: string[] = [];
    for (let i = 0; i < N_LONG_TASKS; i += 1) computing.push((await api.submit('optimization', long)).task_id);
    const [first = '', last = ''] = [computing[0], computing.at(-1)];
    await untilComputing(api, first);
    const submitted: string[] = [...computing];
    // Every second request asks for one of the tasks that the others have submitted.
    const next = (i: number): LoadRequest =>
      i % 2 === 0
        ? { kind: 'submit', method: 'POST', path: '/tasks/single-point-energy', body: SHORT_TASK }
        : { kind: 'status', method: 'GET', path: `/tasks/${submitted[(i * 7919) % submitted.length] ?? ''}` };
    const onAnswer = ({ kind, status, body }: LoadAnswer): void => {
      if (kind === 'submit' && status === 202) submitted.push(receiptSchema.parse(JSON.parse(body)).data.task_id);
    };
    const load = { url: service.url, requests_per_second: REQUESTS_PER_SECOND, next, onAnswer };
    await runLoad({ ...load, seconds: WARM_UP_SECONDS });
    const before = service.ownCpuSeconds() ?? NaN;
    const answers = await runLoad({ ...load, seconds: SECONDS });
    const cpu_ms_per_request = (((service.ownCpuSeconds() ?? NaN) - before) * 1000) / answers.length;
    const { status } = await api.task(last);
    const notes = isFinalStatus(status) ? ['The long tasks had ended before the load did.'] : [];
    return (['submit', 'status'] as const).map((kind) =>
      measurementOf(
        version,
        kind,
        answers,
        { cpu_ms_per_request, disk_sync_p50_ms: disk.p50_ms, disk_sync_p99_ms: disk.p99_ms },
        notes,
      ),
    );
  } finally {
    await service.stop();
  }
}

/** 3392 atoms to a threshold that takes them many seconds on a few cores. */
async function longTask(): Promise<unknown> {
  const { structure } = await readStructure('MOF-5', RESOURCES_FOLDER);
  const content = writeStructure(buildSupercell(structure, [2, 2, 2]), 'xyz', 'MOF-5 2x2x2');
  return {
    model: 'uff4mof',
    structure: { source: 'inline', format: 'xyz', content },
    parameters: { fmax: 1e-6, max_steps: 100_000 },
    priority: 'HIGH',
  };
}

async function untilComputing(api: ApiClient, task_id: string): Promise<void> {
  for await (const event of api.events(task_id)) if (event.type === 'step') return;
  throw new Error('The long task ended before its first step.');
}

function measurementOf(
  version: string,
  kind: 'submit' | 'status',
  answers: readonly LoadAnswer[],
  circumstances: Readonly<Record<string, number>>,
  notes: readonly string[],
): Measurement {
  const ofKind = answers.filter((answer) => answer.kind === kind);
  const refused = ofKind.filter(({ status }) => status >= 300).length;
  const times = ofKind.map(({ milliseconds }) => milliseconds);
  return {
    case: `service_${kind}_p99_under_load`,
    unit: 'ms',
    ours: { program: 'mofsim', version, value: percentile(times, 0.99) },
    peers: [],
    settings: {
      requests_per_second: REQUESTS_PER_SECOND,
      ...machineLoad(),
      n_requests: ofKind.length,
      n_refused: refused,
      p50_ms: rounded(percentile(times, 0.5)),
      p90_ms: rounded(percentile(times, 0.9)),
      max_ms: rounded(Math.max(...times)),
      ...Object.fromEntries(Object.entries(circumstances).map(([name, value]) => [name, rounded(value)])),
    },
    notes: [...notes],
  };
}
