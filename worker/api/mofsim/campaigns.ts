// /campaigns: many structures x tasks x models as one submission, its table, and its scores against reference values.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import {
  campaignListQuerySchema,
  campaignListSchema,
  campaignReceiptSchema,
  campaignReferencesSchema,
  campaignSchema,
  campaignScoresSchema,
  campaignSubmissionSchema,
  campaignTableQuerySchema,
  campaignTableSchema,
  cancelCampaignReceiptSchema,
  deleteCampaignReceiptSchema,
  retryFailedReceiptSchema,
} from '../../../contracts/campaign.ts';
import type { ErrorCode } from '../../../contracts/error-code.ts';
import { campaignEventSchema } from '../../../contracts/event.ts';
import type { CampaignService } from '../../service/campaigns/campaign-service.ts';
import { createIdempotency } from '../../service/idempotency.ts';
import type { Store } from '../../store/store.ts';
import { rawRoute, route } from './route.ts';
import type { Route } from './route.ts';
import { streamCampaignEvents } from './stream-campaign-events.ts';
import { idempotencyHeadersSchema } from './tasks-submit.ts';

export interface CampaignRouteParts {
  campaigns: CampaignService;
  store: Store;
}

/** Thousands of structures, some of them as text. */
const MAX_CAMPAIGN_BODY_BYTES = 32 * 1024 * 1024;

const READ = { method: 'get', tag: 'campaigns', scope: 'read', limit: 'status' } as const;
/** The whole table takes longer than a look at a state. */
const FILE = { ...READ, limit: 'other' } as const;
const CHANGE = { tag: 'campaigns', scope: 'submit', limit: 'other' } as const;
const SUBMISSION_ERRORS: readonly ErrorCode[] = [40001, 40002, 40003, 40004, 40006, 40008, 42207];

export function createCampaignRoutes(parts: CampaignRouteParts): Route[] {
  return [
    ...submissionRoutes(parts),
    ...readingRoutes(parts),
    eventRoute(parts),
    ...fileRoutes(parts),
    ...changeRoutes(parts),
  ];
}

function submissionRoutes({ campaigns, store }: CampaignRouteParts): Route[] {
  const idempotency = createIdempotency(store, () => new Date());
  return [
    route(
      {
        method: 'post',
        tag: 'campaigns',
        scope: 'submit',
        limit: 'submit',
        status: 202,
        path: '/campaigns',
        operation: 'submitCampaign',
        summary: { zh: '提交批量计算', en: 'Submit a campaign: structures x tasks x models' },
        description:
          'Its tasks are submitted in the background, each exactly once. Structures that cannot be computed do not stop it: they are rows of its table with the reason.',
        headers: idempotencyHeadersSchema,
        body: campaignSubmissionSchema,
        max_body_bytes: MAX_CAMPAIGN_BODY_BYTES,
        response: campaignReceiptSchema,
        message: 'campaign_submitted',
        errors: SUBMISSION_ERRORS,
      },
      async ({ caller, body, headers, request, response }) => {
        const key = headers['idempotency-key'] ?? null;
        const content = { path: '/campaigns', body: z.unknown().parse(request.body) };
        const { answer, is_replayed } = await idempotency.once(
          { owner: caller.owner, key, content },
          campaignReceiptSchema,
          (keep) => campaigns.submit(caller, body, keep),
        );
        if (is_replayed) response.setHeader('Idempotency-Replayed', 'true');
        return answer;
      },
    ),
  ];
}

function readingRoutes({ campaigns }: CampaignRouteParts): Route[] {
  return [
    route(
      {
        ...READ,
        path: '/campaigns',
        operation: 'listCampaigns',
        summary: { zh: '列出批量计算', en: 'Campaigns, newest first' },
        query: campaignListQuerySchema,
        response: campaignListSchema,
        errors: [40003, 40004],
      },
      ({ caller, query }) => campaigns.list(caller.owner, query),
    ),
    route(
      {
        ...READ,
        path: '/campaigns/{campaign_id}',
        operation: 'getCampaign',
        summary: { zh: '查询批量计算进度', en: 'A campaign and how far it is' },
        response: campaignSchema,
        errors: [40405],
      },
      ({ caller, params }) => campaigns.get(caller.owner, params.campaign_id),
    ),
    route(
      {
        ...READ,
        path: '/campaigns/{campaign_id}/table',
        operation: 'getCampaignTable',
        summary: { zh: '批量计算结果表', en: 'The table of a campaign: a row per structure, task and model' },
        query: campaignTableQuerySchema,
        response: campaignTableSchema,
        errors: [40003, 40004, 40405],
      },
      ({ caller, params, query }) => campaigns.table(caller.owner, params.campaign_id, query),
    ),
    route(
      {
        ...READ,
        path: '/campaigns/{campaign_id}/scores',
        operation: 'getCampaignScores',
        summary: { zh: '批量计算与参考数据的误差', en: 'Errors of a campaign against its reference values' },
        response: campaignScoresSchema,
        errors: [40405],
      },
      ({ caller, params }) => campaigns.scores(caller.owner, params.campaign_id),
    ),
  ];
}

