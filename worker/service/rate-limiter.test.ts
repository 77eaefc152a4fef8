import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_RATE_LIMITS } from '../../contracts/rate-limit.ts';
import { createRateLimiter } from './rate-limiter.ts';

const limitsWith = (limit: number, window_seconds: number) => ({
  ...DEFAULT_RATE_LIMITS,
  submit: { limit, window_seconds },
});

describe('rate limits', () => {
  test('the_documented_number_is_allowed_and_the_next_one_is_told_how_long_to_wait', () => {
    let now = 0;
    const limiter = createRateLimiter(DEFAULT_RATE_LIMITS, () => now);
    const states = Array.from({ length: 100 }, () => {
      now += 100;
      return limiter.take('key_a', 'submit');
    });
    expect(states.every(({ allowed }) => allowed)).toBe(true);
    expect(states[0]).toEqual({ allowed: true, limit: 100, window_seconds: 60, remaining: 99, reset_seconds: 60 });
    expect(states[99]).toEqual({ allowed: true, limit: 100, window_seconds: 60, remaining: 0, reset_seconds: 51 });
    expect(limiter.take('key_a', 'submit')).toMatchObject({ allowed: false, remaining: 0, reset_seconds: 51 });
    // After exactly as long as was told, one is allowed again, and no more.
    now += 51_000;
    expect(limiter.take('key_a', 'submit').allowed).toBe(true);
  });

  test('keys_and_classes_do_not_take_from_each_other', () => {
    const limiter = createRateLimiter(limitsWith(1, 60), () => 0);
    expect(limiter.take('key_a', 'submit').allowed).toBe(true);
    expect(limiter.take('key_a', 'submit').allowed).toBe(false);
    expect(limiter.take('key_b', 'submit').allowed).toBe(true);
    expect(limiter.take('key_a', 'status').allowed).toBe(true);
  });

  test('no_window_ever_holds_more_than_the_limit_and_nothing_is_refused_below_it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 300 }),
        (limit, steps) => {
          let now = 0;
          const limiter = createRateLimiter(limitsWith(limit, 1), () => now);
          const allowed: number[] = [];
          for (const step of steps) {
            now += step;
            const inWindow = allowed.filter((moment) => moment > now - 1000).length;
            const state = limiter.take('key_a', 'submit');
            expect(state.allowed).toBe(inWindow < limit);
            if (state.allowed) allowed.push(now);
            expect(state.remaining).toBe(limit - Math.min(limit, inWindow + (state.allowed ? 1 : 0)));
          }
        },
      ),
    );
  });
});
