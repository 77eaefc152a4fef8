// Stand-in for a mofkernel on a machine with GPUs: gpu-kernel.ts STATE LOG KERNEL [ARGUMENTS]. Reports the GPUs of the state file
// that CUDA_VISIBLE_DEVICES leaves to it, and passes every calculation on to KERNEL, which really computes it on the CPU. A GPU
// that is lost meanwhile ends the calculation as the real kernel would. LOG holds one line per start: what it could open.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import { FrameDecoder, encodeFrame } from '../../kernel-client/frame.ts';
import type { KernelArray } from '../../kernel-client/frame.ts';
import { readState } from './gpu-machine-state.ts';
import type { MachineGpu } from './gpu-machine-state.ts';

const MB = 1024 * 1024;
const frameSchema = z.looseObject({
  type: z.string(),
  id: z.string().nullable().default(null),
  arrays: z.array(z.object({ name: z.string(), dtype: z.enum(['f64', 'f32', 'i32', 'u8']), shape: z.array(z.int()) })),
  payload_bytes: z.int(),
});
type Header = z.infer<typeof frameSchema>;

const [stateFile = '', logFile = '', kernel = '', ...args] = process.argv.slice(2);
const inner = spawn(kernel, args, { stdio: ['pipe', 'pipe', 'inherit'] });
inner.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.kill(process.pid, signal);
});
inner.stdin.on('error', () => undefined);

const allowed = process.env.CUDA_VISIBLE_DEVICES?.split(',');

function visibleGpus(): MachineGpu[] {
  const { gpus, is_driver_gone } = readState(stateFile);
  if (is_driver_gone) return [];
  return gpus.filter(({ uuid, is_lost }) => !is_lost && (allowed?.includes(uuid) ?? true));
}

function send(header: Readonly<Record<string, unknown>>, arrays: readonly KernelArray[] = []): void {
  for (const part of encodeFrame(header, arrays)) process.stdout.write(part);
}

function passOn(header: Readonly<Record<string, unknown>>, arrays: readonly KernelArray[]): void {
  for (const part of encodeFrame(header, arrays)) inner.stdin.write(part);
}

function describe({ uuid, name, memory_total_mb, memory_used_mb }: MachineGpu, position: number) {
  return {
    device: `cuda:${position}`,
    kind: 'cuda',
    name,
    uuid,
    memory_total_bytes: memory_total_mb * MB,
    memory_free_bytes: (memory_total_mb - memory_used_mb) * MB,
    compute_capability: '8.6',
    n_threads: null,
  };
}

/** GPUs that this process computes on, at its start. */
const opened = visibleGpus().map(({ uuid }) => uuid);
appendFileSync(logFile, `${JSON.stringify(opened)}\n`);
/** Requests that run on a GPU. */
const onGpu = new Set<string>();

const requests = new FrameDecoder<Header>((json) => frameSchema.parse(json));
process.stdin.on('data', (chunk: Buffer) => {
  for (const { header, arrays } of requests.push(chunk)) {
    const device = z.object({ device: z.string() }).safeParse(header).data?.device ?? 'cpu';
    if (device.startsWith('cuda') && header.id !== null) onGpu.add(header.id);
    passOn(device.startsWith('cuda') ? { ...header, device: 'cpu' } : header, arrays);
  }
});
process.stdin.on('end', () => inner.stdin.end());

const answers = new FrameDecoder<Header>((json) => frameSchema.parse(json));
inner.stdout.on('data', (chunk: Buffer) => {
  for (const { header, arrays } of answers.push(chunk)) answer(header, arrays);
});

function answer(header: Header, arrays: readonly KernelArray[]): void {
  if (header.type === 'hello') {
    send({ ...header, cuda_built: true, cuda_architectures: ['86'] }, arrays);
  } else if (header.type === 'devices_result') {
    const gpus = visibleGpus().map(describe);
    const devices = z.array(z.unknown()).parse(header.devices);
    const reason = gpus.length > 0 ? null : 'no CUDA-capable device is detected';
    send({ ...header, devices: [...devices, ...gpus], cuda_unavailable_reason: reason }, arrays);
  } else if (header.id !== null && onGpu.has(header.id) && visibleGpus().length < opened.length) {
    onGpu.delete(header.id);
    const message = 'CUDA error: unspecified launch failure; the device is lost';
    send({ type: 'error', id: header.id, code: 'device_lost', message, details: {} });
    inner.kill('SIGKILL');
  } else {
    send(header, arrays);
  }
}
