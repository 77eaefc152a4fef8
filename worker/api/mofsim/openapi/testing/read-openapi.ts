// The OpenAPI document of a running service, as far as tests look into it.
import { z } from 'zod';
import type { TestClient } from '../../../../service/testing/test-service.ts';
import { jsonObjectSchema } from './schema-check.ts';

const contentSchema = z.record(
  z.string(),
  z.looseObject({
    schema: jsonObjectSchema.optional(),
    example: z.unknown().optional(),
    examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
  }),
);
export type Content = z.infer<typeof contentSchema>;

const operationSchema = z.looseObject({
  operationId: z.string(),
  security: z.array(jsonObjectSchema).optional(),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.enum(['path', 'query', 'header']) })),
  requestBody: z.looseObject({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: contentSchema.optional() })),
});

const openApiSchema = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  webhooks: z.object({
    task: z.object({ post: z.looseObject({ requestBody: z.looseObject({ content: contentSchema }) }) }),
  }),
  components: z.looseObject({ schemas: jsonObjectSchema }),
});
export type OpenApi = z.infer<typeof openApiSchema>;

export interface Operation extends z.infer<typeof operationSchema> {
  path: string;
  method: string;
}

export async function readOpenApi(client: TestClient): Promise<OpenApi> {
  return openApiSchema.parse(await (await client.fetch('/openapi.json')).json());
}

export function operationsOf({ paths }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method })),
  );
}
