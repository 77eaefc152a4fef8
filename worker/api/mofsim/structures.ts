// /structures: uploads, built-in structures, and what the viewer draws.
import { Router } from 'express';
import type { Response } from 'express';
import type { StructureFormat } from '../../../contracts/structure.ts';
import type { StructureFileContent, StructureLibrary } from '../../service/structure-library.ts';
import { ownerOf } from './authenticate.ts';
import { sendSuccess } from './envelope.ts';
import { receiveUpload, uploadOf } from './receive-upload.ts';
import { addResource, pathParameter } from './resource.ts';

const MEDIA_TYPES: Readonly<Record<StructureFormat, string>> = {
  cif: 'chemical/x-cif',
  xyz: 'chemical/x-xyz',
  poscar: 'chemical/x-vasp',
};

export function createStructuresRouter(structures: StructureLibrary): Router {
  const router = Router();
  addResource(router, '/structures/upload', {
    post: [
      receiveUpload,
      async (request, response) => {
        const { filename, bytes, name } = uploadOf(request);
        const uploaded = await structures.upload(ownerOf(request), filename, bytes, name);
        sendSuccess(request, response, uploaded, { message: 'uploaded' });
      },
    ],
  });
  addResource(router, '/structures/builtin', {
    get: async (request, response) => {
      sendSuccess(request, response, { structures: await structures.builtins() });
    },
  });
  addResource(router, '/structures/builtin/:name', {
    get: async (request, response) => {
      sendStructureFile(response, await structures.builtinFile(pathParameter(request, 'name')));
    },
  });
  addResource(router, '/structures/builtin/:name/geometry', {
    get: async (request, response) => {
      const source = { source: 'builtin', name: pathParameter(request, 'name') } as const;
      sendSuccess(request, response, await structures.geometry(ownerOf(request), source));
    },
  });
  addResource(router, '/structures/:file_id', {
    get: async (request, response) => {
      sendStructureFile(response, await structures.file(ownerOf(request), pathParameter(request, 'file_id')));
    },
  });
  addResource(router, '/structures/:file_id/geometry', {
    get: async (request, response) => {
      const source = { source: 'upload', file_id: pathParameter(request, 'file_id') } as const;
      sendSuccess(request, response, await structures.geometry(ownerOf(request), source));
    },
  });
  return router;
}

/** As a download: a file that somebody uploaded is never shown by the browser as a page of ours. */
function sendStructureFile(response: Response, { filename, format, bytes }: StructureFileContent): void {
  response.attachment(filename);
  response.setHeader('Content-Type', MEDIA_TYPES[format]);
  response.send(Buffer.from(bytes));
}
