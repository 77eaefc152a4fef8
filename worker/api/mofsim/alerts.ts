// /system/alerts: the rules, what is active, what was.
import { alertHistoryQuerySchema, alertListSchema, alertRuleListSchema } from '../../../contracts/alert.ts';
import type { AlertService } from '../../service/alert-service.ts';
import { languageOf } from './envelope.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';

export interface AlertRouteParts {
  alerts: AlertService;
}

export function createAlertRoutes({ alerts }: AlertRouteParts): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/system/alerts/rules',
        operation: 'listAlertRules',
        tag: 'alerts',
        summary: { zh: '获取告警规则', en: 'The rules of the alerts' },
        description: 'Evaluated every 5 s and when the state of a GPU or of a task process changes.',
        scope: 'read',
        limit: 'other',
        response: alertRuleListSchema,
        errors: [],
      },
      ({ request }) => ({ rules: alerts.rules(languageOf(request)) }),
    ),
    route(
      {
        method: 'get',
        path: '/system/alerts/active',
        operation: 'listActiveAlerts',
        tag: 'alerts',
        summary: { zh: '获取当前告警', en: 'Alerts that are active' },
        scope: 'read',
        limit: 'other',
        response: alertListSchema,
        errors: [],
      },
      ({ request }) => ({ alerts: alerts.active(languageOf(request)) }),
    ),
    route(
      {
        method: 'get',
        path: '/system/alerts/history',
        operation: 'listAlertHistory',
        tag: 'alerts',
        summary: { zh: '获取告警历史', en: 'Alerts that are active or were' },
        description: 'Newest first.',
        scope: 'read',
        limit: 'other',
        query: alertHistoryQuerySchema,
        response: alertListSchema,
        errors: [40003, 40004],
      },
      ({ request, query }) => ({ alerts: alerts.history(languageOf(request), query.limit, query.offset) }),
    ),
  ];
}
