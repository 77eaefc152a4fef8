// How an attempt hands its work to the next one: the real task process, really killed, with the stand-in kernel behind it.
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { optimizationResultSchema } from '../../contracts/results/optimization.ts';
import { isAlive } from '../processes/wait-for-end.ts';
import { TASK_ID, TestBench } from './testing/test-slot.ts';
import type { TestSlot } from './testing/test-slot.ts';

/** 20 ms a step: long enough to be killed in. */
const SLOW = ['--step-ms=20', '--never-converge'];
const PARAMETERS = { max_steps: 61, fmax: 1e-6, trajectory_interval: 3 };
const ALL_STEPS = Array.from({ length: PARAMETERS.max_steps + 1 }, (_, i) => i);
const ALL_FRAMES = [...ALL_STEPS.filter((step) => step % 3 === 0), PARAMETERS.max_steps];

let bench: TestBench;

let reference: unknown;

beforeAll(async () => {
  reference = await undisturbed();
});
beforeEach(() => {
  bench = new TestBench();
});

afterEach(async () => {
  await bench.remove();
});

function resultOf(): unknown {
  return optimizationResultSchema.parse(bench.readJson('result.json'));
}

/** From here on a kill at any moment leaves something to go on from. */
async function untilKept(): Promise<void> {
  await expect.poll(() => existsSync(bench.path('checkpoint.relax.kept')), { timeout: 20_000 }).toBe(true);
}

function framesInTrajectory(): number[] {
  return [...readFileSync(bench.path('trajectory.xyz'), 'utf8').matchAll(/step=(\d+)/g)].map(([, step]) =>
    Number(step),
  );
}

/** What the same task gives when nothing happens to it. */
async function undisturbed(): Promise<unknown> {
  const other = new TestBench();
  try {
    const slot = other.start('--never-converge');
    slot.send(other.runMessage(PARAMETERS));
    expect(await slot.end()).toMatchObject({ type: 'completed' });
    return optimizationResultSchema.parse(other.readJson('result.json'));
  } finally {
    await other.remove();
  }
}

function logs(slot: TestSlot): string {
  return slot
    .events()
    .flatMap((event) => (event.type === 'log' ? [event.message] : []))
    .join('\n');
}

async function secondAttempt(...behavior: string[]): Promise<TestSlot> {
  const slot = bench.start(...behavior);
  slot.send(bench.runMessage(PARAMETERS, { attempt: 2 }));
  expect(await slot.end()).toMatchObject({ type: 'completed' });
  return slot;
}

