// Requests about campaigns: list, one, its table, its scores; new, cancel, retry, delete.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import {
  campaignListSchema,
  campaignReceiptSchema,
  campaignSchema,
  campaignScoresSchema,
  campaignTableSchema,
  cancelCampaignReceiptSchema,
  deleteCampaignReceiptSchema,
  retryFailedReceiptSchema,
} from '../../../../contracts/campaign.ts';
import type { Campaign, CampaignStatus, campaignSubmissionSchema } from '../../../../contracts/campaign.ts';
import { download, request } from '../../../api/client.ts';
import { pageSizeFor } from '../merge-rows.ts';

/** What runs is asked about this often: thousands of tasks must not each cause a request. */
const FOLLOW_MS = 3_000;

export const campaignKeys = {
  all: ['campaigns'] as const,
  list: (page: number) => ['campaigns', 'list', page] as const,
  one: (campaignId: string) => ['campaigns', 'one', campaignId] as const,
  table: (campaignId: string, page: number, finishedAt: string | null) =>
    ['campaigns', 'table', campaignId, page, finishedAt] as const,
  scores: (campaignId: string, finishedAt: string | null) => ['campaigns', 'scores', campaignId, finishedAt] as const,
};

export function isRunning(status: CampaignStatus): boolean {
  return status === 'SUBMITTING' || status === 'RUNNING';
}

function pathOf(campaignId: string): string {
  return `/campaigns/${encodeURIComponent(campaignId)}`;
}

export function useCampaigns(page: number) {
  return useQuery({
    queryKey: campaignKeys.list(page),
    queryFn: ({ signal }) => request(campaignListSchema, `/campaigns?page=${page}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.campaigns.some(({ status }) => isRunning(status)) === true ? FOLLOW_MS : false,
  });
}

export function useCampaign(campaignId: string) {
  return useQuery({
    queryKey: campaignKeys.one(campaignId),
    queryFn: ({ signal }) => request(campaignSchema, pathOf(campaignId), { signal }),
    refetchInterval: ({ state }) => (state.data !== undefined && !isRunning(state.data.status) ? false : FOLLOW_MS),
  });
}

/** Asked again while it may change, and once more when it has ended. */
export function useCampaignTable(campaign: Campaign, page: number) {
  const { campaign_id, finished_at, status } = campaign;
  const query = new URLSearchParams({ page: String(page), page_size: String(pageSizeFor(campaign)) });
  return useQuery({
    queryKey: campaignKeys.table(campaign_id, page, finished_at),
    queryFn: ({ signal }) =>
      request(campaignTableSchema, `${pathOf(campaign_id)}/table?${query.toString()}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: isRunning(status) ? FOLLOW_MS : false,
  });
}

/** As useCampaignTable. */
export function useCampaignScores({ campaign_id, finished_at, status }: Campaign) {
  return useQuery({
    queryKey: campaignKeys.scores(campaign_id, finished_at),
    queryFn: ({ signal }) => request(campaignScoresSchema, `${pathOf(campaign_id)}/scores`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: isRunning(status) ? FOLLOW_MS : false,
  });
}

export function useStartCampaign() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (submission: z.input<typeof campaignSubmissionSchema>) =>
      request(campaignReceiptSchema, '/campaigns', { method: 'POST', json: submission }),
    onSuccess: () => client.invalidateQueries({ queryKey: campaignKeys.all }),
  });
}

export function useCancelCampaign(campaignId: string) {
  return useChange(() =>
    request(cancelCampaignReceiptSchema, `${pathOf(campaignId)}/cancel`, { method: 'POST', json: {} }),
  );
}

export function useRetryFailed(campaignId: string) {
  return useChange(() =>
    request(retryFailedReceiptSchema, `${pathOf(campaignId)}/retry-failed`, { method: 'POST', json: {} }),
  );
}

export function useDeleteCampaign(campaignId: string) {
  return useChange(() => request(deleteCampaignReceiptSchema, pathOf(campaignId), { method: 'DELETE' }));
}

function useChange<T>(change: () => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: campaignKeys.all }),
  });
}

/** The whole table, as comma-separated values. */
export function downloadTable(campaignId: string, name: string): Promise<void> {
  return download(`${pathOf(campaignId)}/table.csv`, `${name}.csv`);
}
