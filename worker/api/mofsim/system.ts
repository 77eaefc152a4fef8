// /health and /system.
import { gpusSchema, healthSchema } from '../../../contracts/system.ts';
import type { SystemService } from '../../service/system-service.ts';
import { rawRoute, route } from './route.ts';
import type { Route } from './route.ts';

export interface SystemRouteParts {
  system: SystemService;
}

export function createSystemRoutes({ system }: SystemRouteParts): Route[] {
  return [
    rawRoute(
      {
        method: 'get',
        path: '/health',
        operation: 'getHealth',
        tag: 'system',
        summary: { zh: '健康检查', en: 'Is the service well?' },
        description:
          'Needs no key and has no envelope. `degraded` when no device is ready; 503 when the database cannot be read.',
        scope: 'none',
        limit: 'none',
        response: healthSchema,
        media_type: 'application/json',
        errors: [],
      },
      ({ response }) => {
        const health = system.health();
        response.status(health.database === 'connected' ? 200 : 503).json(health);
      },
    ),
    route(
      {
        method: 'get',
        path: '/system/gpus',
        operation: 'listGpus',
        tag: 'system',
        summary: { zh: '获取 GPU 状态', en: 'GPUs and the CPU' },
        scope: 'read',
        limit: 'status',
        response: gpusSchema,
        errors: [],
      },
      () => system.gpus(),
    ),
  ];
}
