// /models: what can be picked, and the checkpoints that users bring.
import { z } from 'zod';
import {
  modelConfigSchema,
  modelListSchema,
  modelPlacementSchema,
  modelSchema,
  modelValidationSchema,
  placedModelSchema,
} from '../../../contracts/model.ts';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { Audit } from '../../service/audit.ts';
import { MAX_MODEL_FILE_BYTES } from '../../service/limits.ts';
import type { ModelService } from '../../service/model-service.ts';
import { languageOf } from './envelope.ts';
import { parseRequest } from './parse-request.ts';
import { discardFile } from './receive-file.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';

export interface ModelRouteParts {
  models: ModelService;
  audit: Audit;
}

const OF_MODELS = { tag: 'models', limit: 'other' } as const;
const MODEL = { path: '/models/{model_id}' } as const;

export function createModelRoutes(parts: ModelRouteParts): Route[] {
  return [...createReadRoutes(parts), ...createChangeRoutes(parts), ...createPlacementRoutes(parts)];
}

function createReadRoutes({ models }: ModelRouteParts): Route[] {
  return [
    route(
      {
        ...OF_MODELS,
        method: 'get',
        path: '/models',
        operation: 'listModels',
        summary: { zh: '获取模型列表', en: 'Models' },
        scope: 'read',
        response: modelListSchema,
        errors: [],
      },
      ({ caller, request }) => ({ models: models.list(caller.owner, languageOf(request)) }),
    ),
    route(
      {
        ...OF_MODELS,
        ...MODEL,
        method: 'get',
        operation: 'getModel',
        summary: { zh: '获取模型详情', en: 'One model' },
        scope: 'read',
        response: modelSchema,
        errors: [40403],
      },
      ({ caller, params, request }) => models.get(caller.owner, params.model_id, languageOf(request)),
    ),
  ];
}

function createChangeRoutes({ models, audit }: ModelRouteParts): Route[] {
  return [
    route(
      {
        ...OF_MODELS,
        method: 'post',
        path: '/models/upload',
        operation: 'uploadModel',
        summary: { zh: '上传自定义模型', en: 'Upload a checkpoint' },
        description:
          '`config` is JSON: name, family, and optionally version, description, supported_elements, max_atoms. The file is a MACE ' +
          'checkpoint as torch.save writes it. It is read without running anything in it, kept with its checksum, and can be computed with when ' +
          'the answer comes. What cannot be computed is refused by name (42206).',
        scope: 'submit',
        limit: 'upload',
        file: { field: 'model_file', max_bytes: MAX_MODEL_FILE_BYTES, folder: models.uploadFolder },
        body: z.strictObject({ config: z.string().max(65_536) }),
        response: modelSchema,
        status: 201,
        message: 'uploaded',
        errors: [40001, 40002, 40003, 40004, 40010, 40904, 42206],
      },
      async ({ caller, file, body, request }) => {
        try {
          const config = readConfig(body.config);
          const model = await models.upload(caller.owner, file, config, languageOf(request));
          audit.record(caller.key_id, 'model.uploaded', model.id, { sha256: model.sha256 });
          return model;
        } finally {
          // Where it was kept it has another name.
          await discardFile(file);
        }
      },
    ),
    route(
      {
        ...OF_MODELS,
        ...MODEL,
        method: 'delete',
        operation: 'deleteModel',
        summary: { zh: '删除自定义模型', en: 'Delete a checkpoint' },
        description: 'Built-in models stay (40305), and so does one that a task waits for or runs with (40905).',
        scope: 'submit',
        response: z.object({ model_id: z.string() }),
        message: 'deleted',
        errors: [40305, 40403, 40905],
      },
      async ({ caller, params: { model_id } }) => {
        await models.remove(caller.owner, model_id);
        audit.record(caller.key_id, 'model.deleted', model_id);
        return { model_id };
      },
    ),
  ];
}

function createPlacementRoutes({ models }: ModelRouteParts): Route[] {
  return [
    route(
      {
        ...OF_MODELS,
        method: 'post',
        path: '/models/{model_id}/load',
        operation: 'loadModel',
        summary: { zh: '预加载模型', en: 'Load a model before it is needed' },
        description:
          'Every process that computes nothing, or those of one GPU, reads the weights of a MACE model and computes one atom with it; `placements` says how ' +
          'long each took and what it takes of memory. A process that computes loads the model with its first task. A force field has no weights: nothing is ' +
          'loaded. A model that cannot be computed with is refused (50304).',
        scope: 'submit',
        body: modelPlacementSchema,
        response: placedModelSchema,
        errors: [40003, 40004, 40403, 40405, 50304],
      },
      ({ caller, params, body, request }) =>
        models.load(caller.owner, params.model_id, body.gpu_id, languageOf(request)),
    ),
    route(
      {
        ...OF_MODELS,
        method: 'post',
        path: '/models/{model_id}/unload',
        operation: 'unloadModel',
        summary: { zh: '卸载模型', en: 'Give back the memory of a model' },
        description:
          'A process that holds the model and computes nothing ends, and a new one without models takes its place; what computes goes on, and ' +
          '`placements` says so. Without being asked a process gives back the model that was used longest ago when it needs memory.',
        scope: 'submit',
        body: modelPlacementSchema,
        response: placedModelSchema,
        errors: [40003, 40004, 40403, 40405],
      },
      ({ caller, params, body, request }) =>
        models.unload(caller.owner, params.model_id, body.gpu_id, languageOf(request)),
    ),
    route(
      {
        ...OF_MODELS,
        method: 'post',
        path: '/models/{model_id}/validate',
        operation: 'validateModel',
        summary: { zh: '校验模型', en: 'Check a model' },
        description:
          'Of a checkpoint the checksum is compared, and it is read once more (42206 when it is not what was uploaded, or cannot be computed ' +
          'with).',
        scope: 'submit',
        response: modelValidationSchema,
        errors: [40403, 42206],
      },
      ({ caller, params }) => models.validate(caller.owner, params.model_id),
    ),
  ];
}

/** @throws ServiceError 40001 | 40002 | 40003 | 40004 */
function readConfig(text: string): z.output<typeof modelConfigSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ServiceError(40001, { message: 'The field "config" is not JSON.', field: 'config' }, { cause });
  }
  return parseRequest(modelConfigSchema, json);
}
