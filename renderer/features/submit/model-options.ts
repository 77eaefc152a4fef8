// Which options of a task's model the form offers: those that this model reads.
import { uff4mofOptionsSchema } from '../../../contracts/potential.ts';
import type { Model } from '../../../contracts/model.ts';
import type { TaskType } from '../../../contracts/task-types.ts';
import type { ParameterField } from '../../lib/parameter-fields.ts';

const CLASSICAL: readonly string[] = [...Object.keys(uff4mofOptionsSchema.shape), 'charges'];
const PREFIX = 'model_options.';

export interface ModelContext {
  readonly model: Pick<Model, 'family' | 'heads'> | null;
  readonly withD3: boolean;
}

/** The fields of a task type as this model has them: foreign options left out, its heads as choices. */
export function fieldsFor(
  fields: readonly ParameterField[],
  taskType: TaskType,
  { model, withD3 }: ModelContext,
): ParameterField[] {
  const isClassical = model === null || model.family === 'uff' || taskType === 'interaction-energy';
  const own = fields.filter(({ path, name }) => {
    if (!path.startsWith(PREFIX)) return true;
    return CLASSICAL.includes(name) ? isClassical : withD3;
  });
  return [...own, ...headField(model?.heads ?? [])];
}

/** Those that every one of the models has, as a campaign sends one set of options to all of them. */
export function sharedFields(
  fields: readonly ParameterField[],
  taskType: TaskType,
  contexts: readonly ModelContext[],
): ParameterField[] {
  const [first = [], ...others] = contexts.map((context) => fieldsFor(fields, taskType, context));
  return first.flatMap((field) => {
    const same = others.map((own) => own.find(({ path }) => path === field.path));
    if (same.some((other) => other === undefined)) return [];
    return field.name === 'head' ? headsOf([field, ...same]) : [field];
  });
}

function headsOf(fields: readonly (ParameterField | undefined)[]): ParameterField[] {
  const lists = fields.flatMap((field) => (field?.kind === 'choice' ? [field.choices] : []));
  const common = (lists[0] ?? []).filter((head) => lists.every((heads) => heads.includes(head)));
  return headField(common);
}

function headField(heads: readonly string[]): ParameterField[] {
  if (heads.length < 2) return [];
  const fallback = heads.find((head) => head.toLowerCase() === 'default') ?? null;
  return [{ path: `${PREFIX}head`, name: 'head', kind: 'choice', choices: heads, initial: fallback }];
}
