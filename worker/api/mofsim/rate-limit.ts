// Rate limits as headers and errors. Headers: draft-ietf-httpapi-ratelimit-headers-10.
import type { Response } from 'express';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { RateLimitClass } from '../../../contracts/rate-limit.ts';
import type { Caller } from '../../service/credentials.ts';
import type { RateLimiter } from '../../service/rate-limiter.ts';

const CODES = { submit: 42902, status: 42901, upload: 42903, other: 42901 } as const;

/** The window's session has no limit. @throws ServiceError 42901 | 42902 | 42903 */
export function takeFromLimit(
  limiter: Pick<RateLimiter, 'take'>,
  { key_id }: Caller,
  limitClass: RateLimitClass | 'none',
  response: Response,
): void {
  if (key_id === null || limitClass === 'none') return;
  const { allowed, limit, remaining, reset_seconds, window_seconds } = limiter.take(key_id, limitClass);
  const reset = Math.ceil(reset_seconds);
  response.setHeader('RateLimit-Policy', `"${limitClass}";q=${limit};w=${window_seconds}`);
  response.setHeader('RateLimit', `"${limitClass}";r=${remaining};t=${reset}`);
  if (allowed) return;
  const retry_after_seconds = Math.max(1, reset);
  response.setHeader('Retry-After', String(retry_after_seconds));
  const message = `At most ${limit} requests of this kind in ${window_seconds} s. Wait ${retry_after_seconds} s.`;
  throw new ServiceError(CODES[limitClass], { message, limit, window_seconds, retry_after_seconds });
}
