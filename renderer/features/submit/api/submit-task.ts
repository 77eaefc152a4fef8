import { useMutation, useQueryClient } from '@tanstack/react-query';
import { batchReceiptSchema, submissionReceiptSchema } from '../../../../contracts/task.ts';
import type { TaskType } from '../../../../contracts/task-types.ts';
import { request } from '../../../api/client.ts';

export interface Submissions {
  readonly taskType: TaskType;
  /** One request body a task: model, structure, parameters, priority. */
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
}

/** Where the tasks are shown. */
export type Submitted =
  { readonly screen: 'task'; readonly taskId: string } | { readonly screen: 'batch'; readonly batchId: string };

/** One task by itself, several as a batch: all are accepted or none. */
export function useSubmitTasks() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ taskType, bodies }: Submissions): Promise<Submitted> => {
      const [only, ...others] = bodies;
      if (others.length === 0) {
        const receipt = await request(submissionReceiptSchema, `/tasks/${taskType}`, { method: 'POST', json: only });
        return { screen: 'task', taskId: receipt.task_id };
      }
      const tasks = bodies.map((body) => ({ task_type: taskType, ...body }));
      const receipt = await request(batchReceiptSchema, '/tasks/batch', { method: 'POST', json: { tasks } });
      return { screen: 'batch', batchId: receipt.batch_id };
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['tasks', 'list'] }),
  });
}
