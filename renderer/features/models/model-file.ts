// Files that are checkpoints of models, and what a model is called that comes from one.

import type { Model } from '../../../contracts/model.ts';

const CHECKPOINT = /\.(model|pt|pth)$/i;
const LONGEST_NAME = 64;

export function isModelFile(filename: string): boolean {
  return CHECKPOINT.test(filename);
}

/**
 * The id of the published model that is downloaded under this name; else letters, digits, "_", "-" and ".", as the service wants a
 * name: `MACE MPA (2).model` -> `MACE_MPA_2`.
 */
export function modelNameOf(
  filename: string,
  known: readonly Pick<Model, 'id' | 'download_url' | 'installed'>[] = [],
): string {
  const published = known.find(({ download_url, installed }) => !installed && download_url?.endsWith(`/${filename}`));
  if (published !== undefined) return published.id;
  const name = filename
    .replace(CHECKPOINT, '')
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/_+$/, '')
    .slice(0, LONGEST_NAME);
  return name === '' ? 'model' : name;
}
