// Fluctuations of series whose moments are known.
import { describe, expect, it } from 'vitest';
import { addSample, emptySums, fluctuationOf, N_BLOCKS } from './block-sums.ts';

/** Sum of twelve uniform numbers: variance 1, fourth cumulant -1/10. */
function gaussians(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((sum, x) => sum + x, -6);
}

describe('fluctuations of a run', () => {
  it('are_mean_and_variance_of_its_samples_however_large_the_energy', () => {
    const sums = emptySums();
    const energies = Array.from({ length: 400 }, (_, i) => -1e6 + Math.sin(i) * 0.01);
    energies.forEach((energy_eV, i) => {
      addSample(sums, i / 400, { energy_eV, temperature_k: 300 + (i % 2) });
    });
    const mean = energies.reduce((sum, e) => sum + (e + 1e6), 0) / 400;
    const variance = energies.reduce((sum, e) => sum + (e + 1e6 - mean) ** 2, 0) / 400;
    const found = fluctuationOf(sums);
    expect(found.mean_energy_eV + 1e6).toBeCloseTo(mean, 9);
    expect(found.variance_eV2 / variance).toBeCloseTo(1, 6);
    expect(found.mean_temperature_k).toBeCloseTo(300.5, 9);
  });

  it('have_an_error_that_is_the_scatter_of_independent_runs', () => {
    const draw = gaussians(42);
    const runs = Array.from({ length: 200 }, () => {
      const sums = emptySums();
      for (let i = 0; i < 1000; i += 1) addSample(sums, i / 1000, { energy_eV: draw(), temperature_k: 1 });
      return fluctuationOf(sums);
    });
    const mean = runs.reduce((sum, run) => sum + run.variance_eV2, 0) / 200;
    const scatter = Math.sqrt(runs.reduce((sum, run) => sum + (run.variance_eV2 - mean) ** 2, 0) / 199);
    const told = runs.reduce((sum, run) => sum + run.variance_error_eV2, 0) / 200;
    expect(mean).toBeCloseTo(1, 1);
    // 200 runs know their scatter to 5 %, and each error of 20 blocks is good to 16 %, their mean to 1 %.
    expect(Math.abs(told / scatter - 1)).toBeLessThan(0.15);
  });

  it('of_a_run_with_empty_blocks_are_those_of_its_samples', () => {
    const sums = emptySums();
    [1, 2, 3].forEach((energy_eV, i) => {
      addSample(sums, i / N_BLOCKS, { energy_eV, temperature_k: 10 });
    });
    expect(fluctuationOf(sums).variance_eV2).toBeCloseTo(2 / 3, 12);
  });
});
