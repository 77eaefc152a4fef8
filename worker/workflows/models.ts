// A model and its options -> potential of the kernel.
import { ServiceError } from '../../contracts/error-code.ts';
import { dispersionOptionsSchema } from '../../contracts/dispersion.ts';
import { electrostaticsOptionsSchema, maceOptionsSchema, uff4mofOptionsSchema } from '../../contracts/potential.ts';
import type { PotentialSpec } from '../../contracts/potential.ts';
import type { ModelOptions } from '../../contracts/results/optimization.ts';
import type { TaskInput } from './workflow.ts';

/** A built-in one by its name, or one that was imported. */
export type NamedModel = Pick<TaskInput, 'model' | 'imported_model' | 'with_d3'>;

export type Uff4mofPotential = Extract<PotentialSpec, { kind: 'uff4mof' }>;
type MacePotential = Extract<PotentialSpec, { kind: 'mace' }>;

export const CLASSICAL_MODEL = 'uff4mof';

/** @throws ServiceError 40008 for a model that is neither built in nor imported | 42207 for a head that it does not have */
export function potentialOf(named: NamedModel, options: ModelOptions): PotentialSpec {
  if (named.imported_model !== undefined) return maceOf(named, named.imported_model, options);
  if (named.model === CLASSICAL_MODEL) return uff4mofOf(options);
  const message = `There is no model "${named.model}" here. Built in: ${CLASSICAL_MODEL}; others are imported from checkpoints.`;
  throw new ServiceError(40008, { message, model: named.model, known_models: [CLASSICAL_MODEL] });
}

/** The force field, whatever model the task names: the framework of every grid of placements. */
export function uff4mofOf({ charges = 'none', ...options }: ModelOptions): Uff4mofPotential {
  return {
    kind: 'uff4mof',
    options: uff4mofOptionsSchema.parse(pick(options, UFF4MOF_OPTIONS)),
    ...electrostaticsOf(charges),
  };
}

/**
 * Reach of the forces that the potential states, A. What a MACE model passes on through its layers goes further, and fades.
 */
export function reachOf({ imported_model }: Pick<NamedModel, 'imported_model'>, options: ModelOptions): number {
  return imported_model?.r_max_A ?? uff4mofOf(options).options.cutoff_A;
}

const UFF4MOF_OPTIONS = Object.keys(uff4mofOptionsSchema.shape);
const CLASSICAL_OPTIONS: readonly string[] = [...UFF4MOF_OPTIONS, 'charges'];
const D3_OPTIONS: readonly string[] = ['d3_functional', 'd3_cutoff_A'];

/**
 * Options that nobody would read are a misunderstanding.
 *
 * @param usesForceField the task computes with the force field too, whatever its model
 * @throws ServiceError 42207
 */
export function assertOptionsFit(named: NamedModel, options: ModelOptions, usesForceField: boolean): void {
  const isImported = named.imported_model !== undefined;
  const foreign = Object.keys(options).filter((name) => {
    if (CLASSICAL_OPTIONS.includes(name)) return isImported && !usesForceField;
    if (D3_OPTIONS.includes(name)) return named.with_d3 !== true;
    return !isImported;
  });
  if (foreign.length === 0) return;
  const message = D3_OPTIONS.includes(foreign[0] ?? '')
    ? `${foreign.join(', ')} say how DFT-D3 is computed, and with_d3 is false; set it, or leave them out.`
    : `${named.model} has no option ${foreign.join(', ')}; leave it out, or choose the model that has it.`;
  throw new ServiceError(42207, { message, field: `parameters.model_options.${foreign[0] ?? ''}`, model: named.model });
}

function maceOf(
  { model, with_d3 = false }: NamedModel,
  { folder, heads }: NonNullable<NamedModel['imported_model']>,
  { head, d3_functional, d3_cutoff_A }: ModelOptions,
): MacePotential {
  assertHead(model, heads, head);
  const dispersion = dispersionOptionsSchema.parse({
    ...(d3_functional === undefined ? {} : { functional: d3_functional }),
    ...(d3_cutoff_A === undefined ? {} : { cutoff_A: d3_cutoff_A }),
  });
  return {
    kind: 'mace',
    options: maceOptionsSchema.parse({ folder, ...(head === undefined ? {} : { head }) }),
    ...(with_d3 ? { dispersion } : {}),
  };
}

function assertHead(model: string, heads: readonly string[], head: string | undefined): void {
  const isNamed = head !== undefined && heads.includes(head);
  const isUnderstood = head === undefined && (heads.length === 1 || heads.some((h) => h.toLowerCase() === 'default'));
  if (isNamed || isUnderstood) return;
  const what = head === undefined ? 'has several heads; name one' : `has no head "${head}"; it has`;
  const message = `${model} ${what} in model_options.head: ${heads.join(', ')}.`;
  throw new ServiceError(42207, { message, field: 'parameters.model_options.head', heads });
}

function electrostaticsOf(charges: NonNullable<ModelOptions['charges']>): Pick<Uff4mofPotential, 'electrostatics'> {
  if (charges === 'none') return {};
  return { electrostatics: electrostaticsOptionsSchema.parse({ charges: charges === 'cif' ? 'given' : charges }) };
}

function pick(options: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}
