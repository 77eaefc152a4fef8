// Comma-separated numbers for spreadsheets and plotting programs. Pure.
import { formatExact } from '../../structures/numbers.ts';

/** @param rows one value per column; null becomes an empty field */
export function formatCsv(columns: readonly string[], rows: readonly (readonly (number | null)[])[]): string {
  return [columns.join(','), ...rows.map(formatCsvRow), ''].join('\n');
}

/** One line without its end. */
export function formatCsvRow(row: readonly (number | null)[]): string {
  return row.map((value) => (value === null ? '' : formatExact(value))).join(',');
}
