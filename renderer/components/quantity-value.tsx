import { formatNumber, formatScientific } from '../lib/format.ts';
import { QUANTITIES } from '../lib/quantities.ts';
import type { Quantity, QuantityName } from '../lib/quantities.ts';

/** A number with its unit, both from the table of quantities. */
export function QuantityValue({ name, value }: { name: QuantityName; value: number }) {
  const { unit } = QUANTITIES[name];
  return (
    <span className="quantity">
      {formatQuantity(name, value)}
      {unit !== '' && <span className="unit"> {unit}</span>}
    </span>
  );
}

/** Without the unit. */
export function formatQuantity(name: QuantityName, value: number): string {
  const { decimals, isScientific = false }: Quantity = QUANTITIES[name];
  return isScientific && value !== 0 ? formatScientific(value, decimals) : formatNumber(value, decimals);
}
