// The statistical error of the mean of a correlated series, while it comes. Pure.
// Source: Flyvbjerg, Petersen, J. Chem. Phys. 91, 461 (1989): averaging neighbors again and again removes the correlation, and the naive error of the
// mean grows until the blocks are independent.
import { RunningMoments } from './sample-statistics.ts';

/** With fewer blocks the error itself is uncertain by more than a fifth. */
const FEWEST_BLOCKS = 16;

interface Level {
  readonly moments: RunningMoments;
  /** The first of a pair whose second has not come yet. */
  waiting: number | null;
}

export class BlockAverages {
  readonly #levels: Level[] = [];

  add(value: number): void {
    let block: number | null = value;
    for (let k = 0; block !== null; k += 1) {
      const level = (this.#levels[k] ??= { moments: new RunningMoments(), waiting: null });
      level.moments.add(block);
      const first: number | null = level.waiting;
      level.waiting = first === null ? block : null;
      block = first === null ? null : (first + block) / 2;
    }
  }

  /**
   * The largest naive error of the mean over all block lengths that leave enough blocks: a lower bound when the series is shorter than some
   * hundred times its correlation. null with too few values.
   */
  get standardError(): number | null {
    const errors = this.#levels
      .filter(({ moments }) => moments.count >= FEWEST_BLOCKS)
      .map(({ moments }) => moments.standardDeviation / Math.sqrt(moments.count - 1));
    return errors.length === 0 ? null : Math.max(...errors);
  }
}
