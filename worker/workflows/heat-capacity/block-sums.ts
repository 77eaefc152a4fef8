// Sums over the samples of a run, block by block, and the fluctuation of the energy from them. Pure.
import { z } from 'zod';

/** Of equal length; fewer leave the error itself uncertain, more make them too short to be independent. */
export const N_BLOCKS = 20;

const blockSchema = z.object({
  n: z.int().nonnegative(),
  /** Of energies minus the reference, eV. */
  sum: z.number(),
  sum_of_squares: z.number(),
  sum_of_temperatures_k: z.number(),
});

export const blockSumsSchema = z.object({
  /** The energy of the first sample, eV: squares of differences from it keep their digits. */
  reference_eV: z.number().nullable(),
  blocks: z.array(blockSchema).length(N_BLOCKS),
});
export type BlockSums = z.infer<typeof blockSumsSchema>;

export function emptySums(): BlockSums {
  const empty = { n: 0, sum: 0, sum_of_squares: 0, sum_of_temperatures_k: 0 };
  return { reference_eV: null, blocks: Array.from({ length: N_BLOCKS }, () => ({ ...empty })) };
}

/** @param part of the run where the sample was taken, 0 <= part < 1 */
export function addSample(sums: BlockSums, part: number, sample: { energy_eV: number; temperature_k: number }): void {
  sums.reference_eV ??= sample.energy_eV;
  const block = sums.blocks[Math.min(N_BLOCKS - 1, Math.floor(part * N_BLOCKS))];
  if (block === undefined) return;
  const energy = sample.energy_eV - sums.reference_eV;
  block.n += 1;
  block.sum += energy;
  block.sum_of_squares += energy * energy;
  block.sum_of_temperatures_k += sample.temperature_k;
}

export interface Fluctuation {
  mean_energy_eV: number;
  mean_temperature_k: number;
  /** <E^2> - <E>^2, eV^2. */
  variance_eV2: number;
  /** Standard error of the variance: the scatter of what the run gives when one block after another is left out. */
  variance_error_eV2: number;
}

/** The error by the jackknife, which the bias of a variance of few samples does not disturb. */
export function fluctuationOf({ reference_eV, blocks }: BlockSums): Fluctuation {
  const filled = blocks.filter(({ n }) => n > 0);
  const all = total(filled);
  const without = filled.map((left) => varianceOf(total(filled.filter((block) => block !== left))));
  const mean = without.reduce((sum, value) => sum + value, 0) / without.length;
  const scatter = without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean_energy_eV: (reference_eV ?? Number.NaN) + all.sum / all.n,
    mean_temperature_k: all.sum_of_temperatures_k / all.n,
    variance_eV2: varianceOf(all),
    variance_error_eV2: Math.sqrt((scatter * (without.length - 1)) / without.length),
  };
}

function varianceOf({ n, sum, sum_of_squares }: BlockSums['blocks'][number]): number {
  return sum_of_squares / n - (sum / n) ** 2;
}

function total(blocks: BlockSums['blocks']): BlockSums['blocks'][number] {
  const sums = { n: 0, sum: 0, sum_of_squares: 0, sum_of_temperatures_k: 0 };
  for (const block of blocks) {
    sums.n += block.n;
    sums.sum += block.sum;
    sums.sum_of_squares += block.sum_of_squares;
    sums.sum_of_temperatures_k += block.sum_of_temperatures_k;
  }
  return sums;
}
