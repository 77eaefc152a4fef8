// Requests about tasks: list, one task, its result, its files, its structure; cancel.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { structureGeometrySchema } from '../../../../contracts/structure.ts';
import {
  cancelReceiptSchema,
  taskFilesSchema,
  taskListSchema,
  taskResultSchema,
  taskSchema,
} from '../../../../contracts/task.ts';
import type { TaskStructureStage } from '../../../../contracts/task.ts';
import { isFinalStatus } from '../../../../contracts/task-status.ts';
import { request } from '../../../api/client.ts';

/** While a task waits or runs its list is asked for this often; otherwise rarely, for tasks that scripts submit. */
const LIST_BUSY_MS = 1_500;
const LIST_IDLE_MS = 10_000;

export const taskKeys = {
  all: ['tasks'] as const,
  list: (pageSize: number) => ['tasks', 'list', pageSize] as const,
  one: (taskId: string) => ['tasks', 'one', taskId] as const,
  result: (taskId: string) => ['tasks', 'result', taskId] as const,
  files: (taskId: string) => ['tasks', 'files', taskId] as const,
  structure: (taskId: string, stage: TaskStructureStage) => ['tasks', 'structure', taskId, stage] as const,
};

export function useTaskList(pageSize: number) {
  return useQuery({
    queryKey: taskKeys.list(pageSize),
    queryFn: ({ signal }) => request(taskListSchema, `/tasks?page=1&page_size=${pageSize}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      query.state.data?.tasks.some(({ status }) => !isFinalStatus(status)) === true ? LIST_BUSY_MS : LIST_IDLE_MS,
  });
}

export function useTask(taskId: string) {
  return useQuery({
    queryKey: taskKeys.one(taskId),
    queryFn: ({ signal }) => request(taskSchema, `/tasks/${encodeURIComponent(taskId)}`, { signal }),
    // The event stream tells of every change; this only heals what a broken stream has missed.
    refetchInterval: (query) =>
      query.state.data !== undefined && isFinalStatus(query.state.data.status) ? false : LIST_IDLE_MS,
  });
}

export function useTaskResult(taskId: string, isReady: boolean) {
  return useQuery({
    queryKey: taskKeys.result(taskId),
    queryFn: ({ signal }) => request(taskResultSchema, `/tasks/${encodeURIComponent(taskId)}/result`, { signal }),
    enabled: isReady,
    staleTime: Infinity,
  });
}

export function useTaskFiles(taskId: string, isReady: boolean) {
  return useQuery({
    queryKey: taskKeys.files(taskId),
    queryFn: ({ signal }) => request(taskFilesSchema, `/files/${encodeURIComponent(taskId)}`, { signal }),
    select: ({ files }) => files,
    enabled: isReady,
  });
}

/** The structure of a task: what it started from until it has completed, then what it reached. */
export function useTaskStructure(taskId: string, stage: TaskStructureStage) {
  return useQuery({
    queryKey: taskKeys.structure(taskId, stage),
    queryFn: ({ signal }) =>
      request(structureGeometrySchema, `/tasks/${encodeURIComponent(taskId)}/structure?stage=${stage}`, { signal }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

export function useCancelTask(taskId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      request(cancelReceiptSchema, `/tasks/${encodeURIComponent(taskId)}/cancel`, { method: 'POST', json: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: taskKeys.all }),
  });
}
