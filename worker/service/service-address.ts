// Where a running service answers: a file in its data folder, for programs of the same user. It is only a hint: whether a
// service runs is told by the lock of the data folder.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../store/write-file.ts';

const ADDRESS_FILE = 'service.json';
const addressSchema = z.object({ url: z.url({ protocol: /^http$/ }) });

export async function writeServiceAddress(home: string, url: string): Promise<void> {
  await writeFileAtomic(join(home, ADDRESS_FILE), `${JSON.stringify({ url })}\n`, 0o600);
}

export async function removeServiceAddress(home: string): Promise<void> {
  await rm(join(home, ADDRESS_FILE), { force: true });
}

/** null when there is none, or it cannot be read. */
export async function readServiceAddress(home: string): Promise<string | null> {
  const text = await readFile(join(home, ADDRESS_FILE), 'utf8').catch(() => '');
  try {
    return addressSchema.parse(JSON.parse(text)).url;
  } catch {
    return null;
  }
}
