// The slot's supervision of a task process that only exists as a list of calls; the real one is tested in worker/service.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ToTaskProcess } from '../../contracts/task-process-message.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import type { TaskRow } from '../store/tasks.ts';
import type { AttemptObserver } from './executor.ts';
import { LocalSlot } from './local-slot.ts';
import type { ChildExit, TaskProcessChild } from './start-child.ts';

class RecordedChild implements TaskProcessChild {
  readonly sent: ToTaskProcess[] = [];
  isKilled = false;
  receive: (message: unknown) => void = () => undefined;
  writeStderr: (line: string) => void = () => undefined;
  exit: (exit: ChildExit) => void = () => undefined;

  send(message: ToTaskProcess): void {
    this.sent.push(message);
    if (message.type === 'shutdown') this.exit({ code: 0, signal: null });
  }
  onMessage(listener: (message: unknown) => void): void {
    this.receive = listener;
  }
  onStderrLine(listener: (line: string) => void): void {
    this.writeStderr = listener;
  }
  onExit(listener: (exit: ChildExit) => void): void {
    this.exit = listener;
  }
  kill(): void {
    this.isKilled = true;
    this.exit({ code: null, signal: 'SIGKILL' });
  }
}

const READY = { type: 'ready', kernel_version: '1', kernel_pid: 4711 };
const METRICS = { peak_gpu_memory_MB: null, avg_step_time_ms: null };
const structure = {
  cell: null,
  pbc: [false, false, false] as [boolean, boolean, boolean],
  symbols: ['H'],
  positions: [[0, 0, 0] as [number, number, number]],
};

let children: RecordedChild[] = [];
let slot: LocalSlot;
/** When the kernel of a task process that has ended is gone. */
let kernelEnd: Promise<void>;

beforeEach(() => {
  vi.useFakeTimers();
  children = [];
  kernelEnd = Promise.resolve();
  slot = new LocalSlot({
    label: { slot_id: 'cpu', device: 'cpu', gpu_id: null },
    deviceInside: 'cpu',
    entry: new URL('file:///none'),
    env: {},
    startChild: () => {
      const child = new RecordedChild();
      children.push(child);
      return child;
    },
    waitForEnd: () => kernelEnd,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  slot.start();
});
afterEach(() => {
  vi.useRealTimers();
});

function observer(): AttemptObserver & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    onStarted: () => calls.push('started'),
    onEvents: (events) => calls.push(`${events.length} events`),
    onCompleted: () => calls.push('completed'),
    onFailed: ({ type }) => calls.push(`failed ${type}`),
    onCancelled: () => calls.push('cancelled'),
    onTimedOut: () => calls.push('timed out'),
    onPreempted: () => calls.push('preempted'),
    onPutBack: () => calls.push('put back'),
  };
}

function run(): { task_id: string; seen: ReturnType<typeof observer> } {
  const seen = observer();
  const task = exampleTask() as TaskRow;
  slot.run([{ task, structure, folder: '/nowhere', observer: seen }]);
  return { task_id: task.task_id, seen };
}

