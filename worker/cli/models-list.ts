// `mofsim models list`: what can be computed with here, and what its publishers offer.
import { z } from 'zod';
import { MODELS } from '../models/catalogue.ts';
import { listImportedFolders } from '../models/mace/imported-folders.ts';
import { PUBLISHED_MODELS } from '../models/manifest.ts';
import type { PublishedModel } from '../models/manifest.ts';
import { symbolOfAtomicNumber } from '../structures/elements.ts';
import { checked } from './checked.ts';
import { homeOf } from './connect.ts';
import { modelsFolderOf } from './paths.ts';
import { printJson, printTable } from './print.ts';

const optionsSchema = z.object({ home: z.string().min(1).optional(), json: z.literal(true).optional() });

export async function listModels(rawOptions: unknown): Promise<void> {
  const options = checked(optionsSchema, rawOptions, 'option');
  const imported = await listImportedFolders(modelsFolderOf(homeOf(options)));
  const ids = new Set(imported.map(({ id }) => id));
  const published = PUBLISHED_MODELS.map((model) => ({ ...model, installed: ids.has(model.id) }));
  if (options.json === true) {
    printJson({
      built_in: MODELS.map(({ id, name }) => ({ id, name })),
      imported: imported.map(({ id, folder, model }) => ({
        id,
        folder,
        elements: model.atomic_numbers.map(symbolOfAtomicNumber),
        heads: model.heads,
        r_max_A: model.r_max_A,
        dtype: model.dtype,
        sha256: model.source.sha256,
      })),
      published,
    });
    return;
  }
  printTable([
    ['MODEL', 'HERE', 'LICENCE', 'WHAT IT IS'],
    ...MODELS.map(({ id, name }) => [id, 'yes', '', `${name}, built in`]),
    ...imported
      .filter(({ id }) => !PUBLISHED_MODELS.some((model) => model.id === id))
      .map(({ id, model }) => [id, 'yes', '', `imported; ${model.atomic_numbers.length} elements`]),
    ...published.map((model) => [model.id, model.installed ? 'yes' : 'no', model.license, describe(model)]),
  ]);
  console.error(
    'mofsim models import FILE --id MODEL brings one that is not here; docs/models.md tells where they are.',
  );
}

function describe({ name, aliases, is_recommended, level_of_theory }: PublishedModel): string {
  const also = aliases.length === 0 ? '' : `, also ${aliases.join(', ')}`;
  return `${name}, ${level_of_theory}${also}${is_recommended ? ' (recommended)' : ''}`;
}
