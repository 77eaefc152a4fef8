// The OpenAPI 3.1 document of the dialect, from the list of its routes. Nothing is written here that a route says.
import { errorResponseSchema } from '../../../../contracts/envelope.ts';
import { ERROR_CODES } from '../../../../contracts/error-code.ts';
import type { ErrorCode } from '../../../../contracts/error-code.ts';
import { webhookBodySchema } from '../../../../contracts/webhook.ts';
import type { Language } from '../envelope.ts';
import type { Route, RouteSpec, Tag } from '../route.ts';
import { createComponents } from './components.ts';
import type { Components, JsonSchema } from './components.ts';
import { EXACT_ANSWERS } from './exact-answers.ts';
import { EXAMPLES } from './examples.ts';
import { NAMED_SCHEMAS } from './named-schemas.ts';
import { pascalCase } from './pascal-case.ts';

const TAGS: Readonly<Record<Tag, { zh: string; en: string }>> = {
  tasks: { zh: '任务', en: 'Tasks' },
  campaigns: { zh: '批量计算', en: 'Campaigns' },
  structures: { zh: '结构', en: 'Structures' },
  models: { zh: '模型', en: 'Models' },
  files: { zh: '文件', en: 'Files' },
  system: { zh: '系统', en: 'System' },
  alerts: { zh: '告警', en: 'Alerts' },
  keys: { zh: '密钥', en: 'Keys' },
  webhooks: { zh: '回调', en: 'Webhooks' },
  events: { zh: '事件流', en: 'Event streams' },
  documentation: { zh: '文档', en: 'Documentation' },
};

export interface DocumentOptions {
  routes: readonly Route[];
  language: Language;
  version: string;
  /** Where the dialect is mounted. */
  server: string;
}

export function createOpenApiDocument({ routes, language, version, server }: DocumentOptions): JsonSchema {
  const components = createComponents(NAMED_SCHEMAS);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const { spec } of routes.filter(isListed)) {
    paths[spec.path] = { ...paths[spec.path], [spec.method]: operationOf(spec, components, language) };
  }
  return components.finish({
    openapi: '3.1.0',
    info: {
      title: 'MOFSimBench API',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description: {
        zh: '本机服务。错误信息的语言由 Accept-Language 决定，默认中文。',
        en: 'The service of this workstation.',
      }[language],
    },
    servers: [{ url: server }],
    security: [{ api_key: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description: description[language] })),
    paths,
    webhooks: { task: webhookOperation(components, language) },
    components: {
      securitySchemes: { api_key: { type: 'http', scheme: 'bearer', description: 'Authorization: Bearer <api_key>' } },
    },
  });
}

/** The operations of the document are these and no others. */
export function isListed({ spec }: Route): boolean {
  return spec.unlisted_because === undefined;
}

function operationOf(spec: RouteSpec, components: Components, language: Language): JsonSchema {
  const requestBody = requestBodyOf(spec, components);
  return {
    operationId: spec.operation,
    tags: [spec.tag],
    summary: spec.summary[language],
    description: descriptionOf(spec),
    ...(spec.scope === 'none' ? { security: [] } : {}),
    parameters: parametersOf(spec, components),
    ...(requestBody === null ? {} : { requestBody }),
    responses: { ...successOf(spec, components), ...errorsOf(spec, components, language) },
  };
}

function descriptionOf({ description, scope, limit }: RouteSpec): string {
  const needs = scope === 'none' ? 'No key is needed.' : `Scope: \`${scope}\`. Rate limit: \`${limit}\`.`;
  return description === undefined ? needs : `${description}\n\n${needs}`;
}

function parametersOf({ path, params, query, headers }: RouteSpec, components: Components): JsonSchema[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const known = params === undefined ? [] : components.propertiesOf(params);
  const inPath = names.map((name) => ({
    ...(known.find((parameter) => parameter.name === name) ?? { name, schema: { type: 'string' } }),
    in: 'path',
    required: true,
  }));
  const inQuery = query === undefined ? [] : components.propertiesOf(query);
  const inHeader = headers === undefined ? [] : components.propertiesOf(headers);
  return [
    ...inPath,
    ...inQuery.map((parameter) => ({ ...parameter, in: 'query' })),
    ...inHeader.map((parameter) => ({ ...parameter, in: 'header' })),
  ];
}

