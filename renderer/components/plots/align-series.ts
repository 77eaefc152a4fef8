// Several curves with abscissas of their own as one table, as uPlot takes them: x rising, null where a curve has no point. Pure.

export interface XySeries {
  /** For the legend; absent: the only one. */
  readonly name?: string;
  readonly x: readonly number[];
  /** NaN and infinities are not drawn. */
  readonly y: readonly number[];
  readonly mark: 'line' | 'dashed' | 'points';
}

export interface AlignedSeries {
  /** Rising, every one once. */
  readonly x: number[];
  /** [series][x] */
  readonly y: (number | null)[][];
}

export function alignSeries(series: readonly Pick<XySeries, 'x' | 'y'>[]): AlignedSeries {
  const abscissas = series.flatMap(({ x }) => x).filter(Number.isFinite);
  const x = [...new Set(abscissas)].sort((a, b) => a - b);
  const places = new Map(x.map((value, i) => [value, i]));
  const y = series.map((curve) => {
    const column: (number | null)[] = x.map(() => null);
    curve.x.forEach((value, i) => {
      const place = places.get(value);
      const ordinate = curve.y[i];
      if (place !== undefined && ordinate !== undefined && Number.isFinite(ordinate)) column[place] = ordinate;
    });
    return column;
  });
  return { x, y };
}
