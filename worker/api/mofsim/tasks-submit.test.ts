// Submissions of every kind against the real service: what is refused, what is taken, and that nothing is taken twice.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { batchReceiptSchema, retryReceiptSchema, submissionReceiptSchema } from '../../../contracts/task.ts';
import { structureGeometrySchema } from '../../../contracts/structure.ts';
import { ROCK_SALT_CIF, startTestService, TestClient } from '../../service/testing/test-service.ts';
import type { ApiAnswer, TestService } from '../../service/testing/test-service.ts';

let running: TestService;
/** The window's session: no rate limit. */
let client: TestClient;

beforeAll(async () => {
  running = await startTestService();
  client = new TestClient(running.client.url, running.service.createSessionToken());
});
afterAll(async () => {
  await running.close();
});

const BUILTIN = { source: 'builtin', name: 'rock-salt' };
const GOOD = { model: 'uff4mof', structure: BUILTIN };
const MOLECULE = { source: 'inline', format: 'xyz', content: '2\n\nO 0 0 0\nH 0.96 0 0\n', name: 'hydroxyl' };

function submit(task_type: string, changes: object = {}, headers: Record<string, string> = {}): Promise<ApiAnswer> {
  return client.post(`/tasks/${task_type}`, { ...GOOD, ...changes }, headers);
}

function idOf({ data, body }: ApiAnswer): string {
  const parsed = submissionReceiptSchema.safeParse(data);
  if (!parsed.success) throw new Error(JSON.stringify(body));
  return parsed.data.task_id;
}

async function countTasks(): Promise<number> {
  const { data } = await client.call('/tasks?page_size=1');
  return z.object({ pagination: z.object({ total: z.int() }) }).parse(data).pagination.total;
}

describe('what a submission must fit', () => {
  test.each([
    ['D3 where there is none', 'optimization', { with_d3: true }, 42207],
    ['a supercell with too many atoms', 'stability', { parameters: { supercell: [20, 20, 20] } }, 42202],
    ['a supercell of a molecule', 'stability', { structure: MOLECULE, parameters: { supercell: [2, 1, 1] } }, 42205],
    ['a bulk modulus of a molecule', 'bulk-modulus', { structure: MOLECULE }, 42205],
    ['NPT of a molecule', 'stability', { structure: MOLECULE, parameters: { ensemble: 'NPT' } }, 42207],
    ['a pressure without NPT', 'stability', { parameters: { pressure_GPa: 1 } }, 42207],
    ['temperatures the wrong way round', 'heat-capacity', { parameters: { temperature_range: [500, 100] } }, 40004],
    ['too few points', 'bulk-modulus', { parameters: { num_points: 3 } }, 40004],
    ['an adsorbate that there is not', 'interaction-energy', { parameters: { adsorbate: 'C60' } }, 40004],
    ['charges that the file has not', 'optimization', { parameters: { model_options: { charges: 'cif' } } }, 42207],
    ['a mask of another length', 'optimization', { parameters: { mask: [true, false] } }, 42207],
    ['a mask beyond the atoms', 'optimization', { parameters: { mask: [0, 8] } }, 40004],
    ['a negative index in the mask', 'optimization', { parameters: { mask: [-1] } }, 40004],
    [
      'nothing that could move',
      'optimization',
      { parameters: { mask: Array.from({ length: 8 }, () => true), relax_cell: false } },
      42207,
    ],
    ['a dependency that does not exist', 'optimization', { depends_on: ['task_aaaaaaaaaaaaaaaa'] }, 40401],
    [
      'a structure of no task',
      'optimization',
      { structure: { source: 'task', task_id: 'task_aaaaaaaaaaaaaaaa' } },
      40401,
    ],
    ['a secret for nobody', 'optimization', { webhook_secret: 'x' }, 42207],
    ['no time at all', 'optimization', { timeout: 0 }, 40004],
    ['eleven attempts', 'optimization', { max_attempts: 11 }, 40004],
    ['an empty name', 'optimization', { name: '  ' }, 40004],
    ['an inline structure of nonsense', 'optimization', { structure: { ...MOLECULE, content: 'hello' } }, 42201],
    ['an inline structure of no format', 'optimization', { structure: { ...MOLECULE, format: 'pdb' } }, 40005],
  ])('%s_is_refused', async (_what, task_type, changes, code) => {
    const before = await countTasks();
    const { error } = await submit(task_type, changes);
    expect(error.code, JSON.stringify(error)).toBe(code);
    expect(error.details).toHaveProperty('message');
    expect(await countTasks()).toBe(before);
  });

  test('parameters_are_checked_before_it_is_said_that_a_type_cannot_be_computed', async () => {
    const wrong = await submit('heat-capacity', { parameters: { method: 'guess' } });
    expect(wrong.error.code).toBe(40004);
  });
});

