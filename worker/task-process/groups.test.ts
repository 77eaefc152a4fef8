// Small tasks that one task process computes at the same time: the real process, with the stand-in kernel behind it. Where the
// device is a GPU their requests are one batch.
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FromTaskProcess, RunTask } from '../../contracts/task-process-message.ts';
import { TestBench } from './testing/test-slot.ts';
import type { TestSlot } from './testing/test-slot.ts';

const IDS = ['task_aaaaaaaaaaaa', 'task_bbbbbbbbbbbb', 'task_cccccccccccc'];
const PARAMETERS = { fmax: 0.001, trajectory_interval: 3 };
const SLOW = ['--step-ms=20', '--never-converge'];
const FOR_LONG = { fmax: 1e-6, max_steps: 1000 };

let bench: TestBench;
beforeEach(() => {
  bench = new TestBench();
});
afterEach(async () => {
  await bench.remove();
});

/** Chains of 1, 2 and 3 atoms, each in a folder of its own. */
function group(parameters: Record<string, unknown>, changes: Partial<RunTask> = {}): RunTask[] {
  return IDS.map((task_id, i) => {
    const folder = join(bench.folder, task_id);
    mkdirSync(folder, { recursive: true });
    const structure = {
      cell: [
        [5 * (i + 1), 0, 0],
        [0, 6, 0],
        [0, 0, 7],
      ] as [[number, number, number], [number, number, number], [number, number, number]],
      pbc: [true, true, true] as [boolean, boolean, boolean],
      symbols: Array.from({ length: i + 1 }, () => 'Zn'),
      positions: Array.from({ length: i + 1 }, (_, atom): [number, number, number] => [5 * atom, 1, 2]),
    };
    return bench.runMessage(parameters, { task_id, folder, structure, device: 'cuda:0', ...changes });
  });
}

function sendGroup(slot: TestSlot, tasks: RunTask[]): Promise<FromTaskProcess[]> {
  slot.send({ type: 'run_group', tasks });
  return Promise.all(tasks.map(({ task_id }) => slot.end(task_id)));
}

/** Everything in a task's folder but what tells the time. */
function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  const untimed = names.filter((name) => name !== 'task.json' && name !== 'report.html');
  return Object.fromEntries(
    names.map((name) => [name, untimed.includes(name) ? readFileSync(join(folder, name), 'utf8') : '']),
  );
}

function eventsOf(slot: TestSlot, task_id: string) {
  return slot.messages
    .flatMap((message) => (message.type === 'events' && message.task_id === task_id ? message.events : []))
    .filter(({ type }) => type === 'step' || type === 'stage');
}

async function untilStep(slot: TestSlot): Promise<void> {
  for (const task_id of IDS) {
    await slot.until(
      (message) =>
        message.type === 'events' && message.task_id === task_id && message.events.some(({ type }) => type === 'step'),
    );
  }
}

