import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relaxationProgress } from './relaxation-progress.ts';

describe('relaxationProgress', () => {
  it('half_the_decades_of_force_are_half_the_way', () => {
    expect(relaxationProgress({ start: 1, smallest: 0.1, fmax: 0.01, step: 1, max_steps: 1000 })).toBeCloseTo(50, 10);
  });

  it('steps_count_when_the_force_does_not_fall', () => {
    expect(relaxationProgress({ start: 1, smallest: 1, fmax: 0.01, step: 300, max_steps: 400 })).toBe(75);
  });

  it('only_the_kernel_says_that_it_is_over', () => {
    expect(relaxationProgress({ start: 1, smallest: 0.001, fmax: 0.01, step: 3, max_steps: 400 })).toBe(99);
    expect(relaxationProgress({ start: 0.001, smallest: 0.001, fmax: 0.01, step: 0, max_steps: 0 })).toBe(99);
  });

  it('progress_lies_between_0_and_99_for_any_relaxation', () => {
    const force = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(force, force, fc.double({ min: 1e-6, max: 10, noNaN: true }), fc.nat(1000), (a, b, fmax, step) => {
        const start = Math.max(a, b);
        const smallest = Math.min(a, b);
        const progress = relaxationProgress({ start, smallest, fmax, step, max_steps: 1000 });
        expect(progress).toBeGreaterThanOrEqual(0);
        expect(progress).toBeLessThanOrEqual(99);
      }),
    );
  });
});