describe('an accepted submission', () => {
  test('keeps_everything_that_it_said', async () => {
    const said = { name: ' relax ', tags: ['a', 'b', 'a'], priority: 'LOW', timeout: 3600, max_attempts: 2 };
    const task = await client.task(idOf(await submit('optimization', { ...said, parameters: { mask: [0, 3] } })));
    expect(task).toMatchObject({ name: 'relax', tags: ['a', 'b'], priority: 'LOW', timeout: 3600, max_attempts: 2 });
    expect(task.parameters).toMatchObject({ mask: [0, 3], fmax: 0.001, optimizer: 'LBFGS', relax_cell: true });
  });

  test('an_inline_structure_is_read_as_an_upload_is_and_kept_once', async () => {
    const first = await client.task(idOf(await submit('single-point-energy', { structure: MOLECULE })));
    const second = await client.task(idOf(await submit('single-point-energy', { structure: MOLECULE })));
    expect(first).toMatchObject({ structure: { source: 'upload' }, structure_name: 'hydroxyl', n_atoms: 2 });
    expect(second.structure).toEqual(first.structure);
    const given = z.object({ file_id: z.string() }).parse(first.structure);
    expect(await (await client.fetch(`/structures/${given.file_id}`)).text()).toBe(MOLECULE.content);
  });

  test('a_dependency_is_waited_for_and_its_failure_is_told', async () => {
    const first = await client.submit();
    const second = idOf(await submit('optimization', { depends_on: [first] }));
    const third = idOf(await submit('optimization', { depends_on: [second, first] }));
    expect((await client.waitFor(third, 'COMPLETED')).depends_on).toEqual([second, first]);
    const finished = await Promise.all([first, second, third].map((id) => client.task(id)));
    const [a = '', b = '', c = ''] = finished.map(({ finished_at }) => finished_at ?? '');
    expect([a, b, c].every((time) => time !== '') && a <= b && b <= c).toBe(true);
  });
});

describe('the structure of another task', () => {
  test('of_a_completed_one_is_taken_at_once', async () => {
    const first = await client.submit();
    await client.waitFor(first, 'COMPLETED');
    const structure = { source: 'task', task_id: first };
    const second = await client.task(idOf(await submit('single-point-energy', { structure })));
    expect(second).toMatchObject({ structure, n_atoms: 8, structure_name: 'rock-salt' });
    await client.waitFor(second.task_id, 'COMPLETED');
    // It has its own copy by now.
    expect((await client.call(`/tasks/${first}`, { method: 'DELETE' })).status).toBe(200);
    const retried = await client.post(`/tasks/${second.task_id}/retry`, {});
    const { new_task_id } = retryReceiptSchema.parse(retried.data);
    expect(await client.waitFor(new_task_id, 'COMPLETED')).toMatchObject({ structure, n_atoms: 8 });
  });

  test('of_one_that_still_runs_is_waited_for', async () => {
    const service = await startTestService({ behavior: ['--step-ms=20'] });
    try {
      const structure = (task_id: string) => ({ structure: { source: 'task', task_id } });
      const first = await service.client.submit();
      const second = await service.client.submit({}, structure(first));
      const waiting = await service.client.task(second);
      expect(waiting).toMatchObject({ status: 'PENDING', n_atoms: null, formula: null });
      expect((await service.client.call(`/tasks/${second}/structure`)).error.code).toBe(40404);
      // What waits or runs can neither be tried again nor deleted.
      expect((await service.client.post(`/tasks/${second}/retry`, {})).error.code).toBe(40901);
      expect((await service.client.call(`/tasks/${second}`, { method: 'DELETE' })).error.code).toBe(40901);
      const third = await service.client.submit({ max_steps: 0 }, structure(second));
      expect(await service.client.waitFor(third, 'COMPLETED')).toMatchObject({ n_atoms: 8, formula: 'Cl4Na4' });
      const geometryOf = async (path: string) =>
        structureGeometrySchema.parse((await service.client.call(path)).data).structure;
      const given = await geometryOf(`/tasks/${second}/structure?stage=submitted`);
      expect(given).toEqual(await geometryOf(`/tasks/${first}/structure?stage=final`));
    } finally {
      await service.close();
    }
  });

  test('is_checked_when_it_is_known', async () => {
    const service = await startTestService({ behavior: ['--step-ms=20'] });
    try {
      const first = await service.client.submit();
      const structure = { source: 'task', task_id: first };
      const second = await service.client.submit({ mask: [8] }, { structure });
      await service.client.events(second);
      expect(await service.client.task(second)).toMatchObject({
        status: 'FAILED',
        error: { type: 'StructureError', details: { code: 40004, field: 'parameters.mask' } },
      });
    } finally {
      await service.close();
    }
  });

  test('of_a_failed_one_is_refused', async () => {
    const service = await startTestService({ behavior: ['--exit-at-start'] });
    try {
      const first = await service.client.submit();
      await service.client.post(`/tasks/${first}/cancel`, {});
      const body = { ...GOOD, structure: { source: 'task', task_id: first } };
      expect((await service.client.post('/tasks/optimization', body)).error.code).toBe(40404);
      const dependent = await service.client.post('/tasks/optimization', { ...GOOD, depends_on: [first] });
      expect(dependent.error).toMatchObject({ code: 42207, details: { field: 'depends_on', status: 'CANCELLED' } });
    } finally {
      await service.close();
    }
  });
});

