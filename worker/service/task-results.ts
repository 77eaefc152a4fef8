// What tasks have left in their folders, read back: input structure, result, final structure.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import { structureOutputSchema } from '../../contracts/results/optimization.ts';
import { structureGeometrySchema } from '../../contracts/structure.ts';
import type { StructureGeometry } from '../../contracts/structure.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { TASK_TYPES } from '../../contracts/task-types.ts';
import { STRUCTURE_FILE } from '../pool/attempt-input.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import type { InputFiles } from './input-files.ts';
import type { ReadStructureFile } from './structure-library.ts';

export const RESULT_FILE = 'result.json';

/** Where the results of the task types have the structure that they end with. */
const finalStructureSchema = z.object({
  final_structure: structureOutputSchema.optional(),
  /** null for a molecule that fits nowhere. */
  best_structure: structureOutputSchema.nullish(),
});

export interface TaskResults {
  /** @throws ServiceError 40404 unless the task is COMPLETED */
  result(task: TaskRow): Promise<Record<string, unknown>>;
  /** As it was submitted. @throws ServiceError 40404 while it is not known */
  input(task: TaskRow): Promise<StructureGeometry>;
  /** As the completed task left it; what it got where its type moves nothing. @throws ServiceError 40404 */
  final(task: TaskRow): Promise<StructureGeometry>;
}

export function createTaskResults(
  store: Store,
  inputFiles: Pick<InputFiles, 'read'>,
  readResultStructure: ReadStructureFile,
): TaskResults {
  const readJson = async ({ task_id }: TaskRow, filename: string): Promise<unknown> =>
    JSON.parse(await readFile(join(store.taskFolder(task_id), filename), 'utf8'));

  const result: TaskResults['result'] = async (task) => {
    const { task_id, task_type, status } = task;
    if (status !== 'COMPLETED') {
      const message = isFinalStatus(status)
        ? `The task ended as ${status} and has no result.`
        : `The task is ${status}; its result is there once it is COMPLETED.`;
      throw new ServiceError(40404, { message, task_id, status });
    }
    return TASK_TYPES[task_type].result.parse(await readJson(task, RESULT_FILE));
  };

  const input: TaskResults['input'] = async (task) => {
    if (task.n_atoms === null) {
      const message = 'The structure is that of another task which has not completed yet.';
      throw new ServiceError(40404, { message, task_id: task.task_id });
    }
    if (task.input_sha256 !== null) return inputFiles.read(task.input_sha256);
    return structureGeometrySchema.parse(await readJson(task, STRUCTURE_FILE));
  };

  return {
    result,
    input,
    final: async (task) => {
      const { final_structure, best_structure } = finalStructureSchema.parse(await result(task));
      const output = final_structure ?? best_structure;
      if (output === undefined || output === null) return input(task);
      const filename = `${task.structure_name}.${output.format}`;
      const { structure, summary } = await readResultStructure(Buffer.from(output.content), filename);
      return { structure, summary, name: task.structure_name };
    },
  };
}
