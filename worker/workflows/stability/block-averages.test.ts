import { describe, expect, it } from 'vitest';
import { BlockAverages } from './block-averages.ts';

/** Park and Miller's generator, and Box and Muller's transform. */
function* normal(seed: number): Generator<number, never> {
  let state = seed;
  const uniform = () => {
    state = (16807 * state) % 2147483647;
    return state / 2147483647;
  };
  for (;;) yield Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

describe('block averages', () => {
  it.each([0, 0.5, 0.9])('know_the_error_of_the_mean_of_a_correlated_series: memory %f', (memory) => {
    const n = 2 ** 15;
    const noise = normal(11);
    const blocks = new BlockAverages();
    let value = 0;
    for (let i = 0; i < n; i += 1) {
      value = memory * value + Math.sqrt(1 - memory ** 2) * noise.next().value;
      blocks.add(value);
    }
    // An autoregressive series of variance 1: sqrt((1 + phi) / (1 - phi) / n).
    const expected = Math.sqrt((1 + memory) / (1 - memory) / n);
    const found = blocks.standardError ?? 0;
    // The estimate from 16 blocks is uncertain by 1/sqrt(2 * 15), and the largest of some lies above.
    expect(found / expected).toBeGreaterThan(0.9);
    expect(found / expected).toBeLessThan(1.6);
  });

  it('say_nothing_about_few_values', () => {
    const blocks = new BlockAverages();
    for (let i = 0; i < 15; i += 1) blocks.add(i);
    expect(blocks.standardError).toBeNull();
    blocks.add(15);
    // sqrt((n^2 - 1) / 12 / (n - 1)), n = 16, for the numbers from 0 to 15.
    expect(blocks.standardError).toBeCloseTo(Math.sqrt(255 / 12 / 15), 12);
  });
});