function eventRoute({ campaigns }: CampaignRouteParts): Route {
  return rawRoute(
    {
      ...READ,
      path: '/campaigns/{campaign_id}/events',
      operation: 'streamCampaignEvents',
      summary: { zh: '批量计算事件流', en: 'Server-sent events of a campaign' },
      description:
        'The whole campaign, now and after each change, at most once a second. Ends with the end of the campaign, or with `campaign_deleted`. With the `Last-Event-ID` of the present state it begins with the next one.',
      media_type: 'text/event-stream',
      response: campaignEventSchema,
      errors: [40405],
    },
    ({ caller, params, request, response }) => {
      const { campaign_id } = campaigns.get(caller.owner, params.campaign_id);
      streamCampaignEvents(request, response, {
        latest: () => campaigns.latestEvent(caller.owner, campaign_id),
        onEvent: (listener) => campaigns.onEvent(campaign_id, listener),
      });
    },
  );
}

function fileRoutes({ campaigns }: CampaignRouteParts): Route[] {
  return [
    rawRoute(
      {
        ...FILE,
        path: '/campaigns/{campaign_id}/table.csv',
        operation: 'downloadCampaignTable',
        summary: { zh: '下载批量计算结果表', en: 'The whole table of a campaign as CSV' },
        media_type: 'text/csv',
        errors: [40405],
      },
      async ({ caller, params, response }) => {
        const { campaign_id } = params;
        const lines = await campaigns.csv(caller.owner, campaign_id);
        response.attachment(`${campaign_id}.csv`);
        // Whoever goes away in the middle has ended it.
        await pipeline(Readable.from(lines), response).catch(() => undefined);
      },
    ),
    rawRoute(
      {
        ...FILE,
        path: '/campaigns/{campaign_id}/report.html',
        operation: 'downloadCampaignReport',
        summary: { zh: '下载批量计算报告', en: 'The report of a campaign with parity plots' },
        media_type: 'text/html',
        errors: [40405],
      },
      async ({ caller, params, response }) => {
        const { campaign_id } = params;
        const html = await campaigns.report(caller.owner, campaign_id);
        response.attachment(`${campaign_id}.html`).send(html);
      },
    ),
  ];
}

function changeRoutes({ campaigns }: CampaignRouteParts): Route[] {
  return [
    route(
      {
        ...CHANGE,
        method: 'put',
        path: '/campaigns/{campaign_id}/reference',
        operation: 'setCampaignReference',
        summary: { zh: '设置参考数据', en: 'Replace the reference values of a campaign' },
        body: campaignReferencesSchema,
        max_body_bytes: MAX_CAMPAIGN_BODY_BYTES,
        response: campaignSchema,
        message: 'changed',
        errors: [40001, 40002, 40003, 40004, 40405, 40901, 42207],
      },
      ({ caller, params, body }) => campaigns.setReference(caller.owner, params.campaign_id, body.reference),
    ),
    route(
      {
        ...CHANGE,
        method: 'post',
        path: '/campaigns/{campaign_id}/cancel',
        operation: 'cancelCampaign',
        summary: { zh: '取消批量计算', en: 'Cancel whatever of a campaign waits or runs' },
        response: cancelCampaignReceiptSchema,
        message: 'cancelled',
        errors: [40405, 40901, 40902, 40903],
      },
      ({ caller, params }) => campaigns.cancel(caller.owner, params.campaign_id),
    ),
    route(
      {
        ...CHANGE,
        method: 'post',
        path: '/campaigns/{campaign_id}/retry-failed',
        operation: 'retryFailedOfCampaign',
        summary: { zh: '重试失败的任务', en: 'Submit once more whatever of a campaign did not complete' },
        status: 202,
        response: retryFailedReceiptSchema,
        message: 'retried',
        errors: [40405, 40901],
      },
      ({ caller, params }) => campaigns.retryFailed(caller.owner, params.campaign_id),
    ),
    route(
      {
        ...CHANGE,
        method: 'delete',
        path: '/campaigns/{campaign_id}',
        operation: 'deleteCampaign',
        summary: { zh: '删除批量计算', en: 'Delete a campaign that has ended, with its tasks' },
        description:
          'Answers at once; the campaign is DELETING until its tasks and then itself are gone, also when the service ends meanwhile. Asked again it is the same.',
        status: 202,
        response: deleteCampaignReceiptSchema,
        message: 'deleted',
        errors: [40405, 40901],
      },
      ({ caller, params }) => campaigns.remove(caller.owner, params.campaign_id),
    ),
  ];
}
