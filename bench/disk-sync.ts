// How long this disk takes to make one page durable: the floor under everything that is acknowledged as "on disk".
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { percentile } from './load.ts';

const N_SYNCS = 200;
const PAGE_BYTES = 4096;

export async function measureDiskSync(folder: string): Promise<{ p50_ms: number; p99_ms: number }> {
  const page = Buffer.alloc(PAGE_BYTES);
  const times: number[] = [];
  const file = await open(join(folder, 'sync.bin'), 'w');
  try {
    for (let i = 0; i < N_SYNCS; i += 1) {
      await file.write(page);
      const started = performance.now();
      await file.sync();
      times.push(performance.now() - started);
    }
  } finally {
    await file.close();
  }
  return { p50_ms: percentile(times, 0.5), p99_ms: percentile(times, 0.99) };
}