function batch(n: number, change: (i: number) => object = () => ({})): object[] {
  return Array.from({ length: n }, (_, i) => ({ task_type: 'single-point-energy', ...GOOD, ...change(i) }));
}

describe('many at once', () => {
  test('are_accepted_in_their_order_with_one_id', async () => {
    const { status, data } = await client.post('/tasks/batch', {
      tasks: batch(5, (i) => ({ name: `one-of-five ${i}` })),
    });
    expect(status).toBe(202);
    const receipt = batchReceiptSchema.parse(data);
    expect(receipt).toMatchObject({ total: 5 });
    const tasks = await Promise.all(receipt.tasks.map(({ task_id }) => client.task(task_id)));
    expect(tasks.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4].map((i) => `one-of-five ${i}`));
    expect(new Set(tasks.map(({ batch_id }) => batch_id))).toEqual(new Set([receipt.batch_id]));
    for (const filter of [`batch_id=${receipt.batch_id}`, 'search=one-of-five']) {
      const found = await client.call(`/tasks?${filter}`);
      expect(z.object({ pagination: z.object({ total: z.int() }) }).parse(found.data).pagination.total).toBe(5);
    }
  });

  test('are_refused_together_and_each_is_named_by_its_index', async () => {
    const before = await countTasks();
    const inputs = readdirSync(join(running.folder.home, 'inputs'));
    const wrong = (i: number) => (i === 1 ? { model: 'gpt' } : i === 3 ? { structure: { ...BUILTIN, name: 'x' } } : {});
    const { error } = await client.post('/tasks/batch', { tasks: batch(4, wrong) });
    expect(error.code).toBe(40008);
    expect(error.details).toMatchObject({
      n_errors: 2,
      errors: [
        { index: 1, code: 40008 },
        { index: 3, code: 40406 },
      ],
    });
    expect(await countTasks()).toBe(before);
    expect(readdirSync(join(running.folder.home, 'inputs'))).toEqual(inputs);
  });

  test.each([
    ['a type that there is not', [{ task_type: 'magic', ...GOOD }], 40007],
    ['a wrong parameter', [{ task_type: 'optimization', ...GOOD, parameters: { fmax: -1 } }], 40004],
    ['a missing model', [{ task_type: 'optimization', structure: BUILTIN }], 40002],
    ['nothing', [], 40004],
    ['a thousand and one', batch(1001), 40004],
  ])('%s_is_refused', async (_what, tasks, code) => {
    expect((await client.post('/tasks/batch', { tasks })).error.code).toBe(code);
  });
});

