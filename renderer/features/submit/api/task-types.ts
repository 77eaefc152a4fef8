import { useQuery } from '@tanstack/react-query';
import { taskTypeListSchema } from '../../../../contracts/task-types.ts';
import type { TaskType } from '../../../../contracts/task-types.ts';
import { request } from '../../../api/client.ts';

/** Task types that this installation cannot compute, each with the reason; empty until the service has said so. */
export function useUnavailableTaskTypes(): ReadonlyMap<TaskType, string> {
  const { data } = useQuery({
    queryKey: ['task-types'],
    queryFn: ({ signal }) => request(taskTypeListSchema, '/task-types', { signal }),
    staleTime: Infinity,
  });
  return new Map(
    (data?.task_types ?? []).flatMap(({ task_type, is_available, unavailable_reason }) =>
      is_available ? [] : [[task_type, unavailable_reason ?? ''] as const],
    ),
  );
}
