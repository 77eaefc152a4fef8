// Whatever a route throws becomes an error of the API here, and nowhere else.
import type { ErrorRequestHandler, Request, Response } from 'express';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { Logger } from '../../logger.ts';
import { sendError } from './envelope.ts';

export const MAX_JSON_BODY_BYTES = 1024 * 1024;
/** Time for the client to read the answer: a reset connection would swallow it. */
const HANG_UP_DELAY_MS = 500;

export function createErrorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const known = toServiceError(error);
    if (known.code >= 50000 && known.code < 50300) {
      const stack = error instanceof Error ? error.stack : String(error);
      logger.error('A request failed.', { method: request.method, path: request.path, code: known.code, stack });
    }
    // The client went away, or part of the answer is on its way already.
    if (response.headersSent) {
      next(error);
    } else {
      hangUpAfterAnswer(request, response);
      sendError(request, response, known);
    }
  };
}

/** A client that goes on sending what is refused already would otherwise keep us reading for ever. */
function hangUpAfterAnswer(request: Request, response: Response): void {
  if (request.complete) return;
  response.once('finish', () => {
    setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, HANG_UP_DELAY_MS).unref();
  });
}

function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  return bodyError(error) ?? systemError(error);
}

/** What Express's body parser throws: an error with `type` and `status`. */
function bodyError(error: unknown): ServiceError | null {
  if (!(error instanceof Error) || !('type' in error)) return null;
  switch (error.type) {
    case 'entity.too.large':
      return new ServiceError(40010, {
        message: `The request body is larger than ${MAX_JSON_BODY_BYTES} bytes.`,
        limit_bytes: MAX_JSON_BODY_BYTES,
      });
    case 'entity.parse.failed':
      return new ServiceError(40001, { message: error.message });
    case 'charset.unsupported':
    case 'encoding.unsupported':
    case 'request.aborted':
    case 'request.size.invalid':
    case 'stream.encoding.set':
      return new ServiceError(40001, { message: error.message });
    default:
      return null;
  }
}

/** The cause goes to the log, not to the client: it may name paths. */
function systemError(error: unknown): ServiceError {
  if (error instanceof URIError) return new ServiceError(40405, { message: 'The path is not valid.' });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_')) {
    const message =
      code === 'SQLITE_FULL' ? 'The disk is full.' : 'The database could not be used; see the log of the service.';
    return new ServiceError(50002, { message }, { cause: error });
  }
  if (['ENOSPC', 'EDQUOT'].includes(code))
    return new ServiceError(50004, { message: 'The disk is full.' }, { cause: error });
  if (['EACCES', 'EPERM', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENOENT'].includes(code)) {
    return new ServiceError(50004, { message: `A file could not be used (${code}).` }, { cause: error });
  }
  return new ServiceError(50001, { message: 'Unexpected; see the log of the service.' }, { cause: error });
}
