// Where a task's structure comes from, and when: at once, or from another task once that has completed.
import { linkSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import type { Structure, StructureGeometry, StructureSource } from '../../contracts/structure.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { readAttemptInput, STRUCTURE_FILE } from '../pool/attempt-input.ts';
import type { Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { syncFolder, writeFileAtomic } from '../store/write-file.ts';
import type { StructureLibrary } from './structure-library.ts';
import { assertComputable, knownModel } from './task-checks.ts';
import type { ModelDirectory } from './task-checks.ts';
import type { TaskResults } from './task-results.ts';

export interface FoundStructure {
  /** As the task's row keeps it. */
  source: StructureSource;
  name: string;
  /** null while the task that it comes from has not ended. */
  geometry: StructureGeometry | null;
}

export interface TaskInputs {
  /** @throws ServiceError 40401 | 40402 | 40404 | 40406 | 40009 | 4220x */
  find(owner: string, source: StructureSource): Promise<FoundStructure>;
  /** What a task that has just been claimed computes; another task's structure is taken now. @throws ServiceError as `find` */
  ready: (task: TaskRow) => Promise<Structure>;
  /** Makes the folder of a task that is about to be submitted. */
  write(task_id: string, { geometry }: FoundStructure): Promise<void>;
}

export interface TaskInputsParts {
  store: Store;
  queue: Queue;
  structures: StructureLibrary;
  results: TaskResults;
  models: ModelDirectory;
}

export function createTaskInputs({ store, queue, structures, results, models }: TaskInputsParts): TaskInputs {
  const ofTask = async (owner: string, source: Extract<StructureSource, { source: 'task' }>) => {
    const other = store.tasks.find(source.task_id);
    if (other?.owner !== owner) {
      const message = `The structure is that of the task ${source.task_id}, which does not exist.`;
      throw new ServiceError(40401, { message, field: 'structure.task_id', task_id: source.task_id });
    }
    if (!isFinalStatus(other.status)) return { source, name: other.structure_name, geometry: null };
    return { source, name: other.structure_name, geometry: await finalStructure(results, other) };
  };

  const files = createSharedFiles();

  /** What was not known at submission is checked now. */
  const takeFromTask = async (task: TaskRow, task_id: string): Promise<StructureGeometry> => {
    const other = store.tasks.find(task_id);
    if (other === null) {
      const message = `The structure is that of the task ${task_id}, which was deleted.`;
      throw new ServiceError(40401, { message, task_id });
    }
    const geometry = await finalStructure(results, other);
    assertComputable(knownModel(models, task.model), task, geometry);
    await writeFileAtomic(join(store.taskFolder(task.task_id), STRUCTURE_FILE), JSON.stringify(geometry));
    const { n_atoms, formula } = geometry.summary;
    queue.describe(task.task_id, { n_atoms, formula });
    return geometry;
  };

  return {
    ready: async (task) => {
      const { structure_source: source } = task;
      const isOpen = task.n_atoms === null && source.source === 'task';
      if (!isOpen) return readAttemptInput(store.taskFolder(task.task_id));
      return (await takeFromTask(task, source.task_id)).structure;
    },

    find: async (owner, source) => {
      if (source.source === 'task') return ofTask(owner, source);
      const kept = source.source === 'inline' ? await structures.keepInline(owner, source) : source;
      const geometry = await structures.geometry(owner, kept);
      return { source: kept, name: geometry.name, geometry };
    },

    write: async (task_id, { geometry }) => {
      const folder = store.taskFolder(task_id);
      // These two wait for no disk: done here they take less than handing them to another thread.
      mkdirSync(folder, { mode: 0o700 });
      if (geometry !== null) await files.write(join(folder, STRUCTURE_FILE), geometry);
    },
  };
}

/**
 * The same structure in many tasks is one file with many names: nothing writes into it, and half of the waiting for the disk
 * goes away. Where a disk has no such names, or the first one is gone, it is written again.
 */
function createSharedFiles() {
  const written = new WeakMap<StructureGeometry, string>();
  return {
    write: async (path: string, geometry: StructureGeometry): Promise<void> => {
      const known = written.get(geometry);
      if (known !== undefined && (await isLinked(known, path))) return;
      await writeFileAtomic(path, JSON.stringify(geometry));
      written.set(geometry, path);
    },
  };
}

async function isLinked(existing: string, path: string): Promise<boolean> {
  try {
    linkSync(existing, path);
  } catch {
    return false;
  }
  await syncFolder(dirname(path));
  return true;
}

/** @throws ServiceError 40404 that says what the other task lacks */
export async function finalStructure(results: TaskResults, task: TaskRow): Promise<StructureGeometry> {
  if (task.status === 'COMPLETED') return results.final(task);
  const message = `The structure is that of the task ${task.task_id}, which ended as ${task.status} and left none.`;
  throw new ServiceError(40404, { message, field: 'structure.task_id', task_id: task.task_id, status: task.status });
}
