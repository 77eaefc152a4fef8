// One function per way of talking to the service. Every answer is checked against its contract before a component sees it.
import { z } from 'zod';
import { errorResponseSchema, successSchema } from '../../contracts/envelope.ts';
import { ApiFailure } from './failure.ts';
import { currentToken, signOut } from './session.ts';

export const API_ROOT = '/api/v1';

const envelopeSchema = successSchema(z.unknown());

interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  json?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

function requestInit(options: RequestOptions): RequestInit {
  const headers = new Headers({ Accept: 'application/json', 'Accept-Language': document.documentElement.lang });
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
  const token = currentToken();
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  const init: RequestInit = { method: options.method ?? 'GET', headers, credentials: 'omit', redirect: 'error' };
  if (options.json !== undefined) {
    headers.set('Content-Type', 'application/json');
    init.body = JSON.stringify(options.json);
  } else if (options.form !== undefined) {
    init.body = options.form;
  }
  if (options.signal !== undefined) init.signal = options.signal;
  return init;
}

/** The error document of a refused request, as a failure; a body that is none keeps the status. */
async function refusal(response: Response): Promise<ApiFailure> {
  const body: unknown = await response.json().catch(() => null);
  const parsed = errorResponseSchema.safeParse(body);
  if (response.status === 401) signOut();
  if (!parsed.success) {
    return new ApiFailure('refused', `HTTP ${response.status}`, { status: response.status });
  }
  const { code, message, details } = parsed.data.error;
  return new ApiFailure('refused', message, { status: response.status, code, details });
}

/** @throws ApiFailure; an aborted request rejects with its AbortError */
export async function fetchAnswered(path: string, options: RequestOptions = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${API_ROOT}${path}`, requestInit(options));
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause;
    throw new ApiFailure('unreachable', 'no answer', { cause });
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

/** @returns `data` of a success envelope, checked against its schema */
export async function request<T extends z.ZodType>(
  schema: T,
  path: string,
  options: RequestOptions = {},
): Promise<z.output<T>> {
  const response = await fetchAnswered(path, options);
  const body: unknown = await response.json().catch(() => null);
  const envelope = envelopeSchema.safeParse(body);
  const parsed = schema.safeParse(envelope.data?.data);
  if (parsed.success) return parsed.data;
  const reason = envelope.error ?? parsed.error;
  throw new ApiFailure('unreadable', `${path}: ${reason.issues[0]?.message ?? 'not the documented answer'}`, {
    status: response.status,
    cause: reason,
  });
}

/** Saves a file of the service to disk: the key travels in a header, so a plain link can't fetch it. */
export async function download(path: string, filename: string): Promise<void> {
  const response = await fetchAnswered(path);
  saveBlob(await response.blob(), filename);
}

export function saveBlob(blob: Blob, filename: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = filename;
  link.click();
  URL.revokeObjectURL(url);
}
