// How often one key may call: a sliding window per key and class of request, exact to the request. Times are of a clock that
// only goes forward, so that a corrected system clock locks nobody out.
import type { RateLimitClass, RateLimits } from '../../contracts/rate-limit.ts';

export interface RateLimitState {
  allowed: boolean;
  limit: number;
  window_seconds: number;
  /** Requests that would be allowed at this moment. */
  remaining: number;
  /** Whole seconds: when refused, until one is allowed again; else until the window has forgotten its oldest request. */
  reset_seconds: number;
}

export interface RateLimiter {
  readonly limits: RateLimits;
  /** Counts the request when it is allowed; a refused one costs nothing. */
  take(key_id: string, limitClass: RateLimitClass): RateLimitState;
}

/** @param elapsedMs milliseconds since any fixed moment, never falling */
export function createRateLimiter(limits: RateLimits, elapsedMs: () => number): RateLimiter {
  const windows = new Map<string, SlidingWindow>();

  /** Keys come and go; a window that holds nothing is forgotten when another one is made. */
  const makeWindow = (name: string, limitClass: RateLimitClass, now: number): SlidingWindow => {
    for (const [other, window] of windows) if (window.isEmpty(now)) windows.delete(other);
    const { limit, window_seconds } = limits[limitClass];
    const made = new SlidingWindow(limit, window_seconds * 1000);
    windows.set(name, made);
    return made;
  };

  return {
    limits,
    take: (key_id, limitClass) => {
      const name = `${limitClass} ${key_id}`;
      const now = elapsedMs();
      return (windows.get(name) ?? makeWindow(name, limitClass, now)).take(now);
    },
  };
}

const FIRST_CAPACITY = 16;

/** The moments of the requests of one window, in a ring that grows up to `limit` entries and not beyond. */
class SlidingWindow {
  readonly #limit: number;
  readonly #lengthMs: number;
  #moments: Float64Array;
  #first = 0;
  #count = 0;

  constructor(limit: number, lengthMs: number) {
    this.#limit = limit;
    this.#lengthMs = lengthMs;
    this.#moments = new Float64Array(Math.min(FIRST_CAPACITY, limit));
  }

  isEmpty(now: number): boolean {
    this.#forget(now);
    return this.#count === 0;
  }

  take(now: number): RateLimitState {
    this.#forget(now);
    const allowed = this.#count < this.#limit;
    if (allowed) this.#push(now);
    const oldest = this.#moments[this.#first] ?? now;
    return {
      allowed,
      limit: this.#limit,
      window_seconds: this.#lengthMs / 1000,
      remaining: this.#limit - this.#count,
      reset_seconds: Math.max(1, Math.ceil((oldest + this.#lengthMs - now) / 1000)),
    };
  }

  #forget(now: number): void {
    while (this.#count > 0 && (this.#moments[this.#first] ?? now) <= now - this.#lengthMs) {
      this.#first = (this.#first + 1) % this.#moments.length;
      this.#count -= 1;
    }
  }

  #push(now: number): void {
    if (this.#count === this.#moments.length) this.#grow();
    this.#moments[(this.#first + this.#count) % this.#moments.length] = now;
    this.#count += 1;
  }

  #grow(): void {
    const larger = new Float64Array(Math.min(2 * this.#moments.length, this.#limit));
    larger.set(this.#moments.subarray(this.#first));
    larger.set(this.#moments.subarray(0, this.#first), this.#moments.length - this.#first);
    this.#moments = larger;
    this.#first = 0;
  }
}
