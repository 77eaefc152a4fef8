// GET /task-types: what can be computed here, with the schemas that forms and scripts are made from.
import { z } from 'zod';
import { TASK_TYPES, taskTypeListSchema, taskTypeSchema } from '../../../contracts/task-types.ts';
import { unavailableReason } from '../../workflows/registry.ts';
import { languageOf } from './envelope.ts';
import type { Language } from './envelope.ts';
import { JSON_SCHEMA_OPTIONS } from './openapi/components.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';

type TaskTypeEntry = z.infer<typeof taskTypeListSchema>['task_types'][number];

export function createTaskTypeRoutes(): Route[] {
  const lists = new Map<Language, TaskTypeEntry[]>();
  const listIn = (language: Language): TaskTypeEntry[] => {
    const known = lists.get(language) ?? taskTypeSchema.options.map((task_type) => entryOf(task_type, language));
    lists.set(language, known);
    return known;
  };
  return [
    route(
      {
        method: 'get',
        path: '/task-types',
        operation: 'listTaskTypes',
        tag: 'tasks',
        summary: { zh: '任务类型及其参数', en: 'Task types, with the schemas of their parameters and results' },
        description: 'Schemas are JSON Schema 2020-12; `parameters_schema` carries the defaults.',
        scope: 'read',
        limit: 'other',
        response: taskTypeListSchema,
        errors: [],
      },
      ({ request }) => ({ task_types: listIn(languageOf(request)) }),
    ),
  ];
}

function entryOf(task_type: z.infer<typeof taskTypeSchema>, language: Language): TaskTypeEntry {
  const { title, stages, parameters, result } = TASK_TYPES[task_type];
  const reason = unavailableReason(task_type);
  return {
    task_type,
    title: title[language],
    stages: [...stages],
    is_available: reason === null,
    unavailable_reason: reason,
    parameters_schema: z.toJSONSchema(parameters, { ...JSON_SCHEMA_OPTIONS, io: 'input' }),
    result_schema: z.toJSONSchema(result, { ...JSON_SCHEMA_OPTIONS, io: 'output' }),
  };
}
