// MODEL on the command line: a built-in model, one that was imported into the data folder, or a checkpoint by its path.
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import type { MaceModel, StateDictDetails } from '../../contracts/mace-model.ts';
import type { ImportedModel } from '../../contracts/model.ts';
import { MODELS, findModel } from '../models/catalogue.ts';
import { importIntoCache } from '../models/mace/cached-import.ts';
import { listImportedFolders } from '../models/mace/imported-folders.ts';
import { readModelFolder } from '../models/mace/model-folder.ts';
import { findPublishedModel, howToGet } from '../models/manifest.ts';
import type { NamedModel } from '../workflows/models.ts';
import { badInput } from './cli-error.ts';
import { defaultHome, modelCacheFolder, modelsFolderOf } from './paths.ts';

export interface ModelPlaces {
  readonly home?: string | undefined;
  /** DFT-D3 is to be added. */
  readonly with_d3?: boolean | undefined;
  /** For a state dict. */
  readonly details?: StateDictDetails | undefined;
}

/**
 * A built-in name wins, then an imported one, then a path.
 *
 * @throws CliError bad input: no such model and how to get it, or why the file cannot be used
 */
export async function resolveModel(
  name: string,
  { home = defaultHome(), with_d3, details }: ModelPlaces = {},
): Promise<NamedModel> {
  const builtin = findModel(name);
  if (builtin !== null) {
    if (with_d3 !== true || builtin.d3_available) return { model: name, with_d3 };
    throw badInput(`${name} has no DFT-D3 on top; leave out --with-d3.`);
  }
  const published = findPublishedModel(name);
  const imported = await listImportedFolders(modelsFolderOf(home));
  const known = imported.find(({ id }) => id === name) ?? imported.find(({ id }) => id === published?.id);
  if (known !== undefined) return { ...named(known.id, known.folder, known.model), with_d3 };
  if (existsSync(name)) {
    try {
      const { folder, model } = await fromPath(resolve(name), details);
      return { ...named(name, folder, model), with_d3 };
    } catch (error) {
      throw unusable(name, error);
    }
  }
  if (published !== null) throw badInput(howToGet(published).en);
  const names = [...MODELS.map(({ id }) => id), ...imported.map(({ id }) => id)].join(', ');
  throw badInput(`There is no model "${name}", and no such file. Models here: ${names}; mofsim models list shows all.`);
}

async function fromPath(path: string, details: StateDictDetails | undefined) {
  if (statSync(path).isDirectory()) return { folder: path, model: await readModelFolder(path) };
  return importIntoCache(path, modelCacheFolder(), details);
}

function named(model: string, folder: string, content: MaceModel) {
  return { model, imported_model: importedModelOf(folder, content) };
}

/** What a task has to know of it. */
export function importedModelOf(folder: string, { r_max_A, heads }: MaceModel): ImportedModel {
  return { folder, r_max_A, heads };
}

/** What the service says no to, as bad input; a bad file is called by its name. */
export function unusable(file: string, error: unknown): unknown {
  if (!(error instanceof ServiceError)) return error;
  const { message } = error.details;
  const sentence = typeof message === 'string' ? message : error.message;
  return badInput(error.code === 42206 ? `${file} cannot be used: ${sentence}` : sentence, { cause: error });
}
