import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from './store.ts';
import type { Store } from './store.ts';

let home = '';
let store: Store;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-memory-rows-'));
  store = openStore(home);
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

test('of_the_memory_that_tasks_took_the_latest_of_each_kind_are_kept', () => {
  const kind = { model: 'uff4mof', task_type: 'optimization', with_d3: false } as const;
  const other = { ...kind, with_d3: true };
  store.memory.add(other, { n_atoms: 100, peak_mb: 1 });
  for (let peak_mb = 1; peak_mb <= 70; peak_mb++) store.memory.add(kind, { n_atoms: 100, peak_mb });
  const kept = store.memory.between(kind, 90, 110).map(({ peak_mb }) => peak_mb);
  expect(kept.sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i + 7));
  expect(store.memory.between(other, 100, 100)).toEqual([{ n_atoms: 100, peak_mb: 1 }]);
  expect(store.memory.between(kind, 101, 200)).toEqual([]);
});
