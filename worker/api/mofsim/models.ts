// /models.
import { modelListSchema } from '../../../contracts/model.ts';
import { MODELS } from '../../models/catalogue.ts';
import { languageOf } from './envelope.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';

export function createModelRoutes(): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/models',
        operation: 'listModels',
        tag: 'models',
        summary: { zh: '获取模型列表', en: 'Models' },
        scope: 'read',
        limit: 'other',
        response: modelListSchema,
        errors: [],
      },
      ({ request }) => {
        const language = languageOf(request);
        return {
          models: MODELS.map((model) => ({ ...model, description: model.description[language], loaded_on: [] })),
        };
      },
    ),
  ];
}
