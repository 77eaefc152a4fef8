// /keys and /system/audit: for keys with the scope admin.
import {
  apiKeyListSchema,
  apiKeySchema,
  auditLogSchema,
  auditQuerySchema,
  createdApiKeySchema,
  newApiKeySchema,
} from '../../../contracts/api-key.ts';
import type { Audit } from '../../service/audit.ts';
import type { Credentials } from '../../service/credentials.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';

export interface KeyRouteParts {
  credentials: Credentials;
  audit: Audit;
}

export function createKeyRoutes({ credentials, audit }: KeyRouteParts): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/keys',
        operation: 'listKeys',
        tag: 'keys',
        summary: { zh: '列出 API 密钥', en: 'List the API keys' },
        description: 'Newest first, revoked ones too. The keys themselves are never shown again.',
        scope: 'admin',
        limit: 'other',
        response: apiKeyListSchema,
        errors: [],
      },
      ({ caller }) => ({ keys: credentials.list(caller.owner) }),
    ),
    route(
      {
        method: 'post',
        path: '/keys',
        operation: 'createKey',
        tag: 'keys',
        summary: { zh: '创建 API 密钥', en: 'Make an API key' },
        description: '`key` is in this answer only: keep it. Scopes: read < submit < admin.',
        scope: 'admin',
        limit: 'other',
        body: newApiKeySchema,
        response: createdApiKeySchema,
        status: 201,
        errors: [40002, 40003, 40004],
      },
      ({ caller, body }) => credentials.create(caller, body),
    ),
    route(
      {
        method: 'delete',
        path: '/keys/{key_id}',
        operation: 'revokeKey',
        tag: 'keys',
        summary: { zh: '撤销 API 密钥', en: 'Revoke an API key' },
        description: 'It ends at once. The last admin key that works cannot be revoked (40305).',
        scope: 'admin',
        limit: 'other',
        response: apiKeySchema,
        errors: [40305, 40405],
      },
      ({ caller, params }) => credentials.revoke(caller, params.key_id),
    ),
    route(
      {
        method: 'get',
        path: '/system/audit',
        operation: 'listAudit',
        tag: 'system',
        summary: { zh: '查看审计日志', en: 'Read the audit log' },
        description: 'Newest first: keys, tasks cancelled or deleted by another key, settings, models, the queue.',
        scope: 'admin',
        limit: 'other',
        query: auditQuerySchema,
        response: auditLogSchema,
        errors: [40004],
      },
      ({ query }) => audit.list(query.limit, query.offset),
    ),
  ];
}
