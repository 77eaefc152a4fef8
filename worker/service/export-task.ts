// A task as an archive: what it was given, how it was computed, what it said and what it left.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import {
  ARCHIVE_GIVEN_FOLDER,
  ARCHIVE_LOGS,
  ARCHIVE_MANIFEST,
  ARCHIVE_OUTPUTS_FOLDER,
  ARCHIVE_STRUCTURE,
  TASK_ARCHIVE_VERSION,
} from '../../contracts/task-archive.ts';
import type { TaskArchive } from '../../contracts/task-archive.ts';
import type { Task } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { writeArchive } from '../archive/write-archive.ts';
import type { ArchiveEntry } from '../archive/write-archive.ts';
import { STRUCTURE_FILE } from '../pool/attempt-input.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { APPLICATION_VERSION } from '../version.ts';
import type { InputFiles } from './input-files.ts';
import type { StructureLibrary } from './structure-library.ts';
import type { ModelDirectory } from './task-checks.ts';
import { listTaskFiles } from './task-files.ts';

const LOG_LINES_AT_ONCE = 500;

/** What the task's process writes first. */
const RECORD_FILE = 'task.json';
const recordSchema = z.object({ versions: z.record(z.string(), z.unknown()) });
const seededSchema = z.object({ seed: z.int() });

export interface TaskExport {
  filename: string;
  content: Readable;
}

export interface ExportParts {
  store: Store;
  structures: StructureLibrary;
  inputFiles: Pick<InputFiles, 'path'>;
  models: ModelDirectory;
  now: () => Date;
}

export type ExportTask = (row: TaskRow, task: Task) => Promise<TaskExport>;

/** @throws ServiceError 40901 for a task that has not ended */
export function createExportTask(parts: ExportParts): ExportTask {
  const { store, inputFiles, models, now } = parts;
  return async (row, task) => {
    const { task_id, status, model } = row;
    if (!isFinalStatus(status)) {
      const message = `The task is ${status}; it can be exported once it has ended.`;
      throw new ServiceError(40901, { message, task_id, status });
    }
    const given = await givenFile(parts, row);
    const found = await folderEntries(store.taskFolder(task_id));
    const outputs = found.filter(({ name }) => name !== ARCHIVE_STRUCTURE);
    const parsed =
      row.input_sha256 === null
        ? found.find(({ name }) => name === ARCHIVE_STRUCTURE)
        : fileEntry(ARCHIVE_STRUCTURE, inputFiles.path(row.input_sha256));
    const known = models.find(model);
    const exported_at = now();
    const manifest: TaskArchive = {
      format: 'mofsimbench-task',
      format_version: TASK_ARCHIVE_VERSION,
      exported_at: exported_at.toISOString(),
      program_version: APPLICATION_VERSION,
      task,
      model: { id: model, version: known?.version ?? null, sha256: known?.sha256 ?? null },
      versions: await versionsOf(store.taskFolder(task_id)),
      seed: seededSchema.safeParse(row.parameters).data?.seed ?? null,
      structure: { parsed: parsed === undefined ? null : ARCHIVE_STRUCTURE, given: given?.name ?? null },
    };
    const entries: ArchiveEntry[] = [
      { name: ARCHIVE_MANIFEST, open: () => Readable.from([`${JSON.stringify(manifest, null, 2)}\n`]) },
      ...(parsed === undefined ? [] : [parsed]),
      ...(given === null ? [] : [given]),
      { name: ARCHIVE_LOGS, open: () => Readable.from(logLines(store, task_id)) },
      ...outputs,
    ];
    return { filename: `${task_id}.zip`, content: writeArchive(entries, exported_at) };
  };
}

/** The input structure goes to the inputs; whatever else lies in the folder is output. */
async function folderEntries(folder: string): Promise<ArchiveEntry[]> {
  const files = await listTaskFiles(folder);
  return files.map(({ filename }) => {
    const name = filename === STRUCTURE_FILE ? ARCHIVE_STRUCTURE : `${ARCHIVE_OUTPUTS_FOLDER}${filename}`;
    return fileEntry(name, join(folder, filename));
  });
}

function fileEntry(name: string, path: string): ArchiveEntry {
  return { name, open: () => createReadStream(path) };
}

/** null for the structure of another task, and for an upload that is gone. */
async function givenFile({ store, structures }: ExportParts, { owner, structure_source: source }: TaskRow) {
  try {
    if (source.source === 'builtin') {
      const { filename, bytes } = await structures.builtinFile(source.name);
      return givenEntry(filename, () => Readable.from([bytes]));
    }
    if (source.source !== 'upload') return null;
    const row = store.structures.find(source.file_id);
    if (row?.owner !== owner) return null;
    return givenEntry(row.filename, () => createReadStream(store.structureFile(source.file_id)));
  } catch (error) {
    if (error instanceof ServiceError) return null;
    throw error;
  }
}

function givenEntry(filename: string, open: () => Readable): ArchiveEntry {
  // Names of uploads are the user's: anything but plain signs would not unpack everywhere.
  const plain = filename.replaceAll(/[^A-Za-z0-9_.-]/g, '_').replace(/^\.+/, '');
  return { name: `${ARCHIVE_GIVEN_FOLDER}${plain === '' ? 'structure' : plain}`, open };
}

async function versionsOf(folder: string): Promise<Record<string, unknown>> {
  const text = await readFile(join(folder, RECORD_FILE), 'utf8').catch(() => null);
  return text === null ? {} : recordSchema.parse(JSON.parse(text)).versions;
}

function* logLines(store: Store, task_id: string): Generator<string> {
  for (let offset = 0; ; offset += LOG_LINES_AT_ONCE) {
    const lines = store.history.logs(task_id, 'DEBUG', LOG_LINES_AT_ONCE, offset);
    if (lines.length > 0) yield `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    if (lines.length < LOG_LINES_AT_ONCE) return;
  }
}
