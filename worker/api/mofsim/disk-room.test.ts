// A checkpoint that the disk has no room for is refused before it is taken; only the size of the disk is made up.
import { readdirSync } from 'node:fs';
import type * as FileSystem from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startTestService } from '../../service/testing/test-service.ts';

const FREE_BYTES = 512 * 1024 * 1024 + 1000;

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof FileSystem>();
  return { ...real, statfs: () => Promise.resolve({ bavail: FREE_BYTES, blocks: 100 * FREE_BYTES, bsize: 1 }) };
});

test('a_file_that_the_disk_has_no_room_for_is_refused_with_the_figures', async () => {
  const { client, folder, close } = await startTestService();
  try {
    const form = new FormData();
    form.set('config', JSON.stringify({ name: 'large', family: 'mace' }));
    form.set('model_file', new Blob([new Uint8Array(1000)]), 'large.model');
    const { status, error } = await client.call('/models/upload', { method: 'POST', body: form });
    expect([status, error.code]).toEqual([500, 50004]);
    expect(error.details).toMatchObject({ free_bytes: FREE_BYTES });
    expect(readdirSync(join(folder.home, 'models'))).toEqual([]);
  } finally {
    await close();
  }
});
