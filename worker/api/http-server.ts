// The HTTP server: loopback only, the guard first, then the dialects, then the page.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import express from 'express';
import type { RequestHandler, Router } from 'express';
import { ServiceError } from '../../contracts/error-code.ts';
import type { Logger } from '../logger.ts';
import { createGuard } from './guard.ts';
import { createErrorHandler } from './mofsim/error-handler.ts';

const LOOPBACK = '127.0.0.1';
/** `localhost` is this one first on many systems. */
const LOOPBACK_6 = '::1';
/** Scripts ask every few seconds: with Node's 5 s a connection ends just when some of them use it again. */
const KEEP_ALIVE_MS = 75_000;

export interface HttpServerOptions {
  /** 0 = a free one. */
  port: number;
  /** Path -> router of a dialect. */
  dialects: Readonly<Record<string, Router>>;
  /** The built page; null when there is none. */
  rendererFolder: string | null;
  logger: Logger;
}

export interface HttpServer {
  /** Settles when requests are answered. @throws Error when the port cannot be had */
  listen(): Promise<{ url: string }>;
  /** Ends open answers too, event streams among them. */
  close(): Promise<void>;
}

export function createHttpServer({ port, dialects, rendererFolder, logger }: HttpServerOptions): HttpServer {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // No JSON answer is kept by anybody (no-store), so its hash is not worth computing; files have the ETag of their own.
  app.set('etag', () => undefined);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
  const server6 = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
  app.use(createGuard(() => portOf(server)));
  for (const [path, router] of Object.entries(dialects)) app.use(path, router);
  if (rendererFolder !== null) app.use(servePage(rendererFolder));
  app.use((request) => {
    throw new ServiceError(40405, { message: 'There is nothing at this address.', path: request.path });
  });
  app.use(createErrorHandler(logger));

  return {
    listen: async () => {
      await listenOn(server, port, LOOPBACK);
      const chosen = portOf(server);
      // A machine without IPv6 lacks nothing; a port that is taken there leaves the address that was told.
      await listenOn(server6, chosen, LOOPBACK_6).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        logger.info(`The service answers on ${LOOPBACK} only, not on [${LOOPBACK_6}].`, { reason });
      });
      return { url: `http://${LOOPBACK}:${chosen}` };
    },
    close: async () => {
      await Promise.all([server, server6].filter(({ listening }) => listening).map(closeNow));
    },
  };
}

/** @throws Error when the address cannot be had */
function listenOn(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(error.code === 'EADDRINUSE' ? portTaken(port, error) : error);
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function closeNow(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

/** File names of the build carry their hash, the page itself does not. */
function servePage(rendererFolder: string): RequestHandler {
  return express.static(rendererFolder, {
    dotfiles: 'deny',
    setHeaders: (response, path) => {
      const isHashed = /[\\/]assets[\\/]/.test(path);
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

function portTaken(port: number, cause: Error): Error {
  const message = `Port ${port} is used by another program. Choose another one, or 0 for a free one.`;
  return new Error(message, { cause });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The HTTP server does not listen on a port.');
  return address.port;
}
