import { useQuery } from '@tanstack/react-query';
import { modelListSchema } from '../../../../contracts/model.ts';
import { request } from '../../../api/client.ts';

export function useModels() {
  return useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => request(modelListSchema, '/models', { signal }),
    select: ({ models }) => models,
    staleTime: 60_000,
  });
}
