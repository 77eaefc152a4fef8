// Long series drawn with few points: the extremes of every column of the plot survive, so no spike is lost.

/**
 * Min-max thinning: at most 2 * n_columns points, plus the first and the last.
 *
 * @param values y of each point, in the order of x
 * @returns indices to draw, ascending
 */
export function thinSeries(values: readonly number[], n_columns: number): number[] {
  const n = values.length;
  if (n <= 2 * n_columns) return values.map((_, i) => i);
  const kept: number[] = [0];
  const keep = (i: number): void => {
    if (i > (kept.at(-1) ?? -1)) kept.push(i);
  };
  for (let column = 0; column < n_columns; column += 1) {
    const begin = Math.floor((column * n) / n_columns);
    const end = Math.floor(((column + 1) * n) / n_columns);
    let lowest = begin;
    let highest = begin;
    for (let i = begin; i < end; i += 1) {
      const value = values[i] ?? 0;
      if (value < (values[lowest] ?? 0)) lowest = i;
      if (value > (values[highest] ?? 0)) highest = i;
    }
    keep(Math.min(lowest, highest));
    keep(Math.max(lowest, highest));
  }
  keep(n - 1);
  return kept;
}
