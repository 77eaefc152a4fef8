// What the list of models says of an imported one, and of a published one that is not there. Pure.
import type { Model, ModelConfig } from '../../contracts/model.ts';
import { findPublishedModel, howToGet, PUBLISHED_MODELS } from '../models/manifest.ts';
import type { PublishedModel } from '../models/manifest.ts';
import type { ModelRow } from '../store/models.ts';
import type { Words } from './alert-rules.ts';
import type { ImportState } from './imported-models.ts';

type Language = keyof Words;

/** Of a checkpoint whose configuration says nothing; the document of the API has it for MACE. */
const ASSUMED_MAX_ATOMS = 5000;

/** @param loaded_on where a process holds it */
export function describeImported(
  { model_id, size_bytes, sha256: digest }: ModelRow,
  state: ImportState,
  loaded_on: string[],
  config: ModelConfig,
  language: Language,
): Model {
  const sha256 = Buffer.from(digest).toString('hex');
  const published = publishedAs(model_id, sha256);
  return {
    id: model_id,
    name: published?.id === model_id ? published.name : config.name,
    family: config.family,
    version: published?.version ?? config.version,
    supported_elements: elementsOf(state, config),
    max_atoms: config.max_atoms ?? ASSUMED_MAX_ATOMS,
    d3_available: published?.includes_dispersion !== true,
    description: config.description === '' ? (published?.use ?? summaryOf(state))[language] : config.description,
    citation: published?.citation ?? '',
    is_custom: true,
    installed: true,
    license: published?.license ?? null,
    download_url: published?.url ?? null,
    is_recommended: published?.is_recommended ?? false,
    heads: state.isReady ? state.imported.heads : [],
    is_available: state.isReady,
    unavailable_reason: state.isReady ? null : state.reason[language],
    loaded_on,
    sha256,
    size_bytes,
  };
}

export function describePublished(model: PublishedModel, language: Language): Model {
  const { id, name, version, elements, use, citation, license, url, is_recommended, sha256, size_bytes } = model;
  return {
    id,
    name,
    family: 'mace',
    version,
    supported_elements: [...elements],
    max_atoms: ASSUMED_MAX_ATOMS,
    d3_available: !model.includes_dispersion,
    description: use[language],
    citation,
    is_custom: false,
    installed: false,
    license,
    download_url: url,
    is_recommended,
    heads: [],
    is_available: false,
    unavailable_reason: howToGet(model)[language],
    loaded_on: [],
    sha256,
    size_bytes,
  };
}

function summaryOf(state: ImportState): Words {
  return state.isReady ? state.summary : { zh: '', en: '' };
}

/** The published model that the file is: by its checksum, or by its name where no checksum is known. */
function publishedAs(model_id: string, sha256: string): PublishedModel | null {
  const named = findPublishedModel(model_id);
  return PUBLISHED_MODELS.find((model) => model.sha256 === sha256) ?? (named?.sha256 === null ? named : null);
}

/** Those of the file; its owner may have said that it is meant for fewer. */
function elementsOf(state: ImportState, { supported_elements }: ModelConfig): string[] {
  if (!state.isReady) return supported_elements ?? [];
  return supported_elements === undefined
    ? state.elements
    : state.elements.filter((element) => supported_elements.includes(element));
}