describe('a task whose process was killed', () => {
  it('goes_on_from_its_checkpoint_and_ends_as_if_nothing_had_happened', async () => {
    const first = bench.start(...SLOW);
    first.send(bench.runMessage(PARAMETERS));
    await untilKept();
    await first.kill();

    const second = await secondAttempt('--never-converge');
    expect(second.messages.find(({ type }) => type === 'started')).toMatchObject({ resumed_from_checkpoint: true });
    expect(logs(second)).toMatch(/from the checkpoint of step \d+/);
    // The service may have been gone as well, so the history is told again, and then goes on.
    expect(second.steps()).toEqual(ALL_STEPS);
    expect(framesInTrajectory()).toEqual(ALL_FRAMES);
    expect(resultOf()).toEqual(reference);
    expect(readdirSync(bench.folder).filter((name) => name.startsWith('checkpoint.'))).toEqual([]);
  });

  it('takes_its_kernel_with_it', async () => {
    const slot = bench.start(...SLOW);
    slot.send(bench.runMessage(PARAMETERS));
    const ready = await slot.until(({ type }) => type === 'ready');
    await slot.untilStep(3);
    const pid = ready.type === 'ready' ? ready.kernel_pid : 0;
    expect(isAlive(pid)).toBe(true);
    await slot.kill();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('starts_anew_when_its_history_does_not_reach_the_checkpoint', async () => {
    const first = bench.start(...SLOW);
    first.send(bench.runMessage(PARAMETERS));
    await untilKept();
    await first.kill();
    truncateSync(bench.path('checkpoint.steps.jsonl'), 10);
    const second = await secondAttempt('--never-converge');
    expect(second.messages.find(({ type }) => type === 'started')).toMatchObject({ resumed_from_checkpoint: false });
    expect(second.steps()).toEqual(ALL_STEPS);
    expect(resultOf()).toEqual(reference);
  });

  it('takes_the_checkpoint_that_was_kept_when_the_kernel_had_been_ahead_of_the_history', async () => {
    const first = bench.start(...SLOW);
    first.send(bench.runMessage({ ...PARAMETERS, max_steps: 100_000 }));
    await untilKept();
    await first.kill();
    // As if the process had died before it heard of the last step that the kernel had written down.
    const lines = readFileSync(bench.path('checkpoint.steps.jsonl'), 'utf8').split('\n');
    const kept = Number(readFileSync(bench.path('checkpoint.relax.kept')).readBigInt64LE(keptStepOffset()));
    writeFileSync(bench.path('checkpoint.steps.jsonl'), `${lines.slice(0, kept + 1).join('\n')}\n`);

    const second = bench.start('--never-converge');
    const max_steps = kept + 10;
    second.send(bench.runMessage({ ...PARAMETERS, max_steps }, { attempt: 2 }));
    expect(await second.end()).toMatchObject({ type: 'completed' });
    expect(logs(second)).toContain(`from the checkpoint of step ${kept}`);
    expect(second.steps()).toEqual(Array.from({ length: max_steps + 1 }, (_, i) => i));
  });

  it('starts_anew_and_says_so_when_the_kernel_refuses_the_checkpoint', async () => {
    const first = bench.start(...SLOW);
    first.send(bench.runMessage(PARAMETERS));
    await untilKept();
    await first.kill();
    const second = await secondAttempt('--never-converge', '--refuse-checkpoints');
    expect(logs(second)).toContain('The task starts anew');
    expect(second.steps()).toEqual(ALL_STEPS);
    expect(framesInTrajectory()).toEqual(ALL_FRAMES);
    expect(resultOf()).toEqual(reference);
  });
});

describe('a task that has to stop', () => {
  it('makes_room_when_it_is_preempted_and_goes_on_later', async () => {
    const slot = bench.start(...SLOW);
    slot.send(bench.runMessage(PARAMETERS));
    await slot.untilStep(8);
    slot.send({ type: 'preempt', task_id: TASK_ID });
    expect(await slot.end()).toEqual({ type: 'preempted', task_id: TASK_ID });
    expect(existsSync(bench.path('result.json'))).toBe(false);
    const second = await secondAttempt('--never-converge');
    expect(second.steps()).toEqual(ALL_STEPS);
    expect(framesInTrajectory()).toEqual(ALL_FRAMES);
    expect(resultOf()).toEqual(reference);
  });

  it('leaves_a_checkpoint_when_the_service_shuts_down', async () => {
    const slot = bench.start(...SLOW);
    slot.send(bench.runMessage(PARAMETERS));
    await slot.untilStep(8);
    const exit = once(slot.child, 'exit');
    slot.send({ type: 'shutdown' });
    expect(await exit).toEqual([0, null]);
    const second = await secondAttempt('--never-converge');
    expect(second.messages.find(({ type }) => type === 'started')).toMatchObject({ resumed_from_checkpoint: true });
  });

  it('goes_on_after_a_crash_of_its_kernel', async () => {
    const slot = bench.start('--never-converge', '--crash-at-step=20');
    slot.send(bench.runMessage(PARAMETERS));
    expect(await slot.end()).toMatchObject({ type: 'failed', error: { type: 'KernelCrashed' } });
    // What there is may be all that there will ever be.
    expect(framesInTrajectory().length).toBeGreaterThan(0);
    const second = await secondAttempt('--never-converge');
    expect(second.messages.find(({ type }) => type === 'started')).toMatchObject({ resumed_from_checkpoint: true });
    expect(resultOf()).toEqual(reference);
  });

  it('ends_at_its_deadline_and_keeps_what_it_has', async () => {
    const slot = bench.start(...SLOW);
    slot.send(bench.runMessage({ ...PARAMETERS, max_steps: 100_000 }, { deadline_seconds: 0.5 }));
    const end = await slot.end();
    expect(end).toMatchObject({ type: 'timed_out', metrics: { peak_gpu_memory_MB: null } });
    expect(end.type === 'timed_out' && end.metrics.avg_step_time_ms).toBeGreaterThan(0);
    expect(existsSync(bench.path('result.json'))).toBe(false);
    expect(readFileSync(bench.path('last.cif'), 'utf8')).toContain('_cell_length_a 5');
    expect(framesInTrajectory().at(-1)).toBe(slot.steps().at(-1));
    expect(readFileSync(bench.path('steps.csv'), 'utf8').trim().split('\n')).toHaveLength(slot.steps().length + 1);
  });

  it('is_stopped_at_its_deadline_when_its_kernel_hangs', async () => {
    const slot = bench.start('--hang');
    slot.send(bench.runMessage({}, { task_type: 'single-point-energy', deadline_seconds: 0.3 }));
    expect(await slot.end()).toMatchObject({ type: 'timed_out' });
  });

  it('has_no_checkpoint_left_when_it_was_cancelled', async () => {
    const slot = bench.start(...SLOW);
    slot.send(bench.runMessage(PARAMETERS));
    await slot.untilStep(8);
    slot.send({ type: 'cancel', task_id: TASK_ID });
    expect(await slot.end()).toEqual({ type: 'cancelled', task_id: TASK_ID });
    expect(readdirSync(bench.folder).filter((name) => name.startsWith('checkpoint.'))).toEqual([]);
    expect(existsSync(bench.path('trajectory.xyz'))).toBe(true);
  });
});

/** The stand-in's files end with the step, the distance and the sum of the bytes. */
function keptStepOffset(): number {
  return readFileSync(bench.path('checkpoint.relax.kept')).length - 20;
}
