// The models in a folder, told from what lies there: for whoever has no database at hand, as a command beside a running service.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MaceModel } from '../../../contracts/mace-model.ts';
import { readModelFolder } from './model-folder.ts';

export interface ImportedFolder {
  /** The name that its user gave it when it was imported. */
  readonly id: string;
  readonly folder: string;
  readonly model: MaceModel;
}

/** By id; what is not the whole folder of a model of this version is passed over. */
export async function listImportedFolders(modelsFolder: string): Promise<ImportedFolder[]> {
  const entries = await readdir(modelsFolder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const found = await Promise.all(
    folders.map(async ({ name }): Promise<ImportedFolder[]> => {
      const folder = join(modelsFolder, name);
      const model = await readModelFolder(folder).catch(() => null);
      return model === null ? [] : [{ id: model.source.file_name, folder, model }];
    }),
  );
  return found.flat().sort((a, b) => a.id.localeCompare(b.id));
}
