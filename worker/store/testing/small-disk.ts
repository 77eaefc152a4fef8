// A queue on a disk that is too small, in a process of its own: small-disk.ts FOLDER. Prints one line of JSON.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createQueue } from '../../queue/queue.ts';
import { createTaskEvents } from '../../queue/task-events.ts';
import { openStore } from '../store.ts';
import { exampleTask } from './example-task.ts';

const BALLAST_BYTES = 1_000_000;
const MORE_THAN_FIT = 100_000;

function open(home: string) {
  const store = openStore(home);
  return { store, queue: createQueue({ store, events: createTaskEvents(), now: () => new Date() }) };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

async function fill(home: string): Promise<object> {
  const ballast = join(home, 'ballast');
  const first = open(home);
  writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES));
  const acknowledged: string[] = [];
  let refusal = 'none';
  for (let i = 0; i < MORE_THAN_FIT; i += 1) {
    const task = exampleTask({ name: 'x'.repeat(150) });
    try {
      first.queue.submit([task]);
      acknowledged.push(task.task_id);
    } catch (error) {
      refusal = codeOf(error);
      break;
    }
  }
  const whileFull = first.store.tasks.count({ owner: 'local' });
  let warning = '';
  const backups = first.store.automaticBackups(
    () => new Date(),
    (message) => {
      warning = message;
    },
  );
  await backups.start();
  await backups.stop();
  rmSync(ballast);
  const after = exampleTask();
  first.queue.submit([after]);
  first.store.close();

  const second = open(home);
  const found = [...acknowledged, after.task_id].filter((id) => second.store.tasks.find(id) !== null).length;
  const total = second.store.tasks.count({ owner: 'local' });
  second.store.close();
  return { warning, refusal, acknowledged: acknowledged.length, whileFull, found, total };
}

function print(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

try {
  print(await fill(process.argv[2] ?? ''));
} catch (error) {
  print({ code: codeOf(error), message: error instanceof Error ? error.message : '' });
}
