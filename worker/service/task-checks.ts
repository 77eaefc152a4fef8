// What a submission must fit before it is accepted: model, elements, size, parameters that do not go together. Pure.
import { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import type { ImportedModel, Model } from '../../contracts/model.ts';
import { modelOptionsSchema } from '../../contracts/results/optimization.ts';
import { supercellChoiceSchema } from '../../contracts/structure.ts';
import type { Structure, StructureGeometry, Vector3 } from '../../contracts/structure.ts';
import type { TaskSubmission } from '../../contracts/task.ts';
import { TASK_TYPES } from '../../contracts/task-types.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import { automaticWidth, repeatsOf } from '../workflows/automatic-supercell.ts';
import { assertOptionsFit, potentialOf, reachOf } from '../workflows/models.ts';
import type { NamedModel } from '../workflows/models.ts';

/** What a submission needs to know of a model. */
export type ComputingModel = Pick<
  Model,
  | 'id'
  | 'version'
  | 'supported_elements'
  | 'max_atoms'
  | 'd3_available'
  | 'is_available'
  | 'unavailable_reason'
  | 'sha256'
> & {
  /** Where its weights are; null for a built-in potential, and for a model that is not there. */
  imported: ImportedModel | null;
};

/** The models that can be named. */
export interface ModelDirectory {
  find(id: string): ComputingModel | null;
  ids(): string[];
}

/** The parameters of any task type that depend on the structure; a type has some of them or none. */
const structureParametersSchema = z.object({
  supercell: supercellChoiceSchema.optional(),
  ensemble: z.string().optional(),
  mask: z.union([z.array(z.int()), z.array(z.boolean())]).optional(),
  relax_cell: z.boolean().optional(),
  model_options: modelOptionsSchema.optional(),
});
type StructureParameters = z.infer<typeof structureParametersSchema>;

/**
 * Can this model compute this structure with these parameters (checked by their own schema, defaults written out)?
 *
 * @throws ServiceError 42202 | 42203 | 42205 | 42207 | 40004
 */
export function assertComputable(
  model: ComputingModel,
  { task_type, parameters }: { task_type: TaskType; parameters: Readonly<Record<string, unknown>> },
  { structure, summary }: StructureGeometry,
): void {
  const relevant = structureParametersSchema.parse(parameters);
  assertPeriodic(structure, task_type);
  const supercell = supercellOf(model, task_type, relevant, structure);
  assertRepeatable(structure, supercell);
  assertSize(model, summary.n_atoms, supercell);
  const unsupported_elements = summary.elements.filter((element) => !model.supported_elements.includes(element));
  if (unsupported_elements.length > 0) {
    const message = `${model.id} does not know ${unsupported_elements.join(', ')}.`;
    throw new ServiceError(42203, { message, unsupported_elements, supported_elements: model.supported_elements });
  }
  assertCell(structure, relevant);
  assertCharges(structure, relevant);
  assertMask(summary.n_atoms, relevant);
}

/** The parameters with the repeats that `auto` means for this structure, so that the task shows what it computes. */
export function withSupercell(
  model: ComputingModel,
  { task_type, parameters }: { task_type: TaskType; parameters: Record<string, unknown> },
  structure: Structure,
): Record<string, unknown> {
  const relevant = structureParametersSchema.parse(parameters);
  if (relevant.supercell !== 'auto') return parameters;
  return { ...parameters, supercell: supercellOf(model, task_type, relevant, structure) };
}

function supercellOf(
  model: ComputingModel,
  task_type: TaskType,
  { supercell = [1, 1, 1], model_options = {} }: StructureParameters,
  structure: Structure,
): Vector3 {
  if (supercell !== 'auto') return supercell;
  return repeatsOf(supercell, structure, automaticWidth(task_type, reachOf(named(model), model_options)));
}

/** @throws ServiceError 42207 for options that the model does not have */
export function assertOptions(
  model: ComputingModel,
  { task_type, with_d3, parameters }: Pick<TaskSubmission, 'task_type' | 'with_d3' | 'parameters'>,
): void {
  const { model_options = {} } = structureParametersSchema.parse(parameters);
  // Its grid of placements is the force field's, whatever the model.
  assertOptionsFit({ ...named(model), with_d3 }, model_options, task_type === 'interaction-energy');
  potentialOf({ ...named(model), with_d3 }, model_options);
}

function named({ id, imported }: ComputingModel): NamedModel {
  return { model: id, ...(imported === null ? {} : { imported_model: imported }) };
}

/** @throws ServiceError 40008 that names the models that there are */
export function knownModel(models: ModelDirectory, id: string): ComputingModel {
  const model = models.find(id);
  if (model !== null) return model;
  const known_models = models.ids();
  const message = `There is no model "${id}". Known models: ${known_models.join(', ')}.`;
  throw new ServiceError(40008, { message, field: 'model', known_models });
}

/** @throws ServiceError 42207 */
export function assertDispersion(model: ComputingModel, with_d3: boolean): void {
  if (!with_d3 || model.d3_available) return;
  const message = `There is no DFT-D3 for ${model.id}; leave out with_d3 or choose a model with d3_available.`;
  throw new ServiceError(42207, { message, field: 'with_d3', model: model.id });
}

function assertPeriodic({ cell, pbc }: Structure, task_type: TaskType): void {
  if (!TASK_TYPES[task_type].needs_cell || (cell !== null && pbc.every(Boolean))) return;
  const message = `${task_type} needs a structure that is periodic in three directions.`;
  throw new ServiceError(42205, { message, field: 'structure', task_type });
}

function assertSize(model: ComputingModel, n_atoms: number, supercell: Vector3): void {
  const n_images = supercell.reduce((product, repeats) => product * repeats, 1);
  const computed = n_atoms * n_images;
  if (computed <= model.max_atoms) return;
  const size =
    n_images === 1
      ? `The structure has ${n_atoms} atoms`
      : `The supercell ${supercell.join(' x ')} of ${n_atoms} atoms has ${computed}`;
  const message = `${size}, ${model.id} takes at most ${model.max_atoms}.`;
  throw new ServiceError(42202, { message, n_atoms: computed, max_atoms: model.max_atoms });
}

function assertRepeatable({ cell, pbc }: Structure, supercell: Vector3): void {
  const impossible = supercell.findIndex((repeats, k) => repeats > 1 && (cell === null || pbc[k] !== true));
  if (impossible === -1) return;
  const message = `The structure is not periodic along ${'abc'.charAt(impossible)}; its supercell must have 1 there.`;
  throw new ServiceError(42205, { message, field: 'parameters.supercell', supercell });
}

function assertCell({ cell, pbc }: Structure, { ensemble }: StructureParameters): void {
  if (ensemble !== 'NPT' || (cell !== null && pbc.every(Boolean))) return;
  const message = 'NPT needs a structure that is periodic in three directions; set ensemble to "NVT".';
  throw new ServiceError(42207, { message, field: 'parameters.ensemble' });
}

function assertCharges({ charges }: Structure, { model_options }: StructureParameters): void {
  if (model_options?.charges !== 'cif' || charges !== undefined) return;
  const message = 'The file of the structure has no charges; set model_options.charges to "none" or "eqeq".';
  throw new ServiceError(42207, { message, field: 'parameters.model_options.charges' });
}

function assertMask(n_atoms: number, { mask: given = [], relax_cell }: StructureParameters): void {
  const mask: readonly (number | boolean)[] = given;
  const field = 'parameters.mask';
  if (mask.length === 0) return;
  const isFlags = typeof mask[0] === 'boolean';
  if (isFlags && mask.length !== n_atoms) {
    const message = `A mask of booleans has one for each of the ${n_atoms} atoms, not ${mask.length}.`;
    throw new ServiceError(42207, { message, field, n_atoms, n_given: mask.length });
  }
  const outside = mask.filter((entry) => typeof entry === 'number' && entry >= n_atoms);
  if (outside.length > 0) {
    const message = `The structure has the atoms 0 to ${n_atoms - 1}; the mask names ${outside.slice(0, 8).join(', ')}.`;
    throw new ServiceError(40004, { message, field, n_atoms });
  }
  const n_fixed = isFlags ? mask.filter((entry) => entry === true).length : new Set(mask).size;
  if (n_fixed === n_atoms && relax_cell === false) {
    const message = 'Every atom is in the mask and the cell is fixed: nothing can move.';
    throw new ServiceError(42207, { message, field });
  }
}
