import { useQuery } from '@tanstack/react-query';
import { structureGeometrySchema } from '../../../../contracts/structure.ts';
import type { StructureSource } from '../../../../contracts/structure.ts';
import { request } from '../../../api/client.ts';

function geometryPath(source: StructureSource): string {
  return source.source === 'builtin'
    ? `/structures/builtin/${encodeURIComponent(source.name)}/geometry`
    : `/structures/${encodeURIComponent(source.file_id)}/geometry`;
}

export function useStructureGeometry(source: StructureSource) {
  return useQuery({
    queryKey: ['structures', 'geometry', source],
    queryFn: ({ signal }) => request(structureGeometrySchema, geometryPath(source), { signal }),
    staleTime: Infinity,
  });
}
