// GET /tasks/{task_id}/export: a zip that holds what a task was and what it left, enough to run it again.
import { z } from 'zod';
import { taskSchema } from './task.ts';

export const TASK_ARCHIVE_VERSION = 1;

/** Names inside the archive. `OUTPUTS` is followed by the names that GET /files/{task_id} lists. */
export const ARCHIVE_MANIFEST = 'manifest.json';
export const ARCHIVE_STRUCTURE = 'input/structure.json';
export const ARCHIVE_GIVEN_FOLDER = 'input/given/';
export const ARCHIVE_LOGS = 'logs.jsonl';
export const ARCHIVE_OUTPUTS_FOLDER = 'outputs/';
/** Last entry: `<sha256>  <name>` of every other one, as `sha256sum -c` reads it. */
export const ARCHIVE_CHECKSUMS = 'SHA256SUMS';

/** manifest.json */
export const taskArchiveSchema = z.object({
  format: z.literal('mofsimbench-task'),
  format_version: z.literal(TASK_ARCHIVE_VERSION),
  exported_at: z.iso.datetime(),
  /** Of the program that exported. */
  program_version: z.string(),
  /** As GET /tasks/{task_id} shows it. */
  task: taskSchema,
  model: z.object({
    id: z.string(),
    version: z.string().nullable(),
    /** Of the model's file; null for a model that is part of the program. */
    sha256: z.string().nullable(),
  }),
  /** Of the program, the kernel and the protocol that computed it; empty for a task that never ran. */
  versions: z.record(z.string(), z.unknown()),
  /** null for a calculation without random numbers. */
  seed: z.int().nullable(),
  structure: z.object({
    /** As it was read, every digit; null when the task never got it. */
    parsed: z.literal(ARCHIVE_STRUCTURE).nullable(),
    /** The file as it was given; null for another task's structure, and when the upload is gone. */
    given: z.string().startsWith(ARCHIVE_GIVEN_FOLDER).nullable(),
  }),
});
export type TaskArchive = z.infer<typeof taskArchiveSchema>;
