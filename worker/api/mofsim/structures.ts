// /structures: uploads, built-in structures, and what the viewer draws.
import type { Response } from 'express';
import { z } from 'zod';
import {
  builtinStructureListSchema,
  storedStructureSchema,
  structureGeometrySchema,
  structureListQuerySchema,
  uploadedStructureSchema,
} from '../../../contracts/structure.ts';
import type { StructureFormat } from '../../../contracts/structure.ts';
import { paginationSchema } from '../../../contracts/task.ts';
import { MAX_STRUCTURE_FILE_BYTES } from '../../service/limits.ts';
import type { StructureFileContent, StructureLibrary } from '../../service/structure-library.ts';
import { rawRoute, route } from './route.ts';
import type { Route } from './route.ts';

export interface StructureRouteParts {
  structures: StructureLibrary;
}

const MEDIA_TYPES: Readonly<Record<StructureFormat, string>> = {
  cif: 'chemical/x-cif',
  xyz: 'chemical/x-xyz',
  poscar: 'chemical/x-vasp',
};

export const structureListSchema = z.object({
  structures: z.array(storedStructureSchema),
  pagination: paginationSchema,
});

const READ = { method: 'get', tag: 'structures', scope: 'read', limit: 'other' } as const;

export function createStructureRoutes({ structures }: StructureRouteParts): Route[] {
  return [
    route(
      {
        method: 'post',
        path: '/structures/upload',
        operation: 'uploadStructure',
        tag: 'structures',
        summary: { zh: '上传结构文件', en: 'Upload a structure file' },
        description:
          'CIF, XYZ or POSCAR; at most 20 000 atoms and 10 s to read. Of several structures in a file the first is used, with a warning.',
        scope: 'submit',
        limit: 'upload',
        file: { field: 'file', max_bytes: MAX_STRUCTURE_FILE_BYTES },
        body: z.strictObject({
          /** Replaces the file's own name. */
          name: z.string().trim().min(1).max(200).optional(),
        }),
        response: uploadedStructureSchema,
        message: 'uploaded',
        errors: [40001, 40002, 40003, 40009, 40010, 42201, 42204, 42205],
      },
      ({ caller, file, body }) => structures.upload(caller.owner, file.filename, file.bytes, body.name),
    ),
    route(
      {
        ...READ,
        path: '/structures',
        operation: 'listStructures',
        summary: { zh: '获取上传的结构列表', en: 'Uploaded structures, newest first' },
        query: structureListQuerySchema,
        response: structureListSchema,
        errors: [],
      },
      ({ caller, query: { page, page_size } }) => {
        const { structures: found, total } = structures.list(caller.owner, page, page_size);
        return { structures: found, pagination: { total, page, page_size, total_pages: Math.ceil(total / page_size) } };
      },
    ),
    route(
      {
        ...READ,
        path: '/structures/builtin',
        operation: 'listBuiltinStructures',
        summary: { zh: '获取内置结构列表', en: 'Built-in structures, with their citations' },
        response: builtinStructureListSchema,
        errors: [],
      },
      async () => ({ structures: await structures.builtins() }),
    ),
    rawRoute(
      {
        ...READ,
        path: '/structures/builtin/{name}',
        operation: 'downloadBuiltinStructure',
        summary: { zh: '下载内置结构', en: 'Download a built-in structure' },
        media_type: MEDIA_TYPES.cif,
        errors: [40406],
      },
      async ({ params, response }) => {
        sendStructureFile(response, await structures.builtinFile(params.name));
      },
    ),
    route(
      {
        ...READ,
        path: '/structures/builtin/{name}/geometry',
        operation: 'getBuiltinGeometry',
        summary: { zh: '内置结构的几何', en: 'Cell, positions and elements of a built-in structure' },
        response: structureGeometrySchema,
        errors: [40406],
      },
      ({ caller, params }) => structures.geometry(caller.owner, { source: 'builtin', name: params.name }),
    ),
    rawRoute(
      {
        ...READ,
        path: '/structures/{file_id}',
        operation: 'downloadStructure',
        summary: { zh: '下载结构文件', en: 'Download an uploaded structure' },
        media_type: 'application/octet-stream',
        errors: [40402],
      },
      async ({ caller, params, response }) => {
        sendStructureFile(response, await structures.file(caller.owner, params.file_id));
      },
    ),
    route(
      {
        ...READ,
        path: '/structures/{file_id}/geometry',
        operation: 'getGeometry',
        summary: { zh: '上传结构的几何', en: 'Cell, positions and elements of an uploaded structure' },
        response: structureGeometrySchema,
        errors: [40402],
      },
      ({ caller, params }) => structures.geometry(caller.owner, { source: 'upload', file_id: params.file_id }),
    ),
    route(
      {
        method: 'delete',
        path: '/structures/{file_id}',
        operation: 'deleteStructure',
        tag: 'structures',
        summary: { zh: '删除上传的结构', en: 'Delete an uploaded structure' },
        description:
          'Tasks keep their own copy; a task that has ended can then only be tried again with another structure.',
        scope: 'submit',
        limit: 'other',
        response: z.object({ file_id: z.string() }),
        message: 'deleted',
        errors: [40402, 40905],
      },
      async ({ caller, params: { file_id } }) => {
        await structures.remove(caller.owner, file_id);
        return { file_id };
      },
    ),
  ];
}

/** As a download: a file that somebody uploaded is never shown by the browser as a page of ours. */
function sendStructureFile(response: Response, { filename, format, bytes }: StructureFileContent): void {
  response.attachment(filename);
  response.setHeader('Content-Type', MEDIA_TYPES[format]);
  response.send(Buffer.from(bytes));
}