describe('an idempotency key', () => {
  const key = (name: string) => ({ 'idempotency-key': name });

  test('makes_the_same_request_one_task', async () => {
    const first = await submit('optimization', {}, key('once'));
    const again = await submit('optimization', {}, key('once'));
    expect(again.data).toEqual(first.data);
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(again.status).toBe(202);
    // The order of the fields says nothing.
    const turned = await client.post('/tasks/optimization', { structure: BUILTIN, model: 'uff4mof' }, key('once'));
    expect(turned.data).toEqual(first.data);
  });

  test('with_another_body_or_address_is_refused', async () => {
    await submit('optimization', {}, key('one body'.replace(' ', '-')));
    const other = await submit('optimization', { priority: 'LOW' }, key('one-body'));
    expect(other.error).toMatchObject({ code: 42207, details: { idempotency_key: 'one-body' } });
    expect((await submit('single-point-energy', {}, key('one-body'))).error.code).toBe(42207);
  });

  test('of_twins_sent_together_makes_one_task', async () => {
    const before = await countTasks();
    const answers = await Promise.all(Array.from({ length: 8 }, () => submit('optimization', {}, key('twins'))));
    expect(new Set(answers.map(idOf)).size).toBe(1);
    expect(await countTasks()).toBe(before + 1);
  });

  test('of_a_refused_request_may_be_used_again', async () => {
    expect((await submit('optimization', { model: 'gpt' }, key('refused'))).error.code).toBe(40008);
    expect((await submit('optimization', {}, key('refused'))).status).toBe(202);
  });

  test('works_for_a_batch_and_across_a_restart', async () => {
    const folder = running.folder;
    const tasks = [{ task_type: 'optimization', ...GOOD }];
    const first = await client.post('/tasks/batch', { tasks }, key('batch'));
    expect((await client.post('/tasks/batch', { tasks }, key('batch'))).data).toEqual(first.data);
    await running.service.stop();
    running = await startTestService({ folder });
    client = new TestClient(running.client.url, running.service.createSessionToken());
    const again = await client.post('/tasks/batch', { tasks }, key('batch'));
    expect(again.data).toEqual(first.data);
  });

  test('whose_answer_cannot_be_kept_makes_no_task', async () => {
    const service = await startTestService({ behavior: ['--exit-at-start'] });
    try {
      const database = new Database(join(service.folder.home, 'mofsim.db'));
      database.exec(`CREATE TRIGGER no_room BEFORE INSERT ON idempotency_keys BEGIN SELECT RAISE(ABORT, 'full'); END`);
      database.close();
      const answer = await service.client.post('/tasks/batch', { tasks: batch(3) }, key('lost'));
      expect(answer.error.code).toBe(50002);
      expect(z.object({ tasks: z.array(z.unknown()) }).parse((await service.client.call('/tasks')).data).tasks).toEqual(
        [],
      );
      expect(readdirSync(join(service.folder.home, 'inputs'))).toEqual([]);
    } finally {
      await service.close();
    }
  });

  test('that_is_no_key_is_refused', async () => {
    expect((await submit('optimization', {}, key('x'.repeat(256)))).error.code).toBe(40004);
  });
});

describe('a retry', () => {
  test('is_a_new_task_with_the_same_inputs_even_when_the_upload_is_gone', async () => {
    const uploaded = await client.upload('salt.cif', ROCK_SALT_CIF);
    const { file_id } = z.object({ file_id: z.string() }).parse(uploaded.data);
    const structure = { source: 'upload', file_id };
    const first = idOf(
      await submit('optimization', { structure, name: 'salt', tags: ['t'], parameters: { fmax: 0.1 } }),
    );
    const before = await client.waitFor(first, 'COMPLETED');
    const receipt = retryReceiptSchema.parse((await client.call(`/tasks/${first}/retry`, { method: 'POST' })).data);
    expect(receipt.original_task_id).toBe(first);
    const task = await client.waitFor(receipt.new_task_id, 'COMPLETED');
    expect(task).toMatchObject({ retry_of: first, name: 'salt', tags: ['t'], structure });
    expect(task.parameters).toEqual(before.parameters);
    const input = (id: string) => readFileSync(join(running.folder.home, 'tasks', id, 'structure.json'), 'utf8');
    expect(input(task.task_id)).toBe(input(first));
  });
});
