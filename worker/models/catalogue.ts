// The models that a user can pick. Today the built-in force field; checkpoints of users join it here.
import type { Model } from '../../contracts/model.ts';
import { symbolOfAtomicNumber } from '../structures/elements.ts';

/** The general table of UFF, which UFF4MOF extends, runs from hydrogen to lawrencium. */
const LAST_UFF_ATOMIC_NUMBER = 103;

const uff4mof: Model = {
  id: 'uff4mof',
  name: 'UFF4MOF',
  family: 'uff',
  version: '2016',
  supported_elements: elementsUpTo(LAST_UFF_ATOMIC_NUMBER),
  max_atoms: 20_000,
  d3_available: false,
  description:
    'Universal force field with the atom types for metal-organic frameworks; no charges. An atom whose coordination has ' +
    'no type is refused by name, or takes the nearest UFF type with model_options.fallback = "uff".',
  citation:
    'Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992), doi 10.1021/ja00051a040; Addicoat et al., J. Chem. Theory Comput. ' +
    '10, 880 (2014), doi 10.1021/ct400952t; Coupry et al., J. Chem. Theory Comput. 12, 5215 (2016), doi 10.1021/acs.jctc.6b00664',
};

export const MODELS: readonly Model[] = [uff4mof];

export function findModel(id: string): Model | null {
  return MODELS.find((model) => model.id === id) ?? null;
}

function elementsUpTo(atomic_number: number): string[] {
  return Array.from({ length: atomic_number }, (_, i) => symbolOfAtomicNumber(i + 1)).filter(
    (symbol) => symbol !== undefined,
  );
}
