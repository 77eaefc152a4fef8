// Requests about campaigns: list, one, its table, its scores; new, cancel, retry, delete.
import { useEffect } from 'react';
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
import { campaignEventSchema } from '../../../../contracts/event.ts';
import { followEvents } from '../../../api/event-stream.ts';
import { download, request } from '../../../api/client.ts';
import { pageSizeFor } from '../merge-rows.ts';

/** Table and scores of what changes are asked for this often at most: they cost the service more than the state does. */
const TABLE_EVERY_MS = 3_000;

export const campaignKeys = {
  all: ['campaigns'] as const,
  /** A key of its own: events of the service make it stale, those of the campaign the others. */
  lists: ['campaign-list'] as const,
  list: (page: number) => ['campaign-list', page] as const,
  one: (campaignId: string) => ['campaigns', 'one', campaignId] as const,
  /** Table and scores. */
  figures: (campaignId: string) => ['campaigns', 'figures', campaignId] as const,
  table: (campaignId: string, page: number, finishedAt: string | null) =>
    ['campaigns', 'figures', campaignId, 'table', page, finishedAt] as const,
  scores: (campaignId: string, finishedAt: string | null) =>
    ['campaigns', 'figures', campaignId, 'scores', finishedAt] as const,
};

export function isRunning(status: CampaignStatus): boolean {
  return status === 'SUBMITTING' || status === 'RUNNING';
}

/** It may be another one in a second: it runs, or it is being deleted. */
function isChanging(status: CampaignStatus): boolean {
  return isRunning(status) || status === 'DELETING';
}

function pathOf(campaignId: string): string {
  return `/campaigns/${encodeURIComponent(campaignId)}`;
}

export function useCampaigns(page: number) {
  return useQuery({
    queryKey: campaignKeys.list(page),
    queryFn: ({ signal }) => request(campaignListSchema, `/campaigns?page=${page}`, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** As it is, and while it runs as its events tell. */
export function useCampaign(campaignId: string) {
  const campaign = useQuery({
    queryKey: campaignKeys.one(campaignId),
    queryFn: ({ signal }) => request(campaignSchema, pathOf(campaignId), { signal }),
  });
  useCampaignEvents(campaignId, campaign.data !== undefined && isChanging(campaign.data.status));
  return campaign;
}

/** Table and scores are asked for again when something has changed, and not more often than they should. */
function useCampaignEvents(campaignId: string, isFollowed: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!isFollowed) return;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | null = null;
    let isOver = false;
    function refresh(): void {
      timer = null;
      void client.invalidateQueries({ queryKey: campaignKeys.figures(campaignId) });
    }
    void followEvents({
      path: `${pathOf(campaignId)}/events`,
      schema: campaignEventSchema,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'campaign_deleted') {
          isOver = true;
          void client.invalidateQueries({ queryKey: campaignKeys.one(campaignId) });
          return;
        }
        const campaign = campaignSchema.parse(event);
        isOver = !isChanging(campaign.status);
        client.setQueryData(campaignKeys.one(campaignId), campaign);
        timer ??= setTimeout(refresh, TABLE_EVERY_MS);
      },
      onPhase: (_phase, failure) => {
        // What cannot be followed any more is asked for once, which tells why.
        if (failure !== null) void client.invalidateQueries({ queryKey: campaignKeys.one(campaignId) });
      },
      isComplete: () => isOver,
    });
    return () => {
      controller.abort();
      if (timer !== null) clearTimeout(timer);
    };
  }, [client, campaignId, isFollowed]);
}

/** Of the end that `finishedAt` tells there is a table of its own. */
export function useCampaignTable(campaign: Campaign, page: number) {
  const { campaign_id, finished_at } = campaign;
  const query = new URLSearchParams({ page: String(page), page_size: String(pageSizeFor(campaign)) });
  return useQuery({
    queryKey: campaignKeys.table(campaign_id, page, finished_at),
    queryFn: ({ signal }) =>
      request(campaignTableSchema, `${pathOf(campaign_id)}/table?${query.toString()}`, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** As useCampaignTable. */
export function useCampaignScores({ campaign_id, finished_at }: Campaign) {
  return useQuery({
    queryKey: campaignKeys.scores(campaign_id, finished_at),
    queryFn: ({ signal }) => request(campaignScoresSchema, `${pathOf(campaign_id)}/scores`, { signal }),
    placeholderData: keepPreviousData,
  });
}

export function useStartCampaign() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (submission: z.input<typeof campaignSubmissionSchema>) =>
      request(campaignReceiptSchema, '/campaigns', { method: 'POST', json: submission }),
    onSuccess: () => client.invalidateQueries({ queryKey: campaignKeys.lists }),
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

/** @param onDeleted called also when the button that began it is gone, as it is once the campaign is DELETING */
export function useDeleteCampaign(campaignId: string, onDeleted: () => void) {
  return useChange(() => request(deleteCampaignReceiptSchema, pathOf(campaignId), { method: 'DELETE' }), onDeleted);
}

function useChange<T>(change: () => Promise<T>, onSuccess: () => void = () => undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: campaignKeys.all }),
        client.invalidateQueries({ queryKey: campaignKeys.lists }),
      ]),
  });
}

/** The whole table, as comma-separated values. */
export function downloadTable(campaignId: string, name: string): Promise<void> {
  return download(`${pathOf(campaignId)}/table.csv`, `${name}.csv`);
}
