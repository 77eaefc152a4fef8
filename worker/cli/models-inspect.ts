// `mofsim models inspect`: what a checkpoint is, and what of it would be refused. Nothing is written.
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { MaceDescription } from '../models/mace/extract.ts';
import { inspectModelFile } from '../models/mace/inspect-model-file.ts';
import type { InspectedModelFile } from '../models/mace/inspect-model-file.ts';
import { recognizeModel } from '../models/manifest.ts';
import { symbolOfAtomicNumber } from '../structures/elements.ts';
import { checked } from './checked.ts';
import { CliError, EXIT_BAD_INPUT, badInput } from './cli-error.ts';
import { printJson, printTable } from './print.ts';
import { readDetails } from './state-dict-file.ts';

const optionsSchema = z.object({ details: z.string().min(1).optional(), json: z.literal(true).optional() });
const BYTES_PER_MB = 1e6;

/** Exit code 2 when the model would be refused, after everything that can be told of it. */
export async function inspectModel(file: string, rawOptions: unknown): Promise<void> {
  const options = checked(optionsSchema, rawOptions, 'option');
  if (!existsSync(file)) throw badInput(`There is no file ${file}.`);
  const report = await inspectModelFile(file, await readDetails(options.details));
  const { is, mayBe } = recognizeModel(report.sha256, report.n_parameters);
  const symbols = (report.atomic_numbers ?? []).map((number) => symbolOfAtomicNumber(number) ?? String(number));
  if (options.json === true) {
    printJson({ ...report, elements: symbols, published_as: is?.id ?? null, may_be: mayBe.map(({ id }) => id) });
  } else {
    const published = is === null ? mayBe.map(({ id }) => id).join(' or ') : `${is.id} (checksum)`;
    printTable([
      ['file', `${report.file_name}, ${(report.size_bytes / BYTES_PER_MB).toFixed(1)} MB`],
      ['sha256', report.sha256],
      ...rowsOf(report, symbols),
      ...(report.model === null ? [] : architectureOf(report.model)),
      ['published', published === '' ? 'not among the known ones' : published],
    ]);
  }
  if (report.refusals.length > 0) {
    throw new CliError(EXIT_BAD_INPUT, `${file} cannot be computed with: ${report.refusals.join(' ')}`);
  }
}

function rowsOf(report: InspectedModelFile, symbols: readonly string[]): string[][] {
  const { class_name, written_by, heads, blocks, n_parameters } = report;
  const rows: [string, string | null][] = [
    ['class', class_name],
    ['written by', written_by],
    ['elements', symbols.length === 0 ? null : `${symbols.length}: ${symbols.join(' ')}`],
    ['heads', heads === null ? null : heads.join(', ')],
    ['blocks', blocks === null ? null : blocks.join(', ')],
    ['parameters', n_parameters === null ? null : String(n_parameters)],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}

function architectureOf({ dtype, r_max_A, l_max, layers, radial, zbl }: MaceDescription): string[][] {
  const each = (value: (layer: MaceDescription['layers'][number]) => number): string => layers.map(value).join(', ');
  return [
    ['precision', dtype],
    ['cutoff', `${r_max_A} A`],
    ['layers', String(layers.length)],
    ['channels', each(({ n_message_channels }) => n_message_channels)],
    ['l of the features', each(({ product }) => product.output_l_max)],
    ['l of the harmonics', String(l_max)],
    ['correlation', each(({ product }) => product.correlation)],
    ['neighbors', each(({ avg_num_neighbors }) => avg_num_neighbors)],
    [
      'radial',
      `${radial.n_basis} ${radial.basis}, transform ${radial.transform.kind}${zbl === null ? '' : ', with ZBL'}`,
    ],
  ];
}
