// What nvidia-smi tells: GPUs with their state, and the programs that compute on them. Identity is the UUID.
import { startProcess } from '../processes/start-process.ts';

const TIMEOUT_MS = 10_000;
const FORMAT = '--format=csv,noheader,nounits';
/** What is asked of every GPU, in this order; names last, because they may hold commas. */
export const GPU_FIELDS = [
  'index',
  'uuid',
  'memory.used',
  'memory.total',
  'utilization.gpu',
  'temperature.gpu',
  'power.draw',
  'ecc.errors.uncorrected.volatile.total',
  'name',
] as const;
export const PROCESS_FIELDS = ['gpu_uuid', 'pid', 'used_memory', 'process_name'] as const;
/** What stands in a field of a GPU that has fallen off, instead of "[N/A]" for a figure that it does not measure. */
const LOST = /lost|requires reset|unknown error/i;

export interface GpuReading {
  uuid: string;
  /** As nvidia-smi counts: by PCI address. */
  index: number;
  name: string;
  memory_used_mb: number | null;
  memory_total_mb: number | null;
  utilization_percent: number | null;
  temperature_c: number | null;
  power_w: number | null;
  /** Uncorrectable memory errors since the driver was loaded; null where there is no ECC. */
  ecc_errors: number | null;
  /** The driver's words for a GPU that has fallen off; null while it answers. */
  problem: string | null;
}

export interface GpuProcess {
  gpu_uuid: string;
  pid: number;
  name: string;
  memory_used_mb: number | null;
}

export interface GpuReadings {
  gpus: readonly GpuReading[];
  /** What nvidia-smi said besides, such as the reason why a GPU is missing; null when it said nothing. */
  complaint: string | null;
}

/** It hangs, which says nothing about the GPUs. */
export class NvidiaSmiTimeout extends Error {
  constructor() {
    super(`nvidia-smi did not answer within ${TIMEOUT_MS / 1000} s.`);
    this.name = 'NvidiaSmiTimeout';
  }
}

/**
 * A GPU that has fallen off can make nvidia-smi refuse to list the others; then each known one is asked for by itself.
 *
 * @throws ProcessStartError when there is no nvidia-smi; NvidiaSmiTimeout; Error with its words when it fails
 */
export async function readGpus(program: string, known: readonly string[] = []): Promise<GpuReadings> {
  const all = await query(program, [`--query-gpu=${GPU_FIELDS.join(',')}`, FORMAT]);
  const gpus = parseGpuReadings(all.output);
  if (gpus.length > 0 || all.hasSucceeded) return { gpus, complaint: all.hasSucceeded ? null : all.complaint };
  for (const uuid of known.length > 1 ? known : []) {
    const one = await query(program, ['-i', uuid, `--query-gpu=${GPU_FIELDS.join(',')}`, FORMAT]);
    gpus.push(...parseGpuReadings(one.output));
  }
  if (gpus.length === 0) throw new Error(`nvidia-smi lists no GPU: ${all.complaint}`);
  return { gpus, complaint: all.complaint };
}

/** @throws ProcessStartError when there is no nvidia-smi; NvidiaSmiTimeout; Error when it fails */
export async function readGpuProcesses(program: string): Promise<GpuProcess[]> {
  const { output, hasSucceeded, complaint } = await query(program, [
    `--query-compute-apps=${PROCESS_FIELDS.join(',')}`,
    FORMAT,
  ]);
  if (!hasSucceeded) throw new Error(`nvidia-smi lists no processes: ${complaint}`);
  return parseGpuProcesses(output);
}

/** Lines without a UUID (messages of the driver) are left out. */
export function parseGpuReadings(csv: string): GpuReading[] {
  return rows(csv, GPU_FIELDS.length).flatMap((fields) => {
    const [index = '', uuid = '', used = '', total = '', utilization = '', temperature = '', power = '', ecc = ''] =
      fields;
    if (!uuid.startsWith('GPU-') || !/^\d+$/.test(index)) return [];
    return {
      uuid,
      index: Number(index),
      name: fields.at(-1) ?? '',
      memory_used_mb: figure(used),
      memory_total_mb: figure(total),
      utilization_percent: figure(utilization),
      temperature_c: figure(temperature),
      power_w: figure(power),
      ecc_errors: figure(ecc),
      problem: fields.find((field) => field.startsWith('[') && LOST.test(field)) ?? null,
    };
  });
}

export function parseGpuProcesses(csv: string): GpuProcess[] {
  return rows(csv, PROCESS_FIELDS.length).flatMap(([gpu_uuid = '', pid = '', memory = '', name = '']) =>
    gpu_uuid.startsWith('GPU-') && /^\d+$/.test(pid)
      ? [{ gpu_uuid, pid: Number(pid), name, memory_used_mb: figure(memory) }]
      : [],
  );
}

/** Fields of every line; what is beyond the last one belongs to it. */
function rows(csv: string, nFields: number): string[][] {
  return csv
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .filter((fields) => fields.length >= nFields)
    .map((fields) => [...fields.slice(0, nFields - 1), fields.slice(nFields - 1).join(', ')]);
}

/** null for "[N/A]", "[Not Supported]" and the like. */
function figure(text: string): number | null {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

interface Answer {
  output: string;
  hasSucceeded: boolean;
  complaint: string;
}

async function query(program: string, args: readonly string[]): Promise<Answer> {
  const child = await startProcess({ path: program, args });
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  deadline.addEventListener('abort', () => {
    child.kill();
  });
  const output = (await child.stdout.setEncoding('utf8').toArray()).join('');
  const { code, signal, stderrTail } = await child.exited;
  if (deadline.aborted) throw new NvidiaSmiTimeout();
  const hasSucceeded = code === 0;
  // nvidia-smi writes its errors to stdout, among the lines of the table.
  const messages = output.split('\n').filter((line) => line.trim() !== '' && !line.includes('GPU-'));
  const words = [...messages, ...stderrTail].join(' ').trim();
  return {
    output,
    hasSucceeded,
    complaint: words === '' ? `it ended with ${signal ?? code ?? 'no exit code'}` : words,
  };
}
