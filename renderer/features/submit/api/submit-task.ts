import { useMutation, useQueryClient } from '@tanstack/react-query';
import { submissionReceiptSchema } from '../../../../contracts/task.ts';
import type { TaskType } from '../../../../contracts/task-types.ts';
import { request } from '../../../api/client.ts';

export interface Submission {
  readonly taskType: TaskType;
  /** The request body: model, structure, parameters, priority. */
  readonly body: unknown;
}

export function useSubmitTask() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ taskType, body }: Submission) =>
      request(submissionReceiptSchema, `/tasks/${taskType}`, { method: 'POST', json: body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tasks', 'list'] }),
  });
}
