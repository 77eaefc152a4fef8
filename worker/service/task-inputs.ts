// Where a task's structure comes from, and when: at once, or from another task once that has completed.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import type { Structure, StructureGeometry, StructureSource } from '../../contracts/structure.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { readAttemptInput, STRUCTURE_FILE } from '../pool/attempt-input.ts';
import type { Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { writeFileAtomic } from '../store/write-file.ts';
import { givenFilename, readsGivenFile } from '../structures/given-file.ts';
import type { InputFiles } from './input-files.ts';
import type { StructureLibrary } from './structure-library.ts';
import { assertComputable, knownModel } from './task-checks.ts';
import type { ModelDirectory } from './task-checks.ts';
import type { TaskResults } from './task-results.ts';

/** Files written at the same time: the disk flushes them together. */
const PARALLEL_WRITES = 16;

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
  /** Puts on disk what tasks are about to be submitted with. @returns what each row names; null where the structure is not known */
  keep(found: readonly FoundStructure[]): Promise<(string | null)[]>;
  /** Asked in the tick in which the rows are written. */
  areThere(kept: readonly (string | null)[]): boolean;
  /** The rows were not written. */
  forget(kept: readonly (string | null)[]): void;
}

export interface TaskInputsParts {
  store: Store;
  queue: Queue;
  structures: StructureLibrary;
  inputFiles: InputFiles;
  results: TaskResults;
  models: ModelDirectory;
}

export function createTaskInputs(parts: TaskInputsParts): TaskInputs {
  const { store, queue, structures, inputFiles, results, models } = parts;
  const ofTask = async (owner: string, source: Extract<StructureSource, { source: 'task' }>) => {
    const other = store.tasks.find(source.task_id);
    if (other?.owner !== owner) {
      const message = `The structure is that of the task ${source.task_id}, which does not exist.`;
      throw new ServiceError(40401, { message, field: 'structure.task_id', task_id: source.task_id });
    }
    if (!isFinalStatus(other.status)) return { source, name: other.structure_name, geometry: null };
    return { source, name: other.structure_name, geometry: await finalStructure(results, other) };
  };

  /** What was not known at submission is checked now. */
  const takeFromTask = async (task: TaskRow, task_id: string): Promise<StructureGeometry> => {
    const other = store.tasks.find(task_id);
    if (other === null) {
      const message = `The structure is that of the task ${task_id}, which was deleted.`;
      throw new ServiceError(40401, { message, task_id });
    }
    const geometry = await finalStructure(results, other);
    assertComputable(knownModel(models, task.model), task, geometry);
    const folder = store.taskFolder(task.task_id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFileAtomic(join(folder, STRUCTURE_FILE), JSON.stringify(geometry));
    const { n_atoms, formula } = geometry.summary;
    queue.describe(task.task_id, { n_atoms, formula });
    return geometry;
  };

  /** For a task about every structure of a file, the file: what is in its folder otherwise is the first of them. */
  const putGivenFile = async ({ owner, parameters, structure_source: source }: TaskRow, folder: string) => {
    if (source.source === 'task' || source.source === 'inline' || !readsGivenFile(parameters)) return;
    const { format, bytes } = await structures.originalFile(owner, source);
    await writeFileAtomic(join(folder, givenFilename(format)), bytes);
  };

  return {
    ready: async (task) => {
      const { structure_source: source } = task;
      const isOpen = task.n_atoms === null && source.source === 'task';
      if (isOpen) return (await takeFromTask(task, source.task_id)).structure;
      const folder = store.taskFolder(task.task_id);
      if (task.input_sha256 !== null) await inputFiles.putInto(task.input_sha256, folder);
      const structure = await readAttemptInput(folder);
      await putGivenFile(task, folder);
      return structure;
    },

    find: async (owner, source) => {
      if (source.source === 'task') return ofTask(owner, source);
      const kept = source.source === 'inline' ? await structures.keepInline(owner, source) : source;
      const geometry = await structures.geometry(owner, kept);
      return { source: kept, name: geometry.name, geometry };
    },

    keep: async (found) => {
      const distinct = [...new Set(found.flatMap(({ geometry }) => geometry ?? []))];
      const names = new Map<StructureGeometry, string>();
      for (let first = 0; first < distinct.length; first += PARALLEL_WRITES) {
        const some = distinct.slice(first, first + PARALLEL_WRITES);
        await Promise.all(some.map(async (geometry) => names.set(geometry, await inputFiles.keep(geometry))));
      }
      return found.map(({ geometry }) => (geometry === null ? null : (names.get(geometry) ?? null)));
    },
    areThere: (kept) => named(kept).every((sha256) => inputFiles.isThere(sha256)),
    forget: (kept) => {
      for (const sha256 of named(kept)) inputFiles.forgetUnneeded(sha256);
    },
  };
}

/** Each once: a batch may have one structure a thousand times. */
function named(kept: readonly (string | null)[]): string[] {
  return [...new Set(kept)].filter((sha256) => sha256 !== null);
}

/** @throws ServiceError 40404 that says what the other task lacks */
export async function finalStructure(results: TaskResults, task: TaskRow): Promise<StructureGeometry> {
  if (task.status === 'COMPLETED') return results.final(task);
  const message = `The structure is that of the task ${task.task_id}, which ended as ${task.status} and left none.`;
  throw new ServiceError(40404, { message, field: 'structure.task_id', task_id: task.task_id, status: task.status });
}
