// The `mofsim` dialect: everything below /api/v1.
import { Router } from 'express';
import { ServiceError } from '../../../contracts/error-code.ts';
import { MODELS } from '../../models/catalogue.ts';
import type { Credentials } from '../../service/credentials.ts';
import type { Logger } from '../../logger.ts';
import type { StructureLibrary } from '../../service/structure-library.ts';
import type { SystemService } from '../../service/system-service.ts';
import { createAuthenticator } from './authenticate.ts';
import { sendSuccess } from './envelope.ts';
import { createErrorHandler } from './error-handler.ts';
import { createFilesRouter } from './files.ts';
import type { FileRouterParts } from './files.ts';
import { addResource } from './resource.ts';
import { createStructuresRouter } from './structures.ts';
import { createTasksRouter } from './tasks.ts';
import type { TaskRouterParts } from './tasks.ts';

export interface MofsimApiParts extends TaskRouterParts, FileRouterParts {
  credentials: Credentials;
  structures: StructureLibrary;
  system: SystemService;
  logger: Logger;
}

export function createMofsimRouter(parts: MofsimApiParts): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  // Monitoring has no key, and clients of the API document read this answer without an envelope.
  addResource(router, '/health', {
    get: (_request, response) => {
      const health = parts.system.health();
      response.status(health.database === 'connected' ? 200 : 503).json(health);
    },
  });
  router.use(createAuthenticator(parts.credentials));
  addResource(router, '/system/gpus', {
    get: async (request, response) => {
      sendSuccess(request, response, await parts.system.gpus());
    },
  });
  addResource(router, '/models', {
    get: (request, response) => {
      sendSuccess(request, response, { models: MODELS });
    },
  });
  router.use(createStructuresRouter(parts.structures));
  router.use(createFilesRouter(parts));
  router.use(createTasksRouter(parts));
  router.use((request) => {
    const path = `/api/v1${request.path}`;
    throw new ServiceError(40405, { message: `${path} is no path of this API; docs/api.md lists them.`, path });
  });
  router.use(createErrorHandler(parts.logger));
  return router;
}
