// /health and /system.
import {
  gpuSchema,
  gpuSettingsSchema,
  gpusSchema,
  healthSchema,
  queueStateSchema,
  systemConfigSchema,
  systemStatsSchema,
} from '../../../contracts/system.ts';
import type { Audit } from '../../service/audit.ts';
import type { SystemService } from '../../service/system-service.ts';
import { rawRoute, route } from './route.ts';
import type { Route } from './route.ts';

export interface SystemRouteParts {
  system: SystemService;
  audit: Audit;
}

export function createSystemRoutes(parts: SystemRouteParts): Route[] {
  return [...createStateRoutes(parts), ...createGpuRoutes(parts), ...createQueueRoutes(parts)];
}

function createStateRoutes({ system }: SystemRouteParts): Route[] {
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
        path: '/system/stats',
        operation: 'getStats',
        tag: 'system',
        summary: { zh: '获取系统状态', en: 'Tasks, GPUs and the queue in numbers' },
        description: 'Today begins at midnight of the machine that computes.',
        scope: 'read',
        limit: 'status',
        response: systemStatsSchema,
        errors: [],
      },
      () => system.stats(),
    ),
    route(
      {
        method: 'get',
        path: '/system/config',
        operation: 'getConfig',
        tag: 'system',
        summary: { zh: '获取系统配置', en: 'Limits of this installation' },
        scope: 'read',
        limit: 'other',
        response: systemConfigSchema,
        errors: [],
      },
      () => system.config(),
    ),
  ];
}

function createGpuRoutes({ system, audit }: SystemRouteParts): Route[] {
  return [
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
    route(
      {
        method: 'patch',
        path: '/system/gpus/{id}',
        operation: 'changeGpu',
        tag: 'system',
        summary: { zh: '修改 GPU 设置', en: 'Enable, pause, limit or share a GPU' },
        description:
          'By index or by UUID; kept by UUID. A disabled GPU is opened by no process and its tasks wait again at once; a paused ' +
          'one finishes what runs. A lower concurrency takes effect when tasks end.',
        scope: 'admin',
        limit: 'other',
        body: gpuSettingsSchema,
        response: gpuSchema,
        message: 'changed',
        errors: [40003, 40004, 40405],
      },
      async ({ caller, params, body }) => {
        const gpu = await system.changeGpu(params.id, body);
        audit.record(caller.key_id, 'gpu.changed', gpu.uuid, body);
        return gpu;
      },
    ),
  ];
}

function createQueueRoutes({ system, audit }: SystemRouteParts): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/system/queue',
        operation: 'getQueue',
        tag: 'system',
        summary: { zh: '获取队列状态', en: 'The queue' },
        scope: 'read',
        limit: 'status',
        response: queueStateSchema,
        errors: [],
      },
      () => system.queue(),
    ),
    route(
      {
        method: 'post',
        path: '/system/queue/pause',
        operation: 'pauseQueue',
        tag: 'system',
        summary: { zh: '暂停队列', en: 'Pause the queue' },
        description: 'What runs goes on, nothing new starts, also after a restart; submissions are still accepted.',
        scope: 'admin',
        limit: 'other',
        response: queueStateSchema,
        errors: [],
      },
      ({ caller }) => {
        audit.record(caller.key_id, 'queue.paused', 'queue');
        return system.pauseQueue();
      },
    ),
    route(
      {
        method: 'post',
        path: '/system/queue/resume',
        operation: 'resumeQueue',
        tag: 'system',
        summary: { zh: '恢复队列', en: 'Resume the queue' },
        scope: 'admin',
        limit: 'other',
        response: queueStateSchema,
        errors: [],
      },
      ({ caller }) => {
        audit.record(caller.key_id, 'queue.resumed', 'queue');
        return system.resumeQueue();
      },
    ),
  ];
}
