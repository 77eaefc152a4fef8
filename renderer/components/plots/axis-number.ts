import { formatNumber, formatScientific } from '../../lib/format.ts';

/** The number at a tick of an axis: short, and no zeros that say nothing. */
export function axisNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e5)) return formatScientific(value);
  return formatNumber(value, magnitude >= 100 ? 1 : 4).replace(/\.?0+$/, '') || '0';
}
