import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { batchCancelReceiptSchema, taskListSchema } from '../../../../contracts/task.ts';
import { request } from '../../../api/client.ts';
import { taskKeys } from './tasks.ts';

/** The first of a batch; the rest is found with the search and the API. */
const N_SHOWN = 200;
const HEAL_MS = 10_000;

export function useBatch(batchId: string) {
  return useQuery({
    queryKey: taskKeys.batch(batchId),
    queryFn: ({ signal }) =>
      request(taskListSchema, `/tasks?batch_id=${encodeURIComponent(batchId)}&page=1&page_size=${N_SHOWN}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: HEAL_MS,
  });
}

export function useCancelBatch(batchId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      request(batchCancelReceiptSchema, '/tasks/batch/cancel', { method: 'POST', json: { batch_id: batchId } }),
    onSettled: () => client.invalidateQueries({ queryKey: taskKeys.all }),
  });
}
