// The public MACE models: where their publishers offer them, under which licence, and what they are for. No weights come with the
// program. What is not known is null (resources/models/manifest.json; docs/models.md tells where each figure is from).
import { z } from 'zod';
import manifest from '../../resources/models/manifest.json' with { type: 'json' };

/** MIT and CC-BY-4.0 allow any use; ASL is the Academic Software License: no commercial use. */
const licenseSchema = z.enum(['MIT', 'CC-BY-4.0', 'ASL']);

const publishedModelSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9_]+$/),
  /** Other names of the same model, as the benchmark's configuration and the document of the API have them. */
  aliases: z.array(z.string().regex(/^[a-z0-9_]+$/)),
  name: z.string().min(1),
  version: z.string().min(1),
  size: z.enum(['small', 'medium', 'large']),
  url: z.url({ protocol: /^https$/ }),
  size_bytes: z.int().positive().nullable(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  license: licenseSchema,
  /** Name of a list in `elements`. */
  elements: z.string(),
  r_max_A: z.number().positive().nullable(),
  n_parameters: z.int().positive().nullable(),
  training_data: z.string().min(1),
  level_of_theory: z.string().min(1),
  /** Its energies hold dispersion already: with_d3 would count it twice. */
  includes_dispersion: z.boolean(),
  is_recommended: z.boolean(),
  use: z.strictObject({ zh: z.string().min(1), en: z.string().min(1) }),
  citation: z.string().min(1),
});

export const modelManifestSchema = z.strictObject({
  elements: z.record(z.string(), z.array(z.string())),
  models: z.array(publishedModelSchema),
});

export type PublishedModel = Omit<z.infer<typeof publishedModelSchema>, 'elements'> & {
  /** Symbols; empty: not known before the file is there. */
  readonly elements: readonly string[];
};

const parsed = modelManifestSchema.parse(manifest);

export const PUBLISHED_MODELS: readonly PublishedModel[] = parsed.models.map((model) => ({
  ...model,
  elements: parsed.elements[model.elements] ?? [],
}));

/** By its id or by another of its names, in any case. */
export function findPublishedModel(name: string): PublishedModel | null {
  const wanted = name.toLowerCase();
  return PUBLISHED_MODELS.find(({ id, aliases }) => id === wanted || aliases.includes(wanted)) ?? null;
}

/** The published model that a file is: by its checksum for certain, else those with as many parameters. */
export function recognizeModel(
  sha256: string,
  n_parameters: number | null,
): { is: PublishedModel | null; mayBe: readonly PublishedModel[] } {
  return {
    is: PUBLISHED_MODELS.find((model) => model.sha256 === sha256) ?? null,
    mayBe: n_parameters === null ? [] : PUBLISHED_MODELS.filter((model) => model.n_parameters === n_parameters),
  };
}

/** What to do about a model that is not on this computer. */
export function howToGet({ id, name, url, license }: PublishedModel): { zh: string; en: string } {
  const terms = license === 'ASL' ? { zh: '，仅限学术用途', en: ', for academic use only' } : { zh: '', en: '' };
  return {
    zh: `${name} 尚未安装：请从 ${url} 下载（许可 ${license}${terms.zh}），再执行 mofsim models import 文件 --id ${id}，或在“模型”页上传。`,
    en:
      `${name} is not on this computer. Download it from ${url} (licence ${license}${terms.en}), then mofsim models import FILE ` +
      `--id ${id}, or upload the file on the page of the models.`,
  };
}
