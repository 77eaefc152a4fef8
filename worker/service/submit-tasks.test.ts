// A submission that the disk does not confirm: the task is there, the answer says so, and a repetition makes no second one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { submissionReceiptSchema, submissionSchema } from '../../contracts/task.ts';
import type { MoveListener } from '../queue/queue.ts';
import { createQueue } from '../queue/queue.ts';
import { createTaskEvents } from '../queue/task-events.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { createSecretBox } from '../webhooks/secret-box.ts';
import { createIdempotency } from './idempotency.ts';
import { createInputFiles } from './input-files.ts';
import { readOwnStructure } from './read-structure.ts';
import { createSubmitTasks } from './submit-tasks.ts';
import { ROCK_SALT_CIF } from './testing/test-service.ts';

const CALLER = { owner: 'local', key_id: null, scope: 'submit' } as const;
const MODEL = {
  id: 'uff4mof',
  version: '1',
  supported_elements: ['Na', 'Cl'],
  max_atoms: 1000,
  d3_available: false,
  is_available: true,
  unavailable_reason: null,
  sha256: null,
  imported: null,
};

let home = '';
let store: Store;
/** The next waits for the disk fail. */
let n_failures = 0;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-submit-'));
  const opened = openStore(home);
  const flush = () => (n_failures-- > 0 ? Promise.reject(new Error('EIO: i/o error, fsync')) : opened.flush());
  store = { ...opened, flush };
  n_failures = 0;
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function createSubmit() {
  const now = () => new Date();
  const inTransaction: MoveListener[] = [];
  const queue = createQueue({ store, events: createTaskEvents(), now, inTransaction });
  const files = createInputFiles(store);
  return createSubmitTasks({
    store,
    queue,
    inputs: {
      find: async (_owner, source) => {
        const { name, structure, summary } = await readOwnStructure(Buffer.from(ROCK_SALT_CIF), 'salt.cif');
        return { source, name, geometry: { name, structure, summary } };
      },
      ready: () => Promise.reject(new Error('Nothing runs here.')),
      keep: (found) =>
        Promise.all(found.map(async ({ geometry }) => (geometry === null ? null : files.keep(geometry)))),
      areThere: () => true,
      forget: () => undefined,
    },
    models: { find: () => MODEL, ids: () => [MODEL.id] },
    unavailableReason: () => null,
    checkWebhook: () => Promise.resolve(),
    secrets: createSecretBox(Buffer.alloc(32)),
    inTransaction,
    now,
  });
}

test('a_disk_that_fails_is_told_with_the_ids_and_a_repetition_finds_the_task', async () => {
  const submit = createSubmit();
  const body = { model: 'uff4mof', structure: { source: 'builtin', name: 'rock-salt' } };
  const submission = { task_type: 'optimization' as const, ...submissionSchema('optimization').parse(body) };
  const idempotency = createIdempotency(store, () => new Date());
  const once = () =>
    idempotency.once({ owner: 'local', key: 'key-1', content: body }, submissionReceiptSchema, async (keep) => {
      const receiptOf = (task_id: string) => ({ task_id, status: 'QUEUED' as const, estimated_wait_seconds: null });
      const rows = await submit(CALLER, [submission], {
        keep: ([row]) => {
          keep(receiptOf(row?.task_id ?? ''));
        },
      });
      return receiptOf(rows[0]?.task_id ?? '');
    });
  n_failures = 2;
  const refusal: unknown = await once().catch((error: unknown) => error);
  const [task] = store.tasks.list({ owner: 'local' }, 10, 0);
  expect(refusal).toMatchObject({ code: 50004, details: { task_ids: [task?.task_id] } });
  await expect(once()).rejects.toThrow(/EIO/);
  expect(await once()).toMatchObject({ is_replayed: true, answer: { task_id: task?.task_id } });
  expect(store.tasks.count({ owner: 'local' })).toBe(1);
});
