import { useQuery } from '@tanstack/react-query';
import { alertListSchema } from '../../../contracts/alert.ts';
import { request } from '../../api/client.ts';

const HEAL_MS = 30_000;

export function useActiveAlerts() {
  return useQuery({
    queryKey: ['alerts', 'active'],
    queryFn: ({ signal }) => request(alertListSchema, '/system/alerts/active', { signal }),
    select: ({ alerts }) => alerts,
    refetchInterval: HEAL_MS,
  });
}
