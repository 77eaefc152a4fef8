// Bearer keys, and whether a key may do what it asks for.
import type { Request, Response } from 'express';
import { scopeSchema } from '../../../contracts/api-key.ts';
import type { Scope } from '../../../contracts/api-key.ts';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { Caller, Credentials } from '../../service/credentials.ts';

/** @throws ServiceError 40101 | 40102 | 40103 | 40104, with `WWW-Authenticate` set */
export function authenticate(credentials: Pick<Credentials, 'check'>, request: Request, response: Response): Caller {
  try {
    return credentials.check(secretOf(request.headers.authorization));
  } catch (error) {
    response.setHeader('WWW-Authenticate', 'Bearer');
    throw error;
  }
}

/** @throws ServiceError 40302 */
export function requireScope(caller: Caller, needed: Scope): void {
  const order = scopeSchema.options;
  if (order.indexOf(caller.scope) >= order.indexOf(needed)) return;
  const message = `This key has the scope "${caller.scope}"; the request needs "${needed}". Make a key with: mofsim keys create`;
  throw new ServiceError(40302, { message, scope: caller.scope, needed_scope: needed });
}

function secretOf(header: string | undefined): string {
  if (header === undefined || header.trim() === '') {
    throw new ServiceError(40101, { message: 'Send the header "Authorization: Bearer <api_key>".' });
  }
  const [scheme = '', secret = '', ...rest] = header.trim().split(/\s+/);
  if (scheme.toLowerCase() !== 'bearer')
    throw new ServiceError(40102, { message: 'Send the header "Authorization: Bearer <api_key>".' });
  if (secret === '' || rest.length > 0)
    throw new ServiceError(40103, { message: 'A key is one word after "Bearer"; "mofsim keys" shows the first one.' });
  return secret;
}
