// Memory in use on the GPUs, from nvidia-smi, by UUID.
import { startProcess } from '../processes/start-process.ts';

const TIMEOUT_MS = 5_000;
const QUERY = ['--query-gpu=uuid,memory.used,memory.total', '--format=csv,noheader,nounits'];

export interface GpuUsage {
  memory_used_mb: number;
  memory_total_mb: number;
}

/** @throws ProcessStartError when there is no nvidia-smi; Error when it fails */
export async function readGpuUsage(program = 'nvidia-smi'): Promise<ReadonlyMap<string, GpuUsage>> {
  const child = await startProcess({ path: program, args: QUERY });
  const timer = setTimeout(() => {
    child.kill();
  }, TIMEOUT_MS);
  try {
    const output = (await child.stdout.setEncoding('utf8').toArray()).join('');
    const exit = await child.exited;
    if (exit.code !== 0) {
      throw new Error(
        `nvidia-smi ended with ${exit.code ?? exit.signal ?? 'no exit code'}: ${exit.stderrTail.join(' ')}`,
      );
    }
    return parseGpuUsage(output);
  } finally {
    clearTimeout(timer);
  }
}

/** Lines such as `GPU-8f0c…, 1024, 143771`; lines whose numbers are not available ("[N/A]") are left out. */
export function parseGpuUsage(csv: string): ReadonlyMap<string, GpuUsage> {
  const usage = new Map<string, GpuUsage>();
  for (const line of csv.split('\n')) {
    const [uuid = '', used = '', total = ''] = line.split(',').map((field) => field.trim());
    if (/^\d+$/.test(used) && /^\d+$/.test(total)) {
      usage.set(uuid, { memory_used_mb: Number(used), memory_total_mb: Number(total) });
    }
  }
  return usage;
}
