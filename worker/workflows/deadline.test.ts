import { describe, expect, it } from 'vitest';
import { Deadline } from './deadline.ts';

describe('Deadline', () => {
  it('counts_down_on_the_monotonic_clock_and_passes', () => {
    const clock = { ms: 5000, monotonic: () => clock.ms };
    const deadline = new Deadline(2, clock);
    expect(deadline.remainingSeconds()).toBe(2);
    clock.ms += 1500;
    expect(deadline.remainingSeconds()).toBe(0.5);
    expect(deadline.hasPassed).toBe(false);
    clock.ms += 500;
    expect(deadline.hasPassed).toBe(true);
    // The kernel wants a number above zero.
    expect(deadline.remainingSeconds()).toBeGreaterThan(0);
  });

  it('without_seconds_it_never_passes', () => {
    const deadline = new Deadline(null);
    expect(deadline.remainingSeconds()).toBeNull();
    expect(deadline.hasPassed).toBe(false);
  });
});
