// What every request has to pass before anything looks at it: it must be meant for this server and must not come from
// another site's page. Checking that Origin equals Host would not do: DNS rebinding makes them equal.
import type { RequestHandler } from 'express';
import { ServiceError } from '../../contracts/error-code.ts';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

const HEADERS = Object.entries({
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Content-Security-Policy': [
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "style-src 'self' 'unsafe-inline'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
});

/** @param portOf the port that the server listens on; asked at the first request because it is known only after listening */
export function createGuard(portOf: () => number): RequestHandler {
  let hosts: readonly string[] | null = null;
  return (request, response, next) => {
    for (const [name, value] of HEADERS) response.setHeader(name, value);
    hosts ??= hostsOf(portOf());
    const { host, origin } = request.headers;
    if (host === undefined || !hosts.includes(host.toLowerCase())) {
      throw new ServiceError(40305, { message: 'The Host header names another server.', allowed_hosts: hosts });
    }
    if (origin !== undefined && !hosts.some((allowed) => origin.toLowerCase() === `http://${allowed}`)) {
      throw new ServiceError(40305, { message: 'Requests of pages from another origin are refused.' });
    }
    // Absent outside browsers; `none` is an address that the user typed.
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      throw new ServiceError(40305, { message: `Requests with "Sec-Fetch-Site: ${site}" are refused.` });
    }
    next();
  };
}

function hostsOf(port: number): string[] {
  return LOOPBACK_NAMES.map((name) => `${name}:${port}`);
}
