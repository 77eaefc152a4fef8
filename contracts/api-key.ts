// API keys and the audit log.
import { z } from 'zod';

/** Each scope contains the ones before it. */
export const scopeSchema = z.enum(['read', 'submit', 'admin']);
export type Scope = z.infer<typeof scopeSchema>;

/** GET /keys. The key itself is shown once, by the answer that made it. */
export const apiKeySchema = z.object({
  key_id: z.string(),
  name: z.string(),
  scope: scopeSchema,
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;
export const apiKeyListSchema = z.object({ keys: z.array(apiKeySchema) });

/** POST /keys */
export const newApiKeySchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scope: scopeSchema.default('submit'),
  expires_at: z.iso.datetime({ offset: true }).optional(),
});
export const createdApiKeySchema = apiKeySchema.extend({ key: z.string() });

export const auditEntrySchema = z.object({
  audit_id: z.int(),
  timestamp: z.iso.datetime(),
  key_id: z.string().nullable().describe('Key or session that acted; null for the service itself.'),
  action: z.string(),
  target: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export const auditQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
});
export const auditLogSchema = z.object({ entries: z.array(auditEntrySchema), total: z.int().nonnegative() });
