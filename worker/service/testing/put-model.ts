// A data folder that has a model already, as after an upload: the checkpoint, what was read from it, and its row.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../store/store.ts';

const FIXTURES = new URL('../../kernel/tests/reference/mace/', import.meta.url).pathname;
export const CHECKPOINT = Buffer.from('what the model was read from');

/** @param fixture folder of a small model of the kernel's tests; null = nothing was read */
export function putModel(home: string, name: string, fixture: string | null): void {
  const file = `${name}.pt`;
  const models = join(home, 'models');
  const store = openStore(home);
  try {
    mkdirSync(models, { recursive: true });
    writeFileSync(join(models, file), CHECKPOINT);
    if (fixture !== null) cpSync(join(FIXTURES, fixture), join(models, `${file}.imported`), { recursive: true });
    store.models.insert({
      model_id: name,
      owner: 'local',
      file,
      config: { name, family: 'mace', version: '1.0.0', description: 'made for the tests' },
      size_bytes: CHECKPOINT.length,
      sha256: createHash('sha256').update(CHECKPOINT).digest(),
      created_at: new Date().toISOString(),
    });
  } finally {
    store.close();
  }
}
