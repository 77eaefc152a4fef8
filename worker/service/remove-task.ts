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
  /** Those of them that can be, together. @returns them @throws ServiceError 40901 while one waits or runs */
  removeMany(tasks: readonly TaskRow[]): Promise<TaskRow[]>;
  /** At start, before anything else happens to tasks: finishes what was interrupted. */
  finishInterrupted(): Promise<void>;
}

export function createTaskRemoval(
  store: Store,
  queue: Queue,
  inputFiles: Pick<InputFiles, 'forgetUnneeded'>,
): TaskRemoval {
  const asideFolder = join(store.home, 'removed');

  /** All are aside before the first row goes; what goes wrong before brings them back. */
  const removeAll = async (tasks: readonly TaskRow[]): Promise<void> => {
    await mkdir(asideFolder, { recursive: true, mode: 0o700 });
    const aside: string[] = [];
    try {
      for (const { task_id } of tasks) {
        if (await moved(store.taskFolder(task_id), join(asideFolder, task_id))) aside.push(task_id);
      }
      queue.together(() => {
        for (const { task_id } of tasks) queue.remove(task_id);
      });
    } catch (error) {
      for (const task_id of aside) await rename(join(asideFolder, task_id), store.taskFolder(task_id));
      throw error;
    }
    for (const { input_sha256 } of tasks) if (input_sha256 !== null) inputFiles.forgetUnneeded(input_sha256);
    for (const task_id of aside) await clear(join(asideFolder, task_id));
  };

  const remove = async (task: TaskRow): Promise<void> => {
    refuseRunning(task);
    refuseInUse(store, task.task_id);
    await removeAll([task]);
  };

  return {
    remove,

    removeMany: async (tasks) => {
      tasks.forEach(refuseRunning);
      const free = tasks.filter(({ task_id }) => users(store, task_id).length === 0);
      try {
        await removeAll(free);
        return free;
      } catch (error) {
        if (!isOpenElsewhere(error)) throw error;
      }
      // One of them stays, the others need not.
      const removed: TaskRow[] = [];
      for (const task of free) {
        await remove(task).then(
          () => removed.push(task),
          (error: unknown) => {
            if (!isOpenElsewhere(error)) throw error;
          },
        );
      }
      return removed;
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

function refuseRunning({ task_id, status }: TaskRow): void {
  if (isFinalStatus(status)) return;
  const message = `The task is ${status}; cancel it first: POST /tasks/${task_id}/cancel.`;
  throw new ServiceError(40901, { message, task_id, status });
}

/** Tasks that have yet to take their structure from this one. */
function users(store: Store, task_id: string): string[] {
  return store.tasks.dependants(task_id).filter((other) => {
    const task = store.tasks.find(other);
    return task !== null && !isFinalStatus(task.status) && task.n_atoms === null;
  });
}

function refuseInUse(store: Store, task_id: string): void {
  const waiting = users(store, task_id);
  if (waiting.length === 0) return;
  const message = `Other tasks take their structure from this one and have not begun: ${waiting.slice(0, 8).join(', ')}.`;
  throw new ServiceError(40905, { message, task_id, used_by: waiting });
}

function isOpenElsewhere(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 40905;
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
