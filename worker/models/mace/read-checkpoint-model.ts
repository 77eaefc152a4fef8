// A checkpoint file as a model in memory: opened, its kind told, extracted, closed again.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts';
import type { Checkpoint } from '../checkpoint/values.ts';
import { extractMaceModel } from './extract.ts';
import type { ExtractedModel } from './extract.ts';
import type { ImportOptions } from './import-checkpoint.ts';
import { hashFile } from './model-folder.ts';
import type { ModelOrigin } from './model-folder.ts';
import { buildModuleTree, isObject } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import { refusal } from './refusal.ts';
import { moduleTreeOfStateDict, stateDictOf } from './state-dict.ts';
import type { StateDictDetails } from '../../../contracts/mace-model.ts';

export type ReadOptions = Omit<ImportOptions, 'signal'>;

/** @throws ServiceError 42206 */
export async function readCheckpointModel(
  path: string,
  { file_name = basename(path), sha256, details }: ReadOptions = {},
): Promise<ExtractedModel & { readonly origin: ModelOrigin }> {
  const checkpoint = await openCheckpoint(path);
  try {
    const extracted = await extractMaceModel(checkpoint, await moduleTreeOf(checkpoint, details));
    const { size: size_bytes } = await stat(path);
    return { ...extracted, origin: { file_name, sha256: sha256 ?? (await hashFile(path)), size_bytes } };
  } finally {
    await checkpoint.close();
  }
}

/** @throws ServiceError 42206 when it is neither a model nor the weights of one */
export async function moduleTreeOf(checkpoint: Checkpoint, details?: StateDictDetails): Promise<ModuleNode> {
  const { root } = checkpoint;
  if (isObject(root) && root.state !== null) return buildModuleTree(root);
  const weights = stateDictOf(root);
  if (weights === null) {
    throw refusal('It holds neither a model nor the weights of one. Save the model with torch.save(model, FILE).');
  }
  return moduleTreeOfStateDict(checkpoint, weights, details);
}
