// The `mofsim` dialect: everything below /api/v1.
import { Router } from 'express';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { Logger } from '../../logger.ts';
import { createAlertRoutes } from './alerts.ts';
import type { AlertRouteParts } from './alerts.ts';
import { authenticate } from './authenticate.ts';
import { createCampaignRoutes } from './campaigns.ts';
import type { CampaignRouteParts } from './campaigns.ts';
import { createDocumentationRoutes } from './documentation.ts';
import { createErrorHandler } from './error-handler.ts';
import { createEventRoutes } from './events.ts';
import type { EventRouteParts } from './events.ts';
import { createFileRoutes } from './files.ts';
import type { FileRouteParts } from './files.ts';
import { createKeyRoutes } from './keys.ts';
import type { KeyRouteParts } from './keys.ts';
import { createModelRoutes } from './models.ts';
import type { ModelRouteParts } from './models.ts';
import { mountRoutes } from './mount-routes.ts';
import type { RouteChecks } from './mount-routes.ts';
import type { Route } from './route.ts';
import { createStructureRoutes } from './structures.ts';
import type { StructureRouteParts } from './structures.ts';
import { createSystemRoutes } from './system.ts';
import type { SystemRouteParts } from './system.ts';
import { createTaskTypeRoutes } from './task-types.ts';
import { createTaskRoutes } from './tasks.ts';
import type { TaskRouteParts } from './tasks.ts';
import { createWebhookRoutes } from './webhooks.ts';
import type { WebhookRouteParts } from './webhooks.ts';

export interface MofsimRouteParts
  extends
    TaskRouteParts,
    CampaignRouteParts,
    FileRouteParts,
    StructureRouteParts,
    SystemRouteParts,
    AlertRouteParts,
    ModelRouteParts,
    KeyRouteParts,
    WebhookRouteParts,
    EventRouteParts {}

export type MofsimApiParts = MofsimRouteParts & RouteChecks & { logger: Logger };

/** Every route of the dialect. A new resource adds its list here and nothing else. */
export function createMofsimRoutes(parts: MofsimRouteParts): Route[] {
  const routes: Route[] = [
    ...createTaskRoutes(parts),
    ...createTaskTypeRoutes(),
    ...createCampaignRoutes(parts),
    ...createFileRoutes(parts),
    ...createStructureRoutes(parts),
    ...createModelRoutes(parts),
    ...createSystemRoutes(parts),
    ...createAlertRoutes(parts),
    ...createKeyRoutes(parts),
    ...createWebhookRoutes(parts),
    ...createEventRoutes(parts),
    ...createDocumentationRoutes(() => routes),
  ];
  return routes;
}

export function createMofsimRouter(parts: MofsimApiParts): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.use(mountRoutes(createMofsimRoutes(parts), parts));
  router.use((request, response) => {
    authenticate(parts.credentials, request, response);
    const path = `/api/v1${request.path}`;
    throw new ServiceError(40405, { message: `${path} is no path of this API; /api/v1/docs lists them.`, path });
  });
  router.use(createErrorHandler(parts.logger));
  return router;
}