describe('a group of tasks', () => {
  it.each(['cuda:0', 'cpu'])('each_leaves_on_%s_the_files_and_events_that_it_leaves_alone', async (device) => {
    const slot = bench.start();
    const ends = await sendGroup(slot, group(PARAMETERS, { device }));
    expect(ends.map(({ type }) => type)).toEqual(['completed', 'completed', 'completed']);
    const together = IDS.map((id) => [filesOf(join(bench.folder, id)), eventsOf(slot, id)]);

    const other = bench.start();
    for (const task of group(PARAMETERS, { device })) {
      other.send(task);
      expect(await other.end(task.task_id)).toMatchObject({ type: 'completed' });
    }
    expect(together).toEqual(IDS.map((id) => [filesOf(join(bench.folder, id)), eventsOf(other, id)]));
  });

  it.each(['cuda:0', 'cpu'])(
    'together_they_are_charged_on_%s_for_no_more_than_the_time_that_passed',
    async (device) => {
      const slot = bench.start('--step-ms=20');
      const begun = performance.now();
      const ends = await sendGroup(slot, group(PARAMETERS, { device }));
      const passed = (performance.now() - begun) / 1000;
      const seconds = ends.map((end) => (end.type === 'completed' ? end.execution_time_seconds : 0));
      for (const charged of seconds) expect(charged).toBeGreaterThan(0);
      expect(seconds.reduce((sum, charged) => sum + charged, 0)).toBeLessThanOrEqual(passed);
    },
  );

  it('energies_of_a_group_are_each_ones_own', async () => {
    const slot = bench.start();
    await sendGroup(slot, group({}, { task_type: 'single-point-energy' }));
    const energies = IDS.map(
      (id) => JSON.parse(readFileSync(join(bench.folder, id, 'result.json'), 'utf8')) as unknown,
    );
    // A spring of 1 eV/A^2 stretched by 0.08 A for each atom.
    expect(energies).toMatchObject([1, 2, 3].map((n) => ({ energy_eV: expect.closeTo(0.0032 * n, 12) as number })));
  });

  it('one_that_is_cancelled_ends_at_once_and_the_others_go_on', async () => {
    const slot = bench.start('--step-ms=20');
    const ends = sendGroup(slot, group({ ...PARAMETERS, fmax: 1e-5 }));
    await untilStep(slot);
    slot.send({ type: 'cancel', task_id: IDS[1]! });
    expect((await ends).map(({ type }) => type)).toEqual(['completed', 'cancelled', 'completed']);
    const order = slot.messages.flatMap((message) =>
      message.type === 'cancelled' || message.type === 'completed' ? [message.task_id] : [],
    );
    expect(order[0]).toBe(IDS[1]);
  });

  it.each(['cuda:0', 'cpu'])('it_makes_room_as_a_whole_on_%s', async (device) => {
    const slot = bench.start(...SLOW);
    const ends = sendGroup(slot, group(FOR_LONG, { device }));
    if (device === 'cpu') await slot.untilStep(1);
    else await untilStep(slot);
    slot.send({ type: 'preempt', task_id: IDS[2]! });
    expect((await ends).map(({ type }) => type)).toEqual(['preempted', 'preempted', 'preempted']);
    // At rest: the next task is computed at once.
    const [next] = group({ max_steps: 2 });
    slot.send(next!);
    await slot.until((message) => message.type === 'completed' && message.task_id === next!.task_id);
  });

  it('a_structure_that_is_refused_fails_alone', async () => {
    const slot = bench.start('--untyped-atoms=2');
    const ends = await sendGroup(slot, group(PARAMETERS));
    expect(ends).toMatchObject([
      { type: 'completed' },
      { type: 'failed', error: { type: 'AtomTypingError' } },
      { type: 'completed' },
    ]);
  });

  it('a_task_that_is_not_valid_keeps_nobody_waiting', async () => {
    const slot = bench.start();
    const [first, second, third] = group(PARAMETERS);
    const ends = await sendGroup(slot, [first!, { ...second!, parameters: { fmaxx: 1 } }, third!]);
    expect(ends.map(({ type }) => type)).toEqual(['completed', 'failed', 'completed']);
  });

  it('a_batch_that_runs_out_of_memory_is_put_back_task_by_task', async () => {
    const slot = bench.start('--exhaust-batch-at-step=3');
    const ends = await sendGroup(slot, group(PARAMETERS));
    for (const end of ends)
      expect(end).toMatchObject({ type: 'put_back', reason: expect.stringContaining('failed') as string });
    const [alone] = group(PARAMETERS);
    slot.send(alone!);
    await slot.until((message) => message.type === 'completed' && message.task_id === alone!.task_id);
  });

  it('a_kernel_that_dies_costs_each_of_them_an_attempt', async () => {
    const slot = bench.start('--crash-at-step=2');
    const ends = await sendGroup(slot, group(PARAMETERS));
    for (const end of ends) expect(end).toMatchObject({ type: 'failed', error: { type: 'KernelCrashed' } });
  });

  it('a_shutdown_ends_all_of_them', async () => {
    const slot = bench.start(...SLOW);
    const ends = sendGroup(slot, group(FOR_LONG));
    await untilStep(slot);
    slot.send({ type: 'shutdown' });
    expect((await ends).map(({ type }) => type)).toEqual(['preempted', 'preempted', 'preempted']);
  });
});
