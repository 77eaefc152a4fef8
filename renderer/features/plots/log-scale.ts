// The logarithmic axis: whole decades, and no value so small that it is only rounding.

/** Smaller values are rounding noise; drawn, they would stretch the axis over hundreds of empty decades. */
const SMALLEST_DRAWN = 1e-12;

/** The value, or null (a gap) where a logarithm shows nothing sensible. */
export function onLogScale(value: number): number | null {
  return Number.isFinite(value) && value >= SMALLEST_DRAWN ? value : null;
}

/** Whole decades around the data, at least one of them. */
export function decadeRange(lowest: number | null, highest: number | null): [number, number] {
  if (lowest === null || highest === null || lowest <= 0) return [1e-3, 1];
  const low = Math.floor(Math.log10(lowest));
  const high = Math.max(low + 1, Math.ceil(Math.log10(highest)));
  return [10 ** low, 10 ** high];
}

export function isDecade(value: number): boolean {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-9;
}
