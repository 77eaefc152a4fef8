// Comma-separated numbers for spreadsheets and plotting programs. Pure.
import { formatExact } from '../../structures/numbers.ts';

/** @param rows one value per column; null becomes an empty field */
export function formatCsv(columns: readonly string[], rows: readonly (readonly (number | null)[])[]): string {
  const lines = rows.map((row) => row.map((value) => (value === null ? '' : formatExact(value))).join(','));
  return [columns.join(','), ...lines, ''].join('\n');
}
