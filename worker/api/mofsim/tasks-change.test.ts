// What happens to tasks that exist: lists, changes, many cancellations, removal, export.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import { serviceEventSchema } from '../../../contracts/event.ts';
import {
  batchCancelReceiptSchema,
  batchReceiptSchema,
  submissionReceiptSchema,
  taskListSchema,
} from '../../../contracts/task.ts';
import { optimizationResultSchema } from '../../../contracts/results/optimization.ts';
import { readArchive } from '../../archive/read-archive.ts';
import { ROCK_SALT_CIF, startTestService, TestClient } from '../../service/testing/test-service.ts';
import type { TestService } from '../../service/testing/test-service.ts';

const BUILTIN = { source: 'builtin', name: 'rock-salt' };
const GOOD = { task_type: 'optimization', model: 'uff4mof', structure: BUILTIN };

async function submitBatch(client: TestClient, tasks: readonly object[]): Promise<string[]> {
  const { data } = await client.post('/tasks/batch', { tasks });
  return batchReceiptSchema.parse(data).tasks.map(({ task_id }) => task_id);
}

function patch(client: TestClient, task_id: string, changes: object) {
  const headers = { 'content-type': 'application/json' };
  return client.call(`/tasks/${task_id}`, { method: 'PATCH', headers, body: JSON.stringify(changes) });
}

function remove(client: TestClient, task_id: string) {
  return client.call(`/tasks/${task_id}`, { method: 'DELETE' });
}

