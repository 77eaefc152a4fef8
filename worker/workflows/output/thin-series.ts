// Long series for plots: fewer points that draw the same picture. Pure.

export interface SeriesPoint {
  x: number;
  y: number;
}

/**
 * Keeps, from each of equally filled bins, the lowest and the highest point, and the first and the last point of all,
 * so that no spike disappears.
 *
 * @param limit about how many points may remain, at least 4
 */
export function thinSeries(points: readonly SeriesPoint[], limit: number): SeriesPoint[] {
  if (points.length <= limit) return [...points];
  const binSize = Math.ceil(points.length / Math.floor(limit / 2));
  const kept = new Set<SeriesPoint>();
  for (let start = 0; start < points.length; start += binSize) {
    const bin = points.slice(start, start + binSize);
    kept.add(bin.reduce((lowest, point) => (point.y < lowest.y ? point : lowest)));
    kept.add(bin.reduce((highest, point) => (point.y > highest.y ? point : highest)));
  }
  return points.filter((point, i) => i === 0 || i === points.length - 1 || kept.has(point));
}
