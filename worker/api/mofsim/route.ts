// A route is data: the router mounts it, checks scope, rate limit, content type and input, and the OpenAPI document says what
// it says here. Resource files export lists of routes.
import type { NextFunction, Request, Response } from 'express';
import type { z } from 'zod';
import type { Scope } from '../../../contracts/api-key.ts';
import type { ErrorCode } from '../../../contracts/error-code.ts';
import type { RateLimitClass } from '../../../contracts/rate-limit.ts';
import type { Caller } from '../../service/credentials.ts';
import type { MessageKey } from './envelope.ts';
import type { FileInMemory, FileOnDisk, FileRules } from './receive-file.ts';

export type Method = 'get' | 'post' | 'patch' | 'put' | 'delete';
export type Tag =
  | 'tasks'
  | 'campaigns'
  | 'structures'
  | 'models'
  | 'files'
  | 'system'
  | 'keys'
  | 'webhooks'
  | 'alerts'
  | 'events'
  | 'documentation';

export interface RouteSpec {
  method: Method;
  /** Below /api/v1, parameters in braces: `/tasks/{task_id}`. */
  path: string;
  /** Unique; `operationId` of the OpenAPI document. */
  operation: string;
  tag: Tag;
  summary: { zh: string; en: string };
  /** What the summary does not say, in English. */
  description?: string;
  /** `none`: no key is asked for. */
  scope: Scope | 'none';
  limit: RateLimitClass | 'none';
  /** Without it the parameters of the path are taken as texts. */
  params?: z.ZodType;
  query?: z.ZodType;
  /** Request headers by their names in small letters. */
  headers?: z.ZodType;
  /** JSON; with `file`: the text fields of the form. */
  body?: z.ZodType;
  /** Bytes; 1 MiB without it. */
  max_body_bytes?: number;
  /** The request is multipart/form-data with one file. */
  file?: FileRules;
  /** Of `data` in the envelope; of a raw route: of the whole JSON body. */
  response?: z.ZodType;
  /** Of a raw route: what it answers. */
  media_type?: string;
  status?: 200 | 201 | 202;
  /** Key of the envelope's messages. */
  message?: MessageKey;
  errors: readonly ErrorCode[];
  /** Mounted, but no operation of its own in the OpenAPI document, because of this. */
  unlisted_because?: string;
}

type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Record<Name, string> & ParamsOf<Rest>
  : unknown;

export interface RouteInput<Spec extends RouteSpec> {
  params: Spec extends { params: infer Schema extends z.ZodType } ? z.output<Schema> : ParamsOf<Spec['path']>;
  query: Spec extends { query: infer Schema extends z.ZodType } ? z.output<Schema> : undefined;
  headers: Spec extends { headers: infer Schema extends z.ZodType } ? z.output<Schema> : undefined;
  body: Spec extends { body: infer Schema extends z.ZodType } ? z.output<Schema> : undefined;
  file: Spec extends { file: FileRules }
    ? Spec['file'] extends { folder: string }
      ? FileOnDisk
      : FileInMemory
    : undefined;
  caller: Spec extends { scope: 'none' } ? null : Caller;
  request: Request;
  response: Response;
}

type DataOf<Spec extends RouteSpec> = Spec extends { response: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : never;

/** What the router gives to every route; typed behind `route` and `rawRoute`. */
export interface UntypedInput {
  params: unknown;
  query: unknown;
  headers: unknown;
  body: unknown;
  file: unknown;
  caller: Caller | null;
  request: Request;
  response: Response;
}

export interface Route {
  spec: RouteSpec;
  /** `data` of the envelope; a raw route writes its answer itself. */
  answer:
    | { kind: 'data'; handle: (input: UntypedInput) => unknown }
    | { kind: 'raw'; handle: (input: UntypedInput, next: NextFunction) => unknown };
}

/** A route that answers JSON in the envelope. */
export function route<const Spec extends RouteSpec & { response: z.ZodType }>(
  spec: Spec,
  handle: (input: RouteInput<Spec>) => DataOf<Spec> | Promise<DataOf<Spec>>,
): Route {
  // The router has parsed every part with the schemas of `spec`.
  return { spec, answer: { kind: 'data', handle: (input) => handle(input as RouteInput<Spec>) } };
}

/** A route that writes its answer itself: streams, files, pages. */
export function rawRoute<const Spec extends RouteSpec & { media_type: string }>(
  spec: Spec,
  handle: (input: RouteInput<Spec>, next: NextFunction) => unknown,
): Route {
  return { spec, answer: { kind: 'raw', handle: (input, next) => handle(input as RouteInput<Spec>, next) } };
}
