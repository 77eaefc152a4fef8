import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { webhookDeliveryListSchema, webhookDeliverySchema } from '../../../../contracts/webhook.ts';
import { request } from '../../../api/client.ts';

const DELIVERIES_KEY = ['deliveries'] as const;
const REFRESH_MS = 10_000;
const N_SHOWN = 50;

export function useDeliveries() {
  return useQuery({
    queryKey: DELIVERIES_KEY,
    queryFn: ({ signal }) =>
      request(webhookDeliveryListSchema, `/webhooks/deliveries?page=1&page_size=${N_SHOWN}`, { signal }),
    select: ({ deliveries }) => deliveries,
    refetchInterval: REFRESH_MS,
  });
}

export function useRedeliver() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (deliveryId: string) =>
      request(webhookDeliverySchema, `/webhooks/deliveries/${encodeURIComponent(deliveryId)}/redeliver`, {
        method: 'POST',
        json: {},
      }),
    onSettled: () => client.invalidateQueries({ queryKey: DELIVERIES_KEY }),
  });
}
