// From routes to a router: one resource per path, HEAD and OPTIONS answered, other methods refused by name, and every request
// checked in one order: key, scope, rate limit, content type, input.
import { json, Router } from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { Credentials } from '../../service/credentials.ts';
import type { RateLimiter } from '../../service/rate-limiter.ts';
import { authenticate, requireScope } from './authenticate.ts';
import { sendSuccess } from './envelope.ts';
import { MAX_JSON_BODY_BYTES } from './error-handler.ts';
import { parseRequest } from './parse-request.ts';
import { takeFromLimit } from './rate-limit.ts';
import { discardFile, receiveForm } from './receive-file.ts';
import type { Route, RouteSpec, UntypedInput } from './route.ts';

export interface RouteChecks {
  credentials: Pick<Credentials, 'check'>;
  rateLimiter: Pick<RateLimiter, 'take'>;
}

export function mountRoutes(routes: readonly Route[], checks: RouteChecks): Router {
  const router = Router();
  for (const [path, atPath] of byPath(routes)) {
    const resource = router.route(path);
    for (const each of atPath) resource[each.spec.method](...handlersOf(each, checks));
    const allowed = allowedMethods(atPath);
    resource.options((_request, response) => {
      response.setHeader('Allow', allowed.join(', ')).status(204).end();
    });
    const isOpen = atPath.every(({ spec }) => spec.scope === 'none');
    resource.all((request, response) => {
      if (!isOpen) authenticate(checks.credentials, request, response);
      response.setHeader('Allow', allowed.join(', '));
      const message = `${request.method} is not served here.`;
      throw new ServiceError(40501, { message, method: request.method, allowed });
    });
  }
  return router;
}

/** Paths as Express writes them, literal names before parameters: /tasks/batch is not a task with the id "batch". */
function byPath(routes: readonly Route[]): [string, Route[]][] {
  const resources = new Map<string, Route[]>();
  for (const each of routes) {
    const shape = each.spec.path.replaceAll(/\{\w+\}/g, '{}');
    resources.set(shape, [...(resources.get(shape) ?? []), each]);
  }
  // `{` sorts behind every letter and digit.
  const shapes = [...resources].sort(([a], [b]) => (a < b ? -1 : 1));
  return shapes.map(([shape, atPath]) => {
    let n = 0;
    return [shape.replaceAll('{}', () => `:p${n++}`), atPath];
  });
}

function allowedMethods(routes: readonly Route[]): string[] {
  const methods = routes.map(({ spec }) => spec.method.toUpperCase());
  return [...(methods.includes('GET') ? ['GET', 'HEAD'] : []), ...methods.filter((name) => name !== 'GET'), 'OPTIONS'];
}

function handlersOf(route: Route, { credentials, rateLimiter }: RouteChecks): RequestHandler[] {
  const { spec } = route;
  const parseJson = json({ limit: spec.max_body_bytes ?? MAX_JSON_BODY_BYTES });
  const takesJson = spec.body !== undefined && spec.file === undefined;
  const names = [...spec.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const callers = new WeakMap<Request, UntypedInput['caller']>();
  const admit: RequestHandler = (request, response, next) => {
    if (spec.scope !== 'none') {
      const caller = authenticate(credentials, request, response);
      requireScope(caller, spec.scope);
      takeFromLimit(rateLimiter, caller, spec.limit, response);
      callers.set(request, caller);
    }
    if (takesJson) requireJson(request);
    next();
  };
  const answer: RequestHandler = async (request, response, next) => {
    const inPath = pathParameters(names, request);
    const input = await readInput(spec, inPath, callers.get(request) ?? null, request, response);
    await answerWith(route, input, next);
  };
  return takesJson ? [admit, parseJson, answer] : [admit, answer];
}

async function answerWith({ spec, answer }: Route, input: UntypedInput, next: NextFunction): Promise<void> {
  if (answer.kind === 'raw') {
    await answer.handle(input, next);
    return;
  }
  const data: unknown = await answer.handle(input);
  const { status = 200, message = 'ok' } = spec;
  sendSuccess(input.request, input.response, data, { status, message });
}

async function readInput(
  spec: RouteSpec,
  inPath: Record<string, string>,
  caller: UntypedInput['caller'],
  request: Request,
  response: Response,
): Promise<UntypedInput> {
  const params = parseIfGiven(spec.params, inPath) ?? inPath;
  const query = parseIfGiven(spec.query, request.query);
  const headers = parseIfGiven(spec.headers, request.headers);
  const input = { params, query, headers, caller, request, response };
  if (spec.file === undefined) return { ...input, body: parseIfGiven(spec.body, request.body ?? {}), file: undefined };
  const { file, fields } = await receiveForm(request, response, spec.file);
  try {
    return { ...input, body: parseIfGiven(spec.body, fields), file };
  } catch (error) {
    await discardFile(file);
    throw error;
  }
}

function parseIfGiven(schema: z.ZodType | undefined, value: unknown): unknown {
  return schema === undefined ? undefined : parseRequest(schema, value);
}

/** Express knows them by position, because methods of one path may call its parameters differently. */
function pathParameters(names: readonly string[], request: Request): Record<string, string> {
  return Object.fromEntries(names.map((name, i) => [name, String(request.params[`p${i}`])]));
}

/** A form of another site can send text, but not this content type, without asking first. No body at all is no field at all. */
function requireJson(request: Request): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (length === '0' && encoding === undefined) return;
  if (request.is('application/json') === 'application/json') return;
  throw new ServiceError(40001, { message: 'Send the body as JSON with "Content-Type: application/json".' });
}
