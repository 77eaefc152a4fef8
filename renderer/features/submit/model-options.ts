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

function headField(heads: readonly string[]): ParameterField[] {
  if (heads.length < 2) return [];
  const fallback = heads.find((head) => head.toLowerCase() === 'default') ?? null;
  return [{ path: `${PREFIX}head`, name: 'head', kind: 'choice', choices: heads, initial: fallback }];
}