describe('tasks that wait', () => {
  let running: TestService;
  let client: TestClient;
  let ids: string[];

  beforeAll(async () => {
    // No kernel: nothing runs.
    running = await startTestService({ behavior: ['--exit-at-start'] });
    client = new TestClient(running.client.url, running.service.createSessionToken());
    ids = await submitBatch(client, [
      { ...GOOD, name: 'Zinc 50%', tags: ['a', 'b'] },
      { ...GOOD, name: 'copper', tags: ['b'], priority: 'HIGH' },
      { ...GOOD, task_type: 'single-point-energy', priority: 'LOW' },
    ]);
  });
  afterAll(async () => {
    await running.close();
  });

  async function list(query: string): Promise<string[]> {
    const { tasks, pagination } = taskListSchema.parse((await client.call(`/tasks?${query}`)).data);
    expect(pagination.total).toBe(tasks.length);
    return tasks.map(({ task_id }) => task_id);
  }

  test('are_listed_newest_first_by_every_filter', async () => {
    const [zinc = '', copper = '', energy = ''] = ids;
    expect(await list('')).toEqual([energy, copper, zinc]);
    expect(await list('tag=b')).toEqual([copper, zinc]);
    expect(await list('tag=b&priority=HIGH')).toEqual([copper]);
    expect(await list('task_type=single-point-energy')).toEqual([energy]);
    expect(await list('search=ZINC')).toEqual([zinc]);
    expect(await list('search=%25')).toEqual([zinc]);
    expect(await list('search=rock-salt&status=QUEUED')).toEqual([energy, copper, zinc]);
    expect(await list('model=mace')).toEqual([]);
    const { created_at } = await client.task(zinc);
    expect(await list(`created_before=${created_at}`)).toEqual([]);
    expect(await list(`created_after=2020-01-01T00:00:00%2B08:00`)).toHaveLength(3);
  });

  test('change_their_name_tags_and_priority', async () => {
    const [zinc = ''] = ids;
    const answer = await patch(client, zinc, { name: null, tags: ['c'], priority: 'CRITICAL' });
    expect(answer.data).toMatchObject({ task_id: zinc, name: null, tags: ['c'], priority: 'CRITICAL' });
    expect(await list('tag=c')).toEqual([zinc]);
    expect(await list('tag=a')).toEqual([]);
    expect(await list('priority=CRITICAL')).toEqual([zinc]);
  });

  test('tell_their_changes_and_their_removal_to_whoever_follows_all_tasks', async () => {
    const [id = ''] = await submitBatch(client, [GOOD]);
    await client.post(`/tasks/${id}/cancel`, {});
    const abort = new AbortController();
    const { body } = await client.fetch('/events', { signal: abort.signal });
    if (body === null) throw new Error('The event stream has no body.');
    await patch(client, id, { name: 'renamed' });
    await remove(client, id);
    const heard: unknown[] = [];
    for await (const { data } of body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())) {
      const event = serviceEventSchema.parse(JSON.parse(data));
      if ('task_id' in event && event.task_id === id) heard.push(event);
      if (event.type === 'task_deleted') break;
    }
    abort.abort();
    expect(heard).toEqual([
      { type: 'task', task_id: id, status: 'CANCELLED', previous_status: 'CANCELLED', progress: 0 },
      { type: 'task_deleted', task_id: id },
    ]);
  });

  test.each([
    ['nothing', {}, 40004],
    ['a field that cannot change', { model: 'mace' }, 40004],
    ['an unknown priority', { priority: 'URGENT' }, 40006],
    ['tags that are no list', { tags: 'a' }, 40003],
  ])('do_not_change_to_%s', async (_what, changes, code) => {
    expect((await patch(client, ids[0] ?? '', changes)).error.code).toBe(code);
  });

  test('are_cancelled_by_ids_and_by_filter_and_never_all_by_accident', async () => {
    const batch = await submitBatch(
      client,
      Array.from({ length: 30 }, () => ({ ...GOOD, tags: ['many'] })),
    );
    const [first = '', second = ''] = batch;
    const unknown = 'task_aaaaaaaaaaaaaaaa';
    const cancel = async (filter: object) => client.post('/tasks/batch/cancel', filter);
    expect((await cancel({})).error.code).toBe(40004);
    const byId = batchCancelReceiptSchema.parse((await cancel({ task_ids: [first, second, unknown, first] })).data);
    expect(byId.cancelled.map(({ task_id }) => task_id)).toEqual([first, second]);
    expect(byId.refused).toEqual([{ task_id: unknown, code: 40401 }]);
    const again = batchCancelReceiptSchema.parse((await cancel({ task_ids: [first] })).data);
    expect(again).toEqual({ cancelled: [], refused: [{ task_id: first, code: 40903 }] });
    const byTag = batchCancelReceiptSchema.parse((await cancel({ tag: 'many' })).data);
    expect(byTag.cancelled).toHaveLength(28);
    expect(await list('tag=many&status=QUEUED')).toEqual([]);
    expect(await list('status=QUEUED')).toHaveLength(3);
  });

  test('are_not_deleted_but_cancelled_ones_are', async () => {
    const [id = ''] = await submitBatch(client, [GOOD]);
    expect((await remove(client, id)).error.code).toBe(40901);
    await client.post(`/tasks/${id}/cancel`, {});
    const folder = join(running.folder.home, 'tasks', id);
    mkdirSync(folder);
    writeFileSync(join(folder, 'result.json'), '{}');
    expect((await remove(client, id)).data).toEqual({ task_id: id });
    expect(existsSync(folder)).toBe(false);
    expect(readdirSync(join(running.folder.home, 'removed'))).toEqual([]);
    expect((await client.call(`/tasks/${id}`)).error.code).toBe(40401);
    expect((await remove(client, id)).error.code).toBe(40401);
  });

  test('share_one_file_of_the_same_structure_until_the_last_of_them_is_deleted', async () => {
    const content = ROCK_SALT_CIF.replaceAll('5.64', '5.70');
    const large = { ...GOOD, structure: { source: 'inline', format: 'cif', content } };
    const files = () => readdirSync(join(running.folder.home, 'inputs'));
    const before = files();
    const [first = '', second = ''] = await submitBatch(client, [large, large]);
    expect(files()).toHaveLength(before.length + 1);
    for (const id of [first, second]) await client.post(`/tasks/${id}/cancel`, {});
    await remove(client, first);
    expect((await client.call(`/tasks/${second}/structure`)).status).toBe(200);
    await remove(client, second);
    expect(files()).toEqual(before);
    const [third = ''] = await submitBatch(client, [large]);
    expect((await client.call(`/tasks/${third}/structure`)).status).toBe(200);
    await client.post(`/tasks/${third}/cancel`, {});
  });

  test('whose_folder_holds_links_and_folders_of_others_lose_only_their_own_files', async () => {
    const [id = ''] = await submitBatch(client, [GOOD]);
    await client.post(`/tasks/${id}/cancel`, {});
    const precious = join(running.folder.path, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'thesis.txt'), 'years of work');
    const folder = join(running.folder.home, 'tasks', id);
    mkdirSync(folder);
    symlinkSync(precious, join(folder, 'link'));
    symlinkSync(join(precious, 'thesis.txt'), join(folder, 'thesis.txt'));
    mkdirSync(join(folder, 'mine'));
    writeFileSync(join(folder, 'mine', 'notes.txt'), 'notes');
    expect((await remove(client, id)).status).toBe(200);
    expect(readFileSync(join(precious, 'thesis.txt'), 'utf8')).toBe('years of work');
    const left = join(running.folder.home, 'removed', id);
    expect(readdirSync(left).sort()).toEqual(['link', 'mine', 'thesis.txt']);
    expect(readFileSync(join(left, 'mine', 'notes.txt'), 'utf8')).toBe('notes');
  });

  test('whose_folder_became_a_link_lose_nothing_at_its_end', async () => {
    const [id = ''] = await submitBatch(client, [GOOD]);
    await client.post(`/tasks/${id}/cancel`, {});
    const elsewhere = join(running.folder.path, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'keep.txt'), 'keep');
    const folder = join(running.folder.home, 'tasks', id);
    symlinkSync(elsewhere, folder);
    expect((await remove(client, id)).status).toBe(200);
    expect(readFileSync(join(elsewhere, 'keep.txt'), 'utf8')).toBe('keep');
  });

  test('that_others_wait_for_are_not_deleted', async () => {
    const [needed = ''] = await submitBatch(client, [GOOD]);
    await submitBatch(client, [{ ...GOOD, depends_on: [needed] }]);
    expect((await remove(client, needed)).error.code).toBe(40901);
  });
});

