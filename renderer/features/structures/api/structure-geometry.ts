import { useQuery } from '@tanstack/react-query';
import { structureGeometrySchema } from '../../../../contracts/structure.ts';
import type { StructureSource } from '../../../../contracts/structure.ts';
import { request } from '../../../api/client.ts';

/** A structure that has an address: the text of an inline one lies in its task. */
export type AddressedStructure = Exclude<StructureSource, { source: 'inline' }>;

function geometryPath(source: AddressedStructure): string {
  switch (source.source) {
    case 'builtin':
      return `/structures/builtin/${encodeURIComponent(source.name)}/geometry`;
    case 'upload':
      return `/structures/${encodeURIComponent(source.file_id)}/geometry`;
    case 'task':
      return `/tasks/${encodeURIComponent(source.task_id)}/structure?stage=final`;
  }
}

export function useStructureGeometry(source: AddressedStructure) {
  return useQuery({
    queryKey: ['structures', 'geometry', source],
    queryFn: ({ signal }) => request(structureGeometrySchema, geometryPath(source), { signal }),
    staleTime: Infinity,
  });
}
