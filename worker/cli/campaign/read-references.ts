// Reference values for a campaign: the first thing that is wrong with the file ends the command.
import { readReferences } from '../../../contracts/reference-table.ts';
import type { ReferenceColumns } from '../../../contracts/reference-table.ts';
import type { CampaignReference } from '../../../contracts/campaign.ts';
import { QUANTITIES } from '../../../contracts/key-figures.ts';
import { badInput } from '../cli-error.ts';

/** @throws CliError bad input, with the row */
export function checkedReferences(text: string, file: string, columns: ReferenceColumns): readonly CampaignReference[] {
  const { rows, problems } = readReferences(text, columns);
  const [first] = problems;
  if (first === undefined) return rows;
  throw badInput(`${file}: ${first} Columns are chosen with --name-column HEADER and --column QUANTITY=HEADER.`);
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