describe('a slot', () => {
  test('it_is_idle_once_its_process_is_ready_and_after_every_task', () => {
    const idle = vi.fn();
    slot.onIdle(idle);
    expect(slot.state).toBe('starting');
    children[0]!.receive(READY);
    expect(slot.state).toBe('idle');
    const { task_id, seen } = run();
    expect(slot.state).toBe('busy');
    for (const message of [
      { type: 'started', resumed_from_checkpoint: false },
      { type: 'events', events: [] },
      { type: 'completed', execution_time_seconds: 1, metrics: METRICS },
    ]) {
      children[0]!.receive({ ...message, task_id });
    }
    expect(seen.calls).toEqual(['started', '0 events', 'completed']);
    expect(slot.state).toBe('idle');
    expect(idle).toHaveBeenCalledTimes(2);
  });

  test('a_group_is_one_message_and_the_slot_is_idle_when_the_last_member_has_ended', async () => {
    children[0]!.receive(READY);
    const seen = [observer(), observer(), observer()];
    const tasks = seen.map(() => exampleTask() as TaskRow);
    slot.run(tasks.map((task, i) => ({ task, structure, folder: '/nowhere', observer: seen[i]! })));
    const [a, b, c] = tasks.map(({ task_id }) => task_id);
    expect(children[0]!.sent).toMatchObject([
      { type: 'run_group', tasks: [{ task_id: a }, { task_id: b }, { task_id: c }] },
    ]);
    slot.cancel(b!);
    children[0]!.receive({ type: 'cancelled', task_id: b });
    children[0]!.receive({ type: 'put_back', task_id: a, reason: 'another one ran out of memory' });
    expect(slot.state).toBe('busy');
    // The cancelled one has ended: nobody is killed for it, however long the others take.
    vi.advanceTimersByTime(30_000);
    expect(children[0]!.isKilled).toBe(false);
    children[0]!.receive({ type: 'completed', task_id: c, execution_time_seconds: 1, metrics: METRICS });
    expect(slot.state).toBe('idle');
    expect(seen.map(({ calls }) => calls)).toEqual([['put back'], ['cancelled'], ['completed']]);
    await slot.stop();
  });

  test('a_process_that_dies_fails_its_whole_group', async () => {
    children[0]!.receive(READY);
    const seen = [observer(), observer()];
    const group = seen.map((each) => ({
      task: exampleTask() as TaskRow,
      structure,
      folder: '/nowhere',
      observer: each,
    }));
    slot.run(group);
    children[0]!.exit({ code: null, signal: 'SIGKILL' });
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.map(({ calls }) => calls)).toEqual([['failed TaskProcessCrashed'], ['failed TaskProcessCrashed']]);
  });

  test('messages_about_another_task_are_not_passed_on', () => {
    children[0]!.receive(READY);
    const { seen } = run();
    children[0]!.receive({
      type: 'completed',
      task_id: 'task_aaaaaaaaaaaaaaaa',
      execution_time_seconds: 1,
      metrics: METRICS,
    });
    expect(seen.calls).toEqual([]);
    expect(slot.state).toBe('busy');
  });

  test('a_process_that_dies_fails_its_task_and_is_started_again_with_growing_delays', async () => {
    const lost = vi.fn();
    slot.onLost(lost);
    for (const delayMs of [250, 500, 1000, 2000]) {
      children.at(-1)!.receive(READY);
      const { seen } = run();
      children.at(-1)!.writeStderr('libcuda went away');
      children.at(-1)!.exit({ code: null, signal: 'SIGSEGV' });
      await vi.advanceTimersByTimeAsync(0);
      expect(seen.calls).toEqual(['failed TaskProcessCrashed']);
      expect(slot).toMatchObject({ state: 'down' });
      expect(slot.problem).toContain('SIGSEGV');
      expect(slot.problem).toContain('libcuda went away');
      const n_started = children.length;
      await vi.advanceTimersByTimeAsync(delayMs - 1);
      expect(children).toHaveLength(n_started);
      await vi.advanceTimersByTimeAsync(1);
      expect(children).toHaveLength(n_started + 1);
    }
    expect(lost).toHaveBeenCalledTimes(4);
  });

  test('neither_the_task_nor_the_next_process_starts_before_the_kernel_of_the_dead_one_is_gone', async () => {
    const kernel: PromiseWithResolvers<void> = Promise.withResolvers();
    kernelEnd = kernel.promise;
    children[0]!.receive(READY);
    const { seen } = run();
    children[0]!.exit({ code: null, signal: 'SIGKILL' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen.calls).toEqual([]);
    expect(children).toHaveLength(1);
    expect(slot.state).toBe('down');
    kernel.resolve();
    await vi.advanceTimersByTimeAsync(250);
    expect(seen.calls).toEqual(['failed TaskProcessCrashed']);
    expect(children).toHaveLength(2);
  });

  test('a_process_that_is_never_ready_is_killed_and_started_again', async () => {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(children[0]!.isKilled).toBe(true);
    expect(slot.problem).toContain('not ready within 60 s');
    await vi.advanceTimersByTimeAsync(250);
    expect(children).toHaveLength(2);
  });

  test('a_process_that_falls_silent_is_killed_and_its_attempt_is_lost', async () => {
    children[0]!.receive(READY);
    const { seen } = run();
    for (let beat = 0; beat < 10; beat++) {
      await vi.advanceTimersByTimeAsync(30_000);
      children[0]!.receive({ type: 'heartbeat' });
    }
    expect(children[0]!.isKilled).toBe(false);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(children[0]!.isKilled).toBe(false);
    // Once more around the loop: what has arrived meanwhile is read first.
    await vi.advanceTimersByTimeAsync(2);
    expect(children[0]!.isKilled).toBe(true);
    expect(seen.calls).toEqual(['failed TaskProcessCrashed']);
    expect(slot.problem).toContain('no sign of life for 60 s');
  });

  test('a_new_kernel_in_the_middle_of_a_task_does_not_make_the_slot_idle', () => {
    children[0]!.receive(READY);
    run();
    children[0]!.receive({ ...READY, kernel_pid: 4712 });
    expect(slot.state).toBe('busy');
  });

  test('a_preempted_task_gives_the_slot_back', () => {
    children[0]!.receive(READY);
    const { task_id, seen } = run();
    slot.preempt('task_aaaaaaaaaaaaaaaa');
    slot.preempt(task_id);
    expect(children[0]!.sent.slice(1)).toEqual([{ type: 'preempt', task_id }]);
    children[0]!.receive({ type: 'preempted', task_id });
    expect(seen.calls).toEqual(['preempted']);
    expect(slot.state).toBe('idle');
  });

  test('a_task_gets_what_earlier_attempts_have_left_of_its_time', () => {
    children[0]!.receive(READY);
    const task = { ...exampleTask(), attempts: 2, timeout_seconds: 100, computed_seconds: 70 } as TaskRow;
    const seen = observer();
    slot.run([{ task, structure, folder: '/nowhere', observer: seen }]);
    expect(children[0]!.sent.at(-1)).toMatchObject({ attempt: 2, deadline_seconds: 30 });
    children[0]!.receive({ type: 'timed_out', task_id: task.task_id, metrics: METRICS });
    expect(seen.calls).toEqual(['timed out']);
    expect(slot.state).toBe('idle');
  });

  test('a_cancelled_task_that_does_not_stop_costs_its_process', async () => {
    children[0]!.receive(READY);
    const { task_id, seen } = run();
    slot.cancel(task_id);
    expect(children[0]!.sent.at(-1)).toEqual({ type: 'cancel', task_id });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(children[0]!.isKilled).toBe(true);
    expect(seen.calls).toEqual(['failed TaskProcessCrashed']);
  });

  test('a_message_that_is_not_in_the_protocol_costs_the_process', () => {
    children[0]!.receive({ type: 'surprise' });
    expect(children[0]!.isKilled).toBe(true);
    expect(slot.state).toBe('down');
  });

  test('a_stopped_slot_starts_nothing_again_and_tells_nobody', async () => {
    children[0]!.receive(READY);
    const { seen } = run();
    await slot.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(children).toHaveLength(1);
    expect(seen.calls).toEqual([]);
    expect(slot.state).toBe('stopped');
  });
});
