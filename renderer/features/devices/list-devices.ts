import { useQuery } from '@tanstack/react-query';
import { gpusSchema } from '../../../contracts/system.ts';
import { request } from '../../api/client.ts';

const REFRESH_MS = 5_000;

export function useDevices() {
  return useQuery({
    queryKey: ['devices'],
    queryFn: ({ signal }) => request(gpusSchema, '/system/gpus', { signal }),
    refetchInterval: REFRESH_MS,
  });
}
