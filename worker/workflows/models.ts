// Model id -> potential of the kernel.
import { ServiceError } from '../../contracts/error-code.ts';
import { electrostaticsOptionsSchema, uff4mofOptionsSchema } from '../../contracts/kernel-message.ts';
import type { PotentialSpec } from '../../contracts/kernel-message.ts';
import type { ModelOptions } from '../../contracts/results/optimization.ts';

type BuildPotential = (options: ModelOptions) => PotentialSpec;

function electrostaticsOf(charges: NonNullable<ModelOptions['charges']>): Pick<PotentialSpec, 'electrostatics'> {
  if (charges === 'none') return {};
  return { electrostatics: electrostaticsOptionsSchema.parse({ charges: charges === 'cif' ? 'given' : charges }) };
}

const POTENTIALS: ReadonlyMap<string, BuildPotential> = new Map<string, BuildPotential>([
  [
    'uff4mof',
    ({ charges = 'none', ...options }) => ({
      kind: 'uff4mof',
      options: uff4mofOptionsSchema.parse(options),
      ...electrostaticsOf(charges),
    }),
  ],
]);

const KNOWN_MODELS: readonly string[] = [...POTENTIALS.keys()];

/** @throws ServiceError 40008 naming the models that there are */
export function potentialOf(model: string, options: ModelOptions): PotentialSpec {
  const build = POTENTIALS.get(model);
  if (build === undefined) {
    const message = `There is no model "${model}". Known models: ${KNOWN_MODELS.join(', ')}.`;
    throw new ServiceError(40008, { message, model, known_models: KNOWN_MODELS });
  }
  return build(options);
}
