import { formatNumber } from '../lib/format.ts';
import { QUANTITIES } from '../lib/quantities.ts';
import type { QuantityName } from '../lib/quantities.ts';

/** A number with its unit, both from the table of quantities. */
export function QuantityValue({ name, value }: { name: QuantityName; value: number }) {
  const { unit, decimals } = QUANTITIES[name];
  return (
    <span className="quantity">
      {formatNumber(value, decimals)}
      {unit !== '' && <span className="unit"> {unit}</span>}
    </span>
  );
}