function requestBodyOf(spec: RouteSpec, components: Components): JsonSchema | null {
  const { body, file, operation } = spec;
  if (file !== undefined) {
    const fields = body === undefined ? [] : components.propertiesOf(body);
    const properties = Object.fromEntries(fields.map(({ name, schema }) => [name, schema]));
    const binary = { type: 'string', contentMediaType: 'application/octet-stream' };
    const required = [file.field, ...fields.filter((field) => field.required).map(({ name }) => name)];
    const schema = { type: 'object', properties: { [file.field]: binary, ...properties }, required };
    return { required: true, content: { 'multipart/form-data': { schema } } };
  }
  if (body === undefined) return null;
  const schema = components.refer(body, `${pascalCase(operation)}Body`, 'request');
  const example = EXAMPLES[operation]?.request;
  // A body of which every field may be left out may be left out itself.
  const required = !body.safeParse({}).success;
  return { required, content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } } };
}

function successOf(spec: RouteSpec, components: Components): JsonSchema {
  const { operation, media_type, status = 200 } = spec;
  const response = EXACT_ANSWERS[operation] ?? spec.response;
  const example = EXAMPLES[operation]?.answer;
  const answer = response === undefined ? null : components.refer(response, `${pascalCase(operation)}Answer`, 'answer');
  return { [status]: { description: 'OK', content: contentOf(media_type, answer, example) } };
}

function contentOf(media_type: string | undefined, answer: JsonSchema | null, example: unknown): JsonSchema {
  const withExample = example === undefined ? {} : { example };
  if (media_type === 'text/event-stream') {
    // OpenAPI 3.1 has no word for the items of a stream.
    return { [media_type]: { schema: { type: 'string' }, ...(answer === null ? {} : { 'x-event-data': answer }) } };
  }
  if (media_type !== undefined)
    return { [media_type]: { ...(answer === null ? {} : { schema: answer }), ...withExample } };
  const schema = {
    type: 'object',
    properties: { success: { const: true }, data: answer ?? {}, message: { type: 'string' } },
    required: ['success', 'data', 'message'],
  };
  return { 'application/json': { schema, ...withExample } };
}

/** What every route may answer besides what it lists itself. */
function codesOf({ errors, scope, limit, body, file, query }: RouteSpec): ErrorCode[] {
  const codes: ErrorCode[] = [...errors, 40305, 50001, 50002];
  if (scope !== 'none') codes.push(40101, 40102, 40103, 40104);
  if (scope === 'submit' || scope === 'admin') codes.push(40302);
  if (scope !== 'none' && limit !== 'none') codes.push(limit === 'submit' ? 42902 : limit === 'upload' ? 42903 : 42901);
  if (body !== undefined || file !== undefined) codes.push(40001, 40003, 40004, 40010);
  if (query !== undefined) codes.push(40003, 40004);
  return [...new Set(codes)].sort((a, b) => a - b);
}

function errorsOf(spec: RouteSpec, components: Components, language: Language): JsonSchema {
  const byStatus = Map.groupBy(codesOf(spec), (code) => ERROR_CODES[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, errorAnswer(codes, components, language, status === 429)]),
  );
}

function errorAnswer(
  codes: readonly ErrorCode[],
  components: Components,
  language: Language,
  isLimit: boolean,
): JsonSchema {
  const schema = components.refer(errorResponseSchema, 'Error', 'answer');
  const description = codes.map((code) => `- ${code} ${ERROR_CODES[code][language]}`).join('\n');
  const examples = Object.fromEntries(codes.map((code) => [code, { value: errorExample(code, language) }]));
  return {
    description,
    ...(isLimit ? { headers: { 'Retry-After': { schema: { type: 'integer' } } } } : {}),
    content: { 'application/json': { schema, examples } },
  };
}

function errorExample(code: ErrorCode, language: Language): JsonSchema {
  const details = { message: 'One English sentence that says what to change.' };
  return { success: false, error: { code, message: ERROR_CODES[code][language], details } };
}

function webhookOperation(components: Components, language: Language): JsonSchema {
  const schema = components.refer(webhookBodySchema, 'WebhookBody', 'answer');
  const example = EXAMPLES.webhook?.request;
  return {
    post: {
      summary: { zh: '任务事件发送到 webhook_url', en: 'What happens to a task, sent to its webhook_url' }[language],
      description:
        'Headers: X-MOFSim-Event, X-MOFSim-Timestamp, X-MOFSim-Delivery, and X-MOFSim-Signature (sha256=<hex HMAC-SHA256 of the raw body>) when webhook_secret was given.',
      security: [],
      requestBody: { required: true, content: { 'application/json': { schema, example } } },
      responses: { '2XX': { description: '200, 201, 202 and 204 are success; anything else is tried again.' } },
    },
  };
}
