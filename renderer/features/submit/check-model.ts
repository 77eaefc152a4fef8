// Does a model fit a structure? Asked before submitting, so that the user need not wait for a refusal.
import type { Model } from '../../../contracts/model.ts';
import type { StructureSummary } from '../../../contracts/structure.ts';

export type ModelMisfit =
  | { readonly reason: 'unsupported'; readonly elements: readonly string[] }
  | { readonly reason: 'tooMany'; readonly count: number; readonly max: number };

export function findMisfit(model: Model, summary: StructureSummary): ModelMisfit | null {
  const supported = new Set(model.supported_elements);
  const elements = summary.elements.filter((element) => !supported.has(element));
  if (elements.length > 0) return { reason: 'unsupported', elements };
  if (summary.n_atoms > model.max_atoms) return { reason: 'tooMany', count: summary.n_atoms, max: model.max_atoms };
  return null;
}
