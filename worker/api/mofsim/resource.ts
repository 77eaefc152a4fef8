// One path with its methods; every other method on it is refused by name.
import type { Request, RequestHandler, Router } from 'express';
import { ServiceError } from '../../../contracts/error-code.ts';

export interface ResourceHandlers {
  get?: RequestHandler;
  /** Middleware first. */
  post?: RequestHandler | readonly RequestHandler[];
}

export function addResource(router: Router, path: string, { get, post }: ResourceHandlers): void {
  const route = router.route(path);
  const allowed: string[] = [];
  if (get !== undefined) {
    route.get(get);
    allowed.push('GET', 'HEAD');
  }
  if (post !== undefined) {
    route.post(...[post].flat());
    allowed.push('POST');
  }
  route.all((request, response) => {
    response.setHeader('Allow', allowed.join(', '));
    const message = `${request.method} is not served here.`;
    throw new ServiceError(40501, { message, method: request.method, allowed });
  });
}

/** A part of the path, decoded. */
export function pathParameter(request: Request, name: string): string {
  const value = request.params[name];
  if (typeof value !== 'string') throw new Error(`The route of ${request.path} has no parameter ${name}.`);
  return value;
}