test('a_removal_that_a_crash_interrupted_is_finished_or_undone_at_the_next_start', async () => {
  const first = await startTestService({ behavior: ['--exit-at-start'] });
  const id = await first.client.submit();
  await first.client.post(`/tasks/${id}/cancel`, {});
  await first.service.stop();
  const { home } = first.folder;
  // The folder was moved and the row is still there; of another task the row is gone and the folder is not.
  const gone = 'task_bbbbbbbbbbbbbbbb';
  mkdirSync(join(home, 'removed', gone), { recursive: true });
  await writeFile(join(home, 'removed', gone, 'structure.json'), '{}');
  mkdirSync(join(home, 'removed', id));
  await writeFile(join(home, 'removed', id, 'last.cif'), 'partial');
  const second = await startTestService({ folder: first.folder });
  try {
    expect(readdirSync(join(home, 'removed'))).toEqual([]);
    expect((await second.client.fetch(`/files/${id}/last.cif`)).status).toBe(200);
  } finally {
    await second.close();
    first.folder.remove();
  }
});

describe('an export', () => {
  let running: TestService;
  let client: TestClient;
  let folder: string;

  beforeAll(async () => {
    running = await startTestService();
    client = running.client;
    folder = mkdtempSync(join(tmpdir(), 'mofsim-export-'));
  });
  afterAll(async () => {
    await running.close();
    rmSync(folder, { recursive: true });
  });

  async function download(task_id: string): Promise<string> {
    const response = await client.fetch(`/tasks/${task_id}/export`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toContain(`${task_id}.zip`);
    const file = join(folder, `${task_id}.zip`);
    await writeFile(file, Buffer.from(await response.arrayBuffer()));
    return file;
  }

  test('holds_everything_that_the_task_was_given_and_left', async () => {
    const uploaded = await client.upload('my "salt" 盐.cif', ROCK_SALT_CIF);
    const { file_id } = z.object({ file_id: z.string() }).parse(uploaded.data);
    const body = { model: 'uff4mof', structure: { source: 'upload', file_id }, parameters: { fmax: 0.01 } };
    const { task_id } = submissionReceiptSchema.parse((await client.post('/tasks/optimization', body)).data);
    const task = await client.waitFor(task_id, 'COMPLETED');
    const { manifest, input, result } = await readArchive(await download(task_id));
    expect(manifest).toMatchObject({
      task: { task_id, parameters: task.parameters },
      model: { id: 'uff4mof', version: '2016', sha256: null },
      versions: { mofsim: manifest.program_version },
      structure: { given: 'input/given/my__salt___.cif', parsed: 'input/structure.json' },
    });
    expect(input?.structure.symbols).toHaveLength(8);
    expect(optimizationResultSchema.parse(result).converged).toBe(true);
  });

  test('of_a_task_that_has_not_ended_or_does_not_exist_is_refused', async () => {
    const slow = await startTestService({ behavior: ['--exit-at-start'] });
    try {
      const id = await slow.client.submit();
      expect((await slow.client.call(`/tasks/${id}/export`)).error.code).toBe(40901);
      expect((await slow.client.call('/tasks/task_aaaaaaaaaaaaaaaa/export')).error.code).toBe(40401);
      await slow.client.post(`/tasks/${id}/cancel`, {});
      client = slow.client;
      expect((await readArchive(await download(id))).result).toBeNull();
    } finally {
      client = running.client;
      await slow.close();
    }
  });
});
