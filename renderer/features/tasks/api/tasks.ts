// Requests about tasks: list, one task, its result, its files, its structure; cancel.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { structureGeometrySchema } from '../../../../contracts/structure.ts';
import {
  cancelReceiptSchema,
  deleteReceiptSchema,
  retryReceiptSchema,
  taskFilesSchema,
  taskListSchema,
  taskResultSchema,
  taskSchema,
} from '../../../../contracts/task.ts';
import type { TaskStructureStage } from '../../../../contracts/task.ts';
import { isFinalStatus } from '../../../../contracts/task-status.ts';
import type { TaskStatus } from '../../../../contracts/task-status.ts';
import { request } from '../../../api/client.ts';

/** The stream of the service tells of every change; this only heals what a broken stream has missed. */
const HEAL_MS = 10_000;

export interface TaskListFilter {
  readonly status: TaskStatus | null;
  readonly search: string;
}

export const taskKeys = {
  all: ['tasks'] as const,
  list: (pageSize: number, filter: TaskListFilter) => ['tasks', 'list', pageSize, filter] as const,
  batch: (batchId: string) => ['tasks', 'list', 'batch', batchId] as const,
  one: (taskId: string) => ['tasks', 'one', taskId] as const,
  result: (taskId: string) => ['tasks', 'result', taskId] as const,
  files: (taskId: string) => ['tasks', 'files', taskId] as const,
  structure: (taskId: string, stage: TaskStructureStage) => ['tasks', 'structure', taskId, stage] as const,
};

export function useTaskList(pageSize: number, filter: TaskListFilter) {
  return useQuery({
    queryKey: taskKeys.list(pageSize, filter),
    queryFn: ({ signal }) => request(taskListSchema, `/tasks?${listQuery(pageSize, filter)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: HEAL_MS,
  });
}

function listQuery(pageSize: number, { status, search }: TaskListFilter): string {
  const query = new URLSearchParams({ page: '1', page_size: String(pageSize) });
  if (status !== null) query.set('status', status);
  if (search.trim() !== '') query.set('search', search.trim());
  return query.toString();
}

export function useTask(taskId: string) {
  return useQuery({
    queryKey: taskKeys.one(taskId),
    queryFn: ({ signal }) => request(taskSchema, `/tasks/${encodeURIComponent(taskId)}`, { signal }),
    refetchInterval: (query) =>
      query.state.data !== undefined && isFinalStatus(query.state.data.status) ? false : HEAL_MS,
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

/** A new task with the same inputs. */
export function useRetryTask(taskId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      request(retryReceiptSchema, `/tasks/${encodeURIComponent(taskId)}/retry`, { method: 'POST', json: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: taskKeys.all }),
  });
}

/** Removes a task that has ended, with its files. */
export function useDeleteTask(taskId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request(deleteReceiptSchema, `/tasks/${encodeURIComponent(taskId)}`, { method: 'DELETE' }),
    onSuccess: () => {
      client.removeQueries({ queryKey: taskKeys.one(taskId) });
      return client.invalidateQueries({ queryKey: ['tasks', 'list'] });
    },
  });
}
