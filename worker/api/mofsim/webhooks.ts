// The delivery log of webhooks. The scope is submit, because the address of a receiver may hold a secret.
import {
  taskWebhooksSchema,
  webhookDeliveryListSchema,
  webhookDeliveryQuerySchema,
  webhookDeliverySchema,
} from '../../../contracts/webhook.ts';
import type { WebhookService } from '../../service/webhook-service.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';

export interface WebhookRouteParts {
  webhooks: WebhookService;
}

export function createWebhookRoutes({ webhooks }: WebhookRouteParts): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/webhooks/deliveries',
        operation: 'listWebhookDeliveries',
        tag: 'webhooks',
        summary: { zh: '列出 Webhook 投递记录', en: 'List the deliveries of webhooks' },
        description: 'Newest first, with every attempt. Kept for 30 days.',
        scope: 'submit',
        limit: 'other',
        query: webhookDeliveryQuerySchema,
        response: webhookDeliveryListSchema,
        errors: [40004],
      },
      ({ caller, query }) => webhooks.list(caller.owner, query),
    ),
    route(
      {
        method: 'post',
        path: '/webhooks/deliveries/{delivery_id}/redeliver',
        operation: 'redeliverWebhook',
        tag: 'webhooks',
        summary: { zh: '重新投递 Webhook', en: 'Deliver a webhook once more' },
        description:
          'The same body as a new delivery with a new id, due at once, tried again by the same schedule. The old one stays as it is.',
        scope: 'submit',
        limit: 'other',
        response: webhookDeliverySchema,
        status: 202,
        errors: [40405],
      },
      ({ caller, params }) => webhooks.redeliver(caller.owner, params.delivery_id),
    ),
    route(
      {
        method: 'get',
        path: '/tasks/{task_id}/webhooks',
        operation: 'listTaskWebhooks',
        tag: 'webhooks',
        summary: { zh: '任务的 Webhook 投递记录', en: 'Deliveries of the webhooks of one task' },
        scope: 'submit',
        limit: 'status',
        response: taskWebhooksSchema,
        errors: [40401],
      },
      ({ caller, params }) => webhooks.ofTask(caller.owner, params.task_id),
    ),
  ];
}
