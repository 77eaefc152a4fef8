import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { gpuSchema, gpusSchema } from '../../../contracts/system.ts';
import type { GpuSettings } from '../../../contracts/system.ts';
import { request } from '../../api/client.ts';

const REFRESH_MS = 5_000;
const DEVICES_KEY = ['devices'] as const;

export function useDevices() {
  return useQuery({
    queryKey: DEVICES_KEY,
    queryFn: ({ signal }) => request(gpusSchema, '/system/gpus', { signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** What the owner of the machine lets us do with a GPU. */
export function useGpuSettings(uuid: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (settings: GpuSettings) =>
      request(gpuSchema, `/system/gpus/${encodeURIComponent(uuid)}`, { method: 'PATCH', json: settings }),
    onSettled: () => client.invalidateQueries({ queryKey: DEVICES_KEY }),
  });
}
