import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { apiKeyListSchema, apiKeySchema, createdApiKeySchema } from '../../../../contracts/api-key.ts';
import type { newApiKeySchema } from '../../../../contracts/api-key.ts';
import { request } from '../../../api/client.ts';

const KEYS_KEY = ['keys'] as const;

export function useKeys() {
  return useQuery({
    queryKey: KEYS_KEY,
    queryFn: ({ signal }) => request(apiKeyListSchema, '/keys', { signal }),
    select: ({ keys }) => keys,
  });
}

/** The answer holds the key itself, for this once. */
export function useCreateKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: z.input<typeof newApiKeySchema>) =>
      request(createdApiKeySchema, '/keys', { method: 'POST', json: key }),
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS_KEY }),
  });
}

export function useRevokeKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (keyId: string) => request(apiKeySchema, `/keys/${encodeURIComponent(keyId)}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: KEYS_KEY }),
  });
}
