// Removing tasks that have ended: their rows, and of their folder what the program wrote there. A folder is first moved aside,
// so that a crash at any moment leaves either the whole task or nothing but files to clear at the next start.
import { lstat, mkdir, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import { taskIdSchema } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import type { InputFiles } from './input-files.ts';

export interface TaskRemoval {
  /** @throws ServiceError 40901 while it waits or runs | 40905 while others have yet to take their structure from it */
  remove(task: TaskRow): Promise<void>;
  /** At start, before anything else happens to tasks: finishes what was interrupted. */
  finishInterrupted(): Promise<void>;
}

export function createTaskRemoval(
  store: Store,
  queue: Queue,
  inputFiles: Pick<InputFiles, 'forgetUnneeded'>,
): TaskRemoval {
  const asideFolder = join(store.home, 'removed');

  return {
    remove: async ({ task_id, status, input_sha256 }) => {
      if (!isFinalStatus(status)) {
        const message = `The task is ${status}; cancel it first: POST /tasks/${task_id}/cancel.`;
        throw new ServiceError(40901, { message, task_id, status });
      }
      refuseInUse(store, task_id);
      await mkdir(asideFolder, { recursive: true, mode: 0o700 });
      const aside = join(asideFolder, task_id);
      const isAside = await moved(store.taskFolder(task_id), aside);
      try {
        queue.remove(task_id);
      } catch (error) {
        if (isAside) await rename(aside, store.taskFolder(task_id));
        throw error;
      }
      if (input_sha256 !== null) inputFiles.forgetUnneeded(input_sha256);
      if (isAside) await clear(aside);
    },

    finishInterrupted: async () => {
      for (const name of await namesIn(asideFolder)) {
        if (!taskIdSchema.safeParse(name).success) continue;
        const aside = join(asideFolder, name);
        if (store.tasks.find(name) === null) await clear(aside);
        else await moved(aside, store.taskFolder(name));
      }
    },
  };
}

function refuseInUse(store: Store, task_id: string): void {
  const waiting = store.tasks.dependants(task_id).filter((other) => {
    const task = store.tasks.find(other);
    return task !== null && !isFinalStatus(task.status) && task.n_atoms === null;
  });
  if (waiting.length === 0) return;
  const message = `Other tasks take their structure from this one and have not begun: ${waiting.slice(0, 8).join(', ')}.`;
  throw new ServiceError(40905, { message, task_id, used_by: waiting });
}

/** false when there is nothing to move. @throws ServiceError 40905 while somebody holds a file open (Windows) */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'ENOENT') return false;
    if (code !== 'EBUSY' && code !== 'EPERM') throw cause;
    const message = 'A file of the task is open in another program; close it and try again.';
    throw new ServiceError(40905, { message }, { cause });
  }
}

/** Plain files only: tasks make neither links nor folders, so whatever else lies there is somebody's, and it stays. */
async function clear(folder: string): Promise<void> {
  // A link in the place of the folder would lead to files that are not ours.
  if (!(await lstat(folder)).isDirectory()) return;
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(entries.filter((entry) => entry.isFile()).map(({ name }) => unlink(join(folder, name))));
  if (entries.every((entry) => entry.isFile())) await rmdir(folder);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
}
