// The models that come with the program. Checkpoints of users are rows of the database; service/model-service.ts joins both.
import type { Model } from '../../contracts/model.ts';
import { symbolOfAtomicNumber } from '../structures/elements.ts';

/** The general table of UFF, which UFF4MOF extends, runs from hydrogen to lawrencium. */
const LAST_UFF_ATOMIC_NUMBER = 103;

/** A model as the program knows it: words in both languages, and nothing that depends on what runs. */
export interface BuiltinModel extends Omit<Model, 'description' | 'loaded_on'> {
  description: { zh: string; en: string };
}

const uff4mof: BuiltinModel = {
  id: 'uff4mof',
  name: 'UFF4MOF',
  family: 'uff',
  version: '2016',
  supported_elements: elementsUpTo(LAST_UFF_ATOMIC_NUMBER),
  max_atoms: 20_000,
  d3_available: false,
  description: {
    zh:
      '带有金属有机框架原子类型的通用力场，不含电荷。若某原子的配位没有对应类型，则按名称拒绝；' +
      '设置 model_options.fallback = "uff" 时取最接近的 UFF 类型。',
    en:
      'Universal force field with the atom types for metal-organic frameworks; no charges. An atom whose coordination has ' +
      'no type is refused by name, or takes the nearest UFF type with model_options.fallback = "uff".',
  },
  citation:
    'Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992), doi 10.1021/ja00051a040; Addicoat et al., J. Chem. Theory Comput. ' +
    '10, 880 (2014), doi 10.1021/ct400952t; Coupry et al., J. Chem. Theory Comput. 12, 5215 (2016), doi 10.1021/acs.jctc.6b00664',
  is_custom: false,
  installed: true,
  license: null,
  download_url: null,
  is_recommended: false,
  heads: [],
  is_available: true,
  unavailable_reason: null,
  sha256: null,
  size_bytes: null,
};

export const MODELS: readonly BuiltinModel[] = [uff4mof];

export function findModel(id: string): BuiltinModel | null {
  return MODELS.find((model) => model.id === id) ?? null;
}

function elementsUpTo(atomic_number: number): string[] {
  return Array.from({ length: atomic_number }, (_, i) => symbolOfAtomicNumber(i + 1)).filter(
    (symbol) => symbol !== undefined,
  );
}
