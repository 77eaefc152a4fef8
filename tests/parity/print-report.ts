// The table of docs/validation/mace.md from the last run of the suite: largest deviation of each model over its structures.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { QUANTITIES } from './deviations.ts';

const reportSchema = z.array(
  z.object({
    model: z.string(),
    precision: z.string(),
    structure: z.string(),
    // What is infinite has become null on the way.
    deviations: z.record(z.enum(QUANTITIES), z.number().nullable()),
  }),
);

const file = join(import.meta.dirname, '..', '..', 'out', 'test-reports', 'parity.json');
const report = reportSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

function largest(model: string, precision: string, quantity: (typeof QUANTITIES)[number]): string {
  const rows = report.filter((row) => row.model === model && row.precision === precision);
  const values = rows.map((row) => row.deviations[quantity] ?? Infinity);
  return rows.length === 0 ? '-' : Math.max(...values).toExponential(0);
}

const columns = ['float64', 'float32'].flatMap((precision) =>
  (['energy_eV_per_atom', 'forces_eV_per_A', 'stress_eV_per_A3'] as const).map((quantity) => ({ precision, quantity })),
);
const head = ['model', ...columns.map(({ precision, quantity }) => `${quantity.split('_')[0] ?? ''}, ${precision}`)];
const rows = [...new Set(report.map(({ model }) => model))].map((model) => [
  `\`${model}\``,
  ...columns.map(({ precision, quantity }) => largest(model, precision, quantity)),
]);
for (const row of [head, head.map(() => '---'), ...rows]) process.stdout.write(`| ${row.join(' | ')} |\n`);
