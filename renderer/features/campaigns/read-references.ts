// Reference values from a CSV file: a column for the structure, and one for each quantity. Pure.
import Papa from 'papaparse';
import { z } from 'zod';
import type { CampaignReference } from '../../../contracts/campaign.ts';
import { QUANTITIES } from '../../../contracts/key-figures.ts';

export interface ReferenceValues {
  readonly rows: readonly CampaignReference[];
  /** What could not be used, in words of the file. */
  readonly problems: readonly string[];
}

const STRUCTURE_COLUMNS: readonly string[] = ['structure_name', 'structure', 'name'];

/** @param text with a header: `structure_name` and columns named as the quantities of the table (`bulk_modulus_GPa`, …) */
export function readReferences(text: string): ReferenceValues {
  const parsed = Papa.parse<unknown>(text, { header: true, skipEmptyLines: 'greedy' });
  const columns = parsed.meta.fields ?? [];
  const structureColumn = columns.find((column) => STRUCTURE_COLUMNS.includes(column.trim()));
  const quantities = columns.filter((column) => QUANTITIES.includes(column.trim()));
  if (structureColumn === undefined) {
    return { rows: [], problems: [`No column "structure_name"; the file has: ${columns.join(', ')}.`] };
  }
  if (quantities.length === 0) {
    return { rows: [], problems: [`No column names a quantity. Known are: ${QUANTITIES.join(', ')}.`] };
  }
  const rows = new Map<string, CampaignReference>();
  const problems: string[] = [];
  for (const [i, raw] of parsed.data.entries()) {
    const row = z.record(z.string(), z.unknown()).parse(raw);
    const structure_name = textOf(row[structureColumn]);
    if (structure_name === '') continue;
    for (const column of quantities) {
      const quantity = column.trim();
      const entry = textOf(row[column]);
      if (entry === '') continue;
      const value = Number(entry);
      const key = JSON.stringify([structure_name, quantity]);
      if (!Number.isFinite(value)) problems.push(`Row ${i + 2}: ${quantity} of ${structure_name} is "${entry}".`);
      else if (rows.has(key)) problems.push(`Row ${i + 2}: ${quantity} of ${structure_name} is given twice.`);
      else rows.set(key, { structure_name, quantity, value });
    }
  }
  return { rows: [...rows.values()], problems };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
