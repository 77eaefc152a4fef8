import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { modelListSchema, modelSchema } from '../../../../contracts/model.ts';
import type { Model } from '../../../../contracts/model.ts';
import { request } from '../../../api/client.ts';
import { modelNameOf } from '../model-file.ts';

const MODELS_KEY = ['models'] as const;

export function useModels() {
  return useQuery({
    queryKey: MODELS_KEY,
    queryFn: ({ signal }) => request(modelListSchema, '/models', { signal }),
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
    mutationFn: (file: File) =>
      importModel(file, client.getQueryData<z.infer<typeof modelListSchema>>(MODELS_KEY)?.models ?? []),
    onSuccess: () => client.invalidateQueries({ queryKey: MODELS_KEY }),
  });
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
