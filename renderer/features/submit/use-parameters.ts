// The parameters of one task type while they are entered: fields of the schema, what was typed, what the schema says to it.
import { useMemo } from 'react';
import { TASK_TYPES } from '../../../contracts/task-types.ts';
import type { TaskType } from '../../../contracts/task-types.ts';
import { parameterFields, parametersOf } from '../../lib/parameter-fields.ts';
import type { Draft, ParameterField } from '../../lib/parameter-fields.ts';
import { sharedFields } from './model-options.ts';
import type { ModelContext } from './model-options.ts';

export interface EnteredParameters {
  readonly taskType: TaskType;
  readonly fields: readonly ParameterField[];
  readonly draft: Draft;
  readonly parameters: Record<string, unknown>;
  /** Path of each refused parameter and the code of its first issue. */
  readonly problems: ReadonlyMap<string, string>;
}

const NOTHING_ENTERED: Draft = {};
const ANY_MODEL: ModelContext = { model: null, withD3: false };

export function useParameters(
  taskType: TaskType,
  draft: Draft | undefined,
  { model, withD3 }: ModelContext,
): EnteredParameters {
  return useMemo(() => enterParameters(taskType, draft, [{ model, withD3 }]), [taskType, draft, model, withD3]);
}

/** @param contexts of every model that gets these parameters */
export function enterParameters(
  taskType: TaskType,
  draft: Draft = NOTHING_ENTERED,
  contexts: readonly ModelContext[] = [],
): EnteredParameters {
  const schema = TASK_TYPES[taskType].parameters;
  const fields = sharedFields(parameterFields(schema), taskType, contexts.length > 0 ? contexts : [ANY_MODEL]);
  const parameters = parametersOf(fields, draft);
  const problems = new Map<string, string>();
  for (const { path, code } of schema.safeParse(parameters).error?.issues ?? []) {
    const joined = path.join('.');
    if (!problems.has(joined)) problems.set(joined, code);
  }
  return { taskType, fields, draft, parameters, problems };
}
