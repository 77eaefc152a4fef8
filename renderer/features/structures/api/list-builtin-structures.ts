import { useQuery } from '@tanstack/react-query';
import { builtinStructureListSchema } from '../../../../contracts/structure.ts';
import { request } from '../../../api/client.ts';

export function useBuiltinStructures() {
  return useQuery({
    queryKey: ['structures', 'builtin'],
    queryFn: ({ signal }) => request(builtinStructureListSchema, '/structures/builtin', { signal }),
    select: ({ structures }) => structures,
    staleTime: Infinity,
  });
}
