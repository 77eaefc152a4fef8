// Bearer keys. The caller of a request is known to every route behind this.
import type { Request, RequestHandler } from 'express';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { Caller, Credentials } from '../../service/credentials.ts';

const callers = new WeakMap<Request, Caller>();

export function createAuthenticator(credentials: Credentials): RequestHandler {
  return (request, response, next) => {
    try {
      callers.set(request, credentials.check(secretOf(request.headers.authorization)));
    } catch (error) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      throw error;
    }
    next();
  };
}

export function ownerOf(request: Request): string {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('A route without authentication asked for its caller.');
  return caller.owner;
}

function secretOf(header: string | undefined): string {
  if (header === undefined || header.trim() === '') {
    throw new ServiceError(40101, { message: 'Send the header "Authorization: Bearer <api_key>".' });
  }
  const [scheme = '', secret = '', ...rest] = header.trim().split(/\s+/);
  if (scheme.toLowerCase() !== 'bearer')
    throw new ServiceError(40102, { message: 'Send the header "Authorization: Bearer <api_key>".' });
  if (secret === '' || rest.length > 0) throw new ServiceError(40103);
  return secret;
}
