// Reference values from a CSV file with a header: one column names the structure, others are quantities. Pure.
import Papa from 'papaparse';
import { z } from 'zod';
import type { CampaignReference } from '../../../contracts/campaign.ts';
import { QUANTITIES } from '../../../contracts/key-figures.ts';
import { badInput } from '../cli-error.ts';

const STRUCTURE_COLUMNS: readonly string[] = ['structure_name', 'structure', 'name'];

export interface ReferenceColumns {
  /** Header of the column with the names; without it the first of structure_name, structure, name. */
  structure?: string | undefined;
  /** Quantity to header, for headers that are not the quantity itself. */
  quantities: ReadonlyMap<string, string>;
}

/** @throws CliError bad input: a column that is missing, a value that is no number, a value given twice; the line is named */
export function readReferences(text: string, file: string, columns: ReferenceColumns): CampaignReference[] {
  const { data, meta } = Papa.parse<unknown>(text.replace(/^\uFEFF/, ''), { header: true, skipEmptyLines: 'greedy' });
  const headers = meta.fields ?? [];
  const structureColumn = columns.structure ?? headers.find((header) => STRUCTURE_COLUMNS.includes(header.trim()));
  if (structureColumn === undefined || !headers.includes(structureColumn)) {
    throw badInput(
      `${file} has no column ${structureColumn ?? STRUCTURE_COLUMNS.join(', ')} with the names of the structures. It has: ` +
        `${headers.join(', ')}. Name the one with --name-column.`,
    );
  }
  const quantities = quantityColumns(headers, file, columns.quantities);
  const rows = new Map<string, CampaignReference>();
  for (const [i, raw] of data.entries()) {
    const row = z.record(z.string(), z.unknown()).parse(raw);
    const structure_name = textOf(row[structureColumn]);
    if (structure_name === '') continue;
    for (const [quantity, header] of quantities) {
      const entry = textOf(row[header]);
      if (entry === '') continue;
      const where = `${file}, row ${i + 2}: ${header} of ${structure_name}`;
      const key = JSON.stringify([structure_name, quantity]);
      if (!Number.isFinite(Number(entry))) throw badInput(`${where} is "${entry}", which is no number.`);
      if (rows.has(key)) throw badInput(`${where} is given twice.`);
      rows.set(key, { structure_name, quantity, value: Number(entry) });
    }
  }
  return [...rows.values()];
}

/** What was named, else every header that is a quantity. */
function quantityColumns(
  headers: readonly string[],
  file: string,
  named: ReadonlyMap<string, string>,
): [string, string][] {
  const missing = [...named.values()].filter((header) => !headers.includes(header));
  if (missing.length > 0) throw badInput(`${file} has no column ${missing.join(', ')}. It has: ${headers.join(', ')}.`);
  if (named.size > 0) return [...named];
  const found = headers.filter((header) => QUANTITIES.includes(header.trim()));
  if (found.length > 0) return found.map((header) => [header.trim(), header]);
  throw badInput(
    `No column of ${file} is named as a quantity. Name one with --column QUANTITY=HEADER; the quantities are ${QUANTITIES.join(', ')}.`,
  );
}

/** `--column bulk_modulus_GPa=B0_GPa`, repeated. @throws CliError bad input */
export function parseColumns(settings: readonly string[]): Map<string, string> {
  return new Map(
    settings.map((setting) => {
      const [quantity = '', ...header] = setting.split('=');
      if (header.length === 0) throw badInput(`--column takes QUANTITY=HEADER, not "${setting}".`);
      if (QUANTITIES.includes(quantity)) return [quantity, header.join('=')];
      throw badInput(`There is no quantity "${quantity}". Known are: ${QUANTITIES.join(', ')}.`);
    }),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
