import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { modelListSchema, modelSchema } from '../../../../contracts/model.ts';
import type { Model } from '../../../../contracts/model.ts';
import { request } from '../../../api/client.ts';
import { modelNameOf } from '../model-file.ts';

const MODELS_KEY = ['models'] as const;

export function useModels() {
  const { i18n } = useTranslation();
  const { language } = i18n;
  return useQuery({
    // Descriptions come in the language that is asked for.
    queryKey: [...MODELS_KEY, language],
    queryFn: ({ signal }) => request(modelListSchema, '/models', { signal, headers: { 'Accept-Language': language } }),
    select: ({ models }) => models,
    staleTime: 60_000,
  });
}

/** Reads the whole checkpoint: the answer comes when the model can be computed with, or says why it cannot. */
async function importModel(file: File, known: readonly Model[]): Promise<Model> {
  const form = new FormData();
  form.append('config', JSON.stringify({ name: modelNameOf(file.name, known), family: 'mace' }));
  form.append('model_file', file, file.name);
  return request(modelSchema, '/models/upload', { method: 'POST', form });
}

export function useImportModel() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: ['import-model'],
    mutationFn: (file: File) => importModel(file, modelsIn(client)),
    onSuccess: () => client.invalidateQueries({ queryKey: MODELS_KEY }),
  });
}

function modelsIn(client: QueryClient): readonly Model[] {
  const lists = client.getQueriesData<z.infer<typeof modelListSchema>>({ queryKey: MODELS_KEY });
  return lists.flatMap(([, list]) => list?.models ?? []);
}

const deletedSchema = z.object({ model_id: z.string() });

export function useDeleteModel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (modelId: string) =>
      request(deletedSchema, `/models/${encodeURIComponent(modelId)}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: MODELS_KEY }),
  });
}
