// The service's side of a real task process, forked, with the stand-in kernel behind it.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromTaskProcessSchema } from '../../../contracts/task-process-message.ts';
import type { FromTaskProcess, RunTask, ToTaskProcess } from '../../../contracts/task-process-message.ts';
import { installStandIn } from '../../kernel-client/testing/install-stand-in.ts';

const ENTRY = join(import.meta.dirname, '..', 'main.ts');
export const TASK_ID = 'task_abcdefghijkl';

const ENDS: readonly FromTaskProcess['type'][] = [
  'completed',
  'failed',
  'cancelled',
  'timed_out',
  'preempted',
  'put_back',
];

export class TestSlot {
  readonly child: ChildProcess;
  readonly messages: FromTaskProcess[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(kernelPath: string) {
    this.child = fork(ENTRY, [], {
      env: { PATH: process.env.PATH ?? '', MOFSIM_KERNEL: kernelPath },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.on('message', (message) => {
      this.messages.push(fromTaskProcessSchema.parse(message));
      this.#waiting.splice(0).forEach((wake) => {
        wake();
      });
    });
  }

  send(message: ToTaskProcess): void {
    this.child.send(message);
  }

  async until(matches: (message: FromTaskProcess) => boolean): Promise<FromTaskProcess> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async untilStep(atLeast: number): Promise<void> {
    await this.until(
      (message) =>
        message.type === 'events' && message.events.some((event) => event.type === 'step' && event.step >= atLeast),
    );
  }

  end(task_id = TASK_ID): Promise<FromTaskProcess> {
    return this.until((message) => ENDS.includes(message.type) && 'task_id' in message && message.task_id === task_id);
  }

  events() {
    return this.messages.flatMap((message) => (message.type === 'events' ? message.events : []));
  }

  steps(): number[] {
    return this.events().flatMap((event) => (event.type === 'step' ? [event.step] : []));
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}

/** A folder for one task, and the slots that work in it. */
export class TestBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'mofsim-task-process-'));
  readonly #slots: TestSlot[] = [];

  start(...behavior: string[]): TestSlot {
    const slot = new TestSlot(installStandIn(this.folder, behavior));
    this.#slots.push(slot);
    return slot;
  }

  path(filename: string): string {
    return join(this.folder, filename);
  }

  readJson(filename: string): unknown {
    return JSON.parse(readFileSync(this.path(filename), 'utf8'));
  }

  async remove(): Promise<void> {
    for (const slot of this.#slots) await slot.kill();
    rmSync(this.folder, { recursive: true });
  }

  runMessage(parameters: Record<string, unknown>, changes: Partial<RunTask> = {}): RunTask {
    return {
      type: 'run',
      task_id: TASK_ID,
      task_type: 'optimization',
      model: 'uff4mof',
      parameters,
      structure: {
        cell: [
          [5, 0, 0],
          [0, 6, 0],
          [0, 0, 7],
        ],
        pbc: [true, true, true],
        symbols: ['Zn', 'O'],
        positions: [
          [0, 0, 0],
          [2, 2, 2],
        ],
      },
      structure_name: 'toy <crystal>',
      device: 'cpu',
      folder: this.folder,
      attempt: 1,
      deadline_seconds: null,
      checkpoint_interval_seconds: 30,
      ...changes,
    };
  }
}
