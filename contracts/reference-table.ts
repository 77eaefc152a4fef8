// Reference values as people have them: a CSV file with a header, one column of names, the others quantities. The window and the
// command line read it alike. Pure.
import Papa from 'papaparse';
import { z } from 'zod';
import type { CampaignReference } from './campaign.ts';
import { QUANTITIES } from './key-figures.ts';

export interface ReferenceValues {
  readonly rows: readonly CampaignReference[];
  /** What could not be used, in the words of the file; a file without the right columns has one problem and no rows. */
  readonly problems: readonly string[];
}

export interface ReferenceColumns {
  /** Header of the column with the names; without it the first of structure_name, structure, name. */
  readonly structure?: string | undefined;
  /** Quantity to header; without any, every header that is a quantity. */
  readonly quantities: ReadonlyMap<string, string>;
}

const STRUCTURE_COLUMNS: readonly string[] = ['structure_name', 'structure', 'name'];
const AS_NAMED: ReferenceColumns = { quantities: new Map() };
const rowSchema = z.record(z.string(), z.unknown());

export function readReferences(text: string, columns: ReferenceColumns = AS_NAMED): ReferenceValues {
  const { data, meta } = Papa.parse<unknown>(text.replace(/^\uFEFF/, ''), { header: true, skipEmptyLines: 'greedy' });
  const headers = meta.fields ?? [];
  const structureColumn = columns.structure ?? headers.find((header) => STRUCTURE_COLUMNS.includes(header.trim()));
  if (structureColumn === undefined || !headers.includes(structureColumn)) {
    const wanted = structureColumn ?? STRUCTURE_COLUMNS.join(', ');
    return none(`No column ${wanted} with the names of the structures; the file has: ${headers.join(', ')}.`);
  }
  const missing = [...columns.quantities.values()].filter((header) => !headers.includes(header));
  if (missing.length > 0) return none(`No column ${missing.join(', ')}; the file has: ${headers.join(', ')}.`);
  const quantities = quantityColumns(headers, columns);
  if (quantities.length === 0) return none(`No column is named as a quantity. Known are: ${QUANTITIES.join(', ')}.`);
  return readRows(data, structureColumn, quantities);
}

function none(problem: string): ReferenceValues {
  return { rows: [], problems: [problem] };
}

function quantityColumns(headers: readonly string[], { quantities }: ReferenceColumns): [string, string][] {
  if (quantities.size > 0) return [...quantities];
  return headers.filter((header) => QUANTITIES.includes(header.trim())).map((header) => [header.trim(), header]);
}

function readRows(
  data: readonly unknown[],
  structureColumn: string,
  quantities: readonly (readonly [quantity: string, header: string])[],
): ReferenceValues {
  const rows = new Map<string, CampaignReference>();
  const problems: string[] = [];
  for (const [i, raw] of data.entries()) {
    const row = rowSchema.parse(raw);
    const structure_name = textOf(row[structureColumn]);
    if (structure_name === '') continue;
    for (const [quantity, header] of quantities) {
      const entry = textOf(row[header]);
      if (entry === '') continue;
      const what = `Row ${i + 2}: ${header} of ${structure_name}`;
      const key = JSON.stringify([structure_name, quantity]);
      if (!Number.isFinite(Number(entry))) problems.push(`${what} is "${entry}", which is no number.`);
      else if (rows.has(key)) problems.push(`${what} is given twice.`);
      else rows.set(key, { structure_name, quantity, value: Number(entry) });
    }
  }
  return { rows: [...rows.values()], problems };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
