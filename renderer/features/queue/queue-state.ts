import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { queueStateSchema } from '../../../contracts/system.ts';
import { request } from '../../api/client.ts';

const QUEUE_KEY = ['queue'] as const;
/** The stream of the service tells of changes; this only heals what a broken stream has missed. */
const HEAL_MS = 15_000;

export function useQueueState() {
  return useQuery({
    queryKey: QUEUE_KEY,
    queryFn: ({ signal }) => request(queueStateSchema, '/system/queue', { signal }),
    refetchInterval: HEAL_MS,
  });
}

/** Paused: what runs goes on, nothing new starts. */
export function usePauseQueue() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (isPaused: boolean) =>
      request(queueStateSchema, `/system/queue/${isPaused ? 'pause' : 'resume'}`, { method: 'POST', json: {} }),
    onSuccess: (state) => {
      client.setQueryData(QUEUE_KEY, state);
    },
  });
}
