// What finished stages of a task have left for its next attempt: `checkpoint.stage-<name>.json`, written whole.
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { writeFileAtomic } from '../../store/write-file.ts';
import { checkpointFile } from '../checkpoint-files.ts';
import type { WorkflowContext } from '../workflow.ts';

type StageContext = Pick<WorkflowContext<unknown>, 'folder' | 'checkpoint_interval_seconds' | 'reporter'>;

/**
 * Computes a stage, or takes what an earlier attempt has kept of it. Nothing is kept when the task keeps no checkpoints.
 *
 * @param name of the file; one per stage of a task type
 * @param schema of what the next stages need; JSON keeps every bit of a finite number
 */
export async function finishedStage<T>(
  context: StageContext,
  name: string,
  schema: z.ZodType<T>,
  compute: () => Promise<T>,
): Promise<T> {
  if (context.checkpoint_interval_seconds === null) return compute();
  const kept = await readStage(context.folder, name, schema);
  if (kept !== null) {
    context.reporter.log('INFO', `The stage "${name}" was finished by an earlier attempt`);
    return kept;
  }
  const outcome = await compute();
  await writeFileAtomic(stageFile(context.folder, name), JSON.stringify(outcome));
  return outcome;
}

/** null when it is not there, or is not what this version writes. */
export async function readStage<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(stageFile(folder, name), 'utf8')));
  } catch {
    return null;
  }
}

function stageFile(folder: string, name: string): string {
  return checkpointFile(folder, `stage-${name}.json`);
}
