// What can be done with campaigns, for any dialect of the API. Knows no HTTP and no envelope.
import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import { campaignIdSchema, labelsOf } from '../../../contracts/campaign.ts';
import type {
  Campaign,
  CampaignReceipt,
  CampaignReference,
  CampaignScores,
  CampaignSubmission,
  campaignListQuerySchema,
  campaignListSchema,
  CampaignRow as TableRow,
  campaignTableQuerySchema,
  campaignTableSchema,
  cancelCampaignReceiptSchema,
  deleteCampaignReceiptSchema,
  retryFailedReceiptSchema,
} from '../../../contracts/campaign.ts';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { CampaignEvent } from '../../../contracts/event.ts';
import type { Logger } from '../../logger.ts';
import type { Pool } from '../../pool/pool.ts';
import type { Queue } from '../../queue/queue.ts';
import type { CellRow, ComparedCell } from '../../store/campaign-cells.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Store } from '../../store/store.ts';
import { APPLICATION_VERSION } from '../../version.ts';
import { reportParts } from '../../workflows/output/report.ts';
import type { Caller } from '../credentials.ts';
import type { NumberedItem } from '../event-ring.ts';
import type { StructureLibrary } from '../structure-library.ts';
import type { SubmitTasks } from '../submit-tasks.ts';
import { knownModel } from '../task-checks.ts';
import type { ModelDirectory } from '../task-checks.ts';
import type { TaskResults } from '../task-results.ts';
import type { TaskService } from '../task-service.ts';
import { createCampaignNews } from './campaign-news.ts';
import { createCounts, openStatusOf } from './counts.ts';
import { createExpansion } from './expansion.ts';
import { createOutcomes } from './outcomes.ts';
import { createReceiveCampaign } from './receive.ts';
import { createCampaignRemoval } from './removal.ts';
import { reportOf } from './report.ts';
import { scoresOf } from './scores.ts';
import { columnsOf, csvHeader, csvRow, rowOf } from './table.ts';

export interface CampaignService {
  /**
   * @param keep called with the receipt inside the transaction that makes the campaign known
   * @throws ServiceError 40008 for a model that there is not
   */
  submit(
    caller: Caller,
    submission: CampaignSubmission,
    keep?: (receipt: CampaignReceipt) => void,
  ): Promise<CampaignReceipt>;
  list(owner: string, query: z.infer<typeof campaignListQuerySchema>): z.infer<typeof campaignListSchema>;
  /** @throws ServiceError 40405, as all that follow */
  get(owner: string, campaign_id: string): Campaign;
  /** What its event stream tells now: the same object until the next change is told. Of one that is gone: that it is. */
  latestEvent(owner: string, campaign_id: string): NumberedItem<CampaignEvent>;
  /** Called when `latestEvent` is another one. Returns the function that ends it. */
  onEvent(campaign_id: string, listener: () => void): () => void;
  table(
    owner: string,
    campaign_id: string,
    query: z.infer<typeof campaignTableQuerySchema>,
  ): Promise<z.infer<typeof campaignTableSchema>>;
  /** Line by line, so that nobody holds a long table in memory. */
  csv(owner: string, campaign_id: string): Promise<AsyncIterable<string>>;
  scores(owner: string, campaign_id: string): Promise<CampaignScores>;
  /** HTML that stands alone. */
  report(owner: string, campaign_id: string): Promise<string>;
  /** Takes the place of all reference values. */
  setReference(owner: string, campaign_id: string, reference: readonly CampaignReference[]): Promise<Campaign>;
  /** @throws ServiceError 40902 | 40903 once it has ended | 40901 while it is being deleted, as those that follow */
  cancel(owner: string, campaign_id: string): Promise<z.infer<typeof cancelCampaignReceiptSchema>>;
  retryFailed(owner: string, campaign_id: string): Promise<z.infer<typeof retryFailedReceiptSchema>>;
  /** With its tasks, behind the answer; then it is gone. @throws ServiceError 40901 while something of it waits or runs */
  remove(owner: string, campaign_id: string): Promise<z.infer<typeof deleteCampaignReceiptSchema>>;
  /** A task is gone, which may have been the cell of a campaign. */
  taskRemoved(task_id: string): void;
  /** Before anybody is answered: drops what the last end of the service interrupted before it was acknowledged. */
  prepare(): Promise<void>;
  /** Goes on with what was acknowledged. */
  start(): void;
  stop(): Promise<void>;
}

export interface CampaignServiceParts {
  store: Store;
  queue: Pick<Queue, 'onMove'>;
  pool: Pick<Pool, 'status'>;
  tasks: Pick<TaskService, 'cancelMany' | 'removeMany'>;
  submitTasks: SubmitTasks;
  structures: Pick<StructureLibrary, 'keepInline'>;
  models: ModelDirectory;
  results: Pick<TaskResults, 'result'>;
  logger: Logger;
  now: () => Date;
  /** Something of it has changed; called at most once a second. */
  onChanged: (owner: string, campaign_id: string) => void;
  /** It is gone. */
  onRemoved: (owner: string, campaign_id: string) => void;
}

const ROWS_AT_ONCE = 250;
const REOPENED_AT_ONCE = 500;
const TASKS_AT_ONCE = 200;
const MAX_NAMES_TOLD = 100;

export function createCampaignService(parts: CampaignServiceParts): CampaignService {
  const { store, queue, pool, tasks, models, logger, now } = parts;
  const { campaigns, campaignCells, campaignReferences } = store;
  const counts = createCounts(store, () => pool.status().slots.length);
  const latest = new Map<string, NumberedItem<CampaignEvent>>();
  const news = createCampaignNews({
    startedAt: now(),
    onTold: (campaign_id) => {
      latest.delete(campaign_id);
      const owner = campaigns.find(campaign_id)?.owner;
      if (owner !== undefined) parts.onChanged(owner, campaign_id);
    },
  });
  const changed = (campaign_id: string): void => {
    counts.forget(campaign_id);
    news.changed(campaign_id);
  };
  const expansion = createExpansion({ ...parts, onChanged: changed });
  const removal = createCampaignRemoval({
    store,
    tasks,
    logger,
    onRemoved: ({ owner, campaign_id }) => {
      latest.delete(campaign_id);
      news.ended(campaign_id);
      parts.onRemoved(owner, campaign_id);
    },
  });
  const outcomes = createOutcomes(store, parts.results);
  const receive = createReceiveCampaign(store, now);

  queue.onMove(({ batch_id, finished_at }) => {
    if (batch_id === null) return;
    if (campaignIdSchema.safeParse(batch_id).success) changed(batch_id);
    // A place in the queue has become free, for whatever campaign.
    if (finished_at !== null) expansion.tryAgain();
  });

  const row = (owner: string, campaign_id: string): CampaignRow => {
    const found = campaigns.find(campaign_id);
    if (found?.owner === owner && found.state !== 'RECEIVING') return found;
    throw new ServiceError(40405, { message: `There is no campaign ${campaign_id}.`, campaign_id });
  };

  const toCampaign = (campaign: CampaignRow, progress = counts.of(campaign)): Campaign => ({
    campaign_id: campaign.campaign_id,
    name: campaign.name,
    created_at: campaign.created_at,
    n_structures: campaign.n_structures,
    n_cells: campaign.n_structures * campaign.tasks.length * campaign.models.length,
    tasks: campaign.tasks,
    models: campaign.models,
    ...campaign.shared,
    ...progress,
    ...(campaign.delete_requested_at === null ? {} : { status: 'DELETING' as const }),
    n_references: campaignReferences.count(campaign.campaign_id),
    waits_for: expansion.waitsFor(campaign.campaign_id),
  });

  const rowsOf = (campaign: CampaignRow, cells: readonly CellRow[]): TableRow[] =>
    cells.flatMap((cell) => {
      const task = campaign.tasks[cell.task_index];
      const model = campaign.models[cell.model_index];
      if (task === undefined || model === undefined) return [];
      return [rowOf(cell, task, model, campaignReferences.ofStructure(campaign.campaign_id, cell.structure_name))];
    });

  const allRows = async function* (campaign: CampaignRow): AsyncGenerator<TableRow[]> {
    const { campaign_id, state } = campaign;
    for (let last: CellRow | null = null; ;) {
      const cells: CellRow[] = campaignCells.after(campaign_id, openStatusOf(state), last, ROWS_AT_ONCE);
      yield rowsOf(campaign, cells);
      last = cells.at(-1) ?? null;
      if (cells.length < ROWS_AT_ONCE) return;
      await setImmediate();
    }
  };

  const compared = async ({
    campaign_id,
    state,
    n_structures,
    tasks,
    models,
  }: CampaignRow): Promise<ComparedCell[]> => {
    const cells: ComparedCell[] = [];
    const stride = Math.max(1, Math.floor(ROWS_AT_ONCE / (tasks.length * models.length)));
    for (let from = 0; from < n_structures; from += stride) {
      cells.push(...campaignCells.compared(campaign_id, openStatusOf(state), from, from + stride));
      await setImmediate();
    }
    return cells;
  };

  const scores = async (owner: string, campaign_id: string): Promise<CampaignScores> => {
    const campaign = row(owner, campaign_id);
    await outcomes.complete(campaign_id);
    const unmatched = campaignReferences.unmatched(campaign_id, MAX_NAMES_TOLD);
    const hasReferences = campaignReferences.count(campaign_id) > 0;
    return {
      scores: await inTurns(scoresOf(campaign, await compared(campaign))),
      n_unmatched_references: unmatched.n,
      unmatched_references: unmatched.names,
      structures_without_reference: hasReferences
        ? campaigns.structuresWithoutReference(campaign_id, MAX_NAMES_TOLD)
        : [],
    };
  };

  const get = (owner: string, campaign_id: string): Campaign => toCampaign(row(owner, campaign_id));

  const latestEvent = (owner: string, campaign_id: string): NumberedItem<CampaignEvent> => {
    const known = latest.get(campaign_id);
    const campaign = campaigns.find(campaign_id);
    if (campaign?.owner !== owner) {
      return { number: news.numberOf(campaign_id), item: { type: 'campaign_deleted', campaign_id } };
    }
    if (known !== undefined) return known;
    const item = { type: 'campaign' as const, ...toCampaign(campaign, counts.current(campaign)) };
    const event = { number: news.numberOf(campaign_id), item };
    latest.set(campaign_id, event);
    return event;
  };

  return {
    get,
    scores,
    latestEvent,
    onEvent: (campaign_id, listener) => news.subscribe(campaign_id, listener),

    submit: async (caller, submission, keep) => {
      for (const model of submission.models) knownModel(models, model);
      const receipt = await receive(caller, submission, labelsOf(submission.tasks), keep);
      expansion.expand(receipt.campaign_id);
      return receipt;
    },

    list: (owner, { page, page_size }) => {
      const total = campaigns.count(owner);
      const rows = campaigns.list(owner, page_size, (page - 1) * page_size);
      const pagination = { total, page, page_size, total_pages: Math.ceil(total / page_size) };
      return { campaigns: rows.map((campaign) => toCampaign(campaign)), pagination };
    },

    table: async (owner, campaign_id, { page, page_size, status }) => {
      const campaign = row(owner, campaign_id);
      await outcomes.complete(campaign_id);
      const filter = { campaign_id, open_status: openStatusOf(campaign.state), status };
      const total = campaignCells.count(filter);
      return {
        columns: columnsOf(campaign.tasks),
        rows: rowsOf(campaign, campaignCells.list(filter, page_size, (page - 1) * page_size)),
        pagination: { total, page, page_size, total_pages: Math.ceil(total / page_size) },
      };
    },

    csv: async (owner, campaign_id) => {
      const campaign = row(owner, campaign_id);
      await outcomes.complete(campaign_id);
      const columns = columnsOf(campaign.tasks);
      const quantities = campaignReferences.quantities(campaign_id);
      return (async function* () {
        yield csvHeader(columns, quantities);
        for await (const rows of allRows(campaign))
          yield rows.map((each) => csvRow(each, columns, quantities)).join('');
      })();
    },

    report: async (owner, campaign_id) => {
      const found = await scores(owner, campaign_id);
      const rows: TableRow[] = [];
      for await (const some of allRows(row(owner, campaign_id))) rows.push(...some);
      const footer = `Campaign ${campaign_id}, ${now().toISOString().slice(0, 16).replace('T', ' ')} UTC, MOFSimBench ${APPLICATION_VERSION}`;
      const parts = await inTurns(reportParts(reportOf(get(owner, campaign_id), rows, found, footer)));
      return parts.join('\n');
    },

    setReference: async (owner, campaign_id, reference) => {
      refuseDeleting(row(owner, campaign_id));
      store.transactionInPassing(() => {
        campaignReferences.clear(campaign_id);
        for (const each of reference) campaignReferences.add(campaign_id, each);
      });
      await store.flush();
      changed(campaign_id);
      return get(owner, campaign_id);
    },

    cancel: async (owner, campaign_id) => {
      refuseDeleting(row(owner, campaign_id));
      refuseEnded(get(owner, campaign_id));
      const n_never_submitted = campaignCells.countOpen(campaign_id);
      store.transaction(() => campaigns.move(campaign_id, 'ACTIVE', 'CANCELLED'));
      changed(campaign_id);
      return { campaign_id, n_cancelled: await cancelTasks(owner, campaign_id), n_never_submitted };
    },

    retryFailed: async (owner, campaign_id) => {
      const campaign = row(owner, campaign_id);
      refuseDeleting(campaign);
      const { state } = campaign;
      const open_status = openStatusOf(state);
      let n_retried = state === 'CANCELLED' ? campaignCells.countOpen(campaign_id) : 0;
      store.transaction(() => campaigns.move(campaign_id, 'CANCELLED', 'ACTIVE'));
      for (let n = REOPENED_AT_ONCE; n === REOPENED_AT_ONCE;) {
        n = store.transactionInPassing(() => campaignCells.reopenFailed(campaign_id, open_status, REOPENED_AT_ONCE));
        n_retried += n;
        await setImmediate();
      }
      await store.flush();
      changed(campaign_id);
      expansion.expand(campaign_id);
      return { campaign_id, n_retried };
    },

    remove: async (owner, campaign_id) => {
      const campaign = row(owner, campaign_id);
      const { status } = toCampaign(campaign, counts.current(campaign));
      if (status === 'SUBMITTING' || status === 'RUNNING') {
        const message = `The campaign is ${status}; cancel it first: POST /campaigns/${campaign_id}/cancel.`;
        throw new ServiceError(40901, { message, campaign_id, status });
      }
      const n_tasks = store.tasks.count({ owner, batch_id: campaign_id });
      store.transactionInPassing(() => {
        campaigns.requestDeletion(campaign_id, now().toISOString());
      });
      await store.flush();
      changed(campaign_id);
      removal.wake();
      return { campaign_id, status: 'DELETING', n_tasks };
    },

    taskRemoved: (task_id) => {
      const campaign_id = campaignCells.campaignOf(task_id);
      if (campaign_id !== null) changed(campaign_id);
    },

    prepare: async () => {
      for (const { campaign_id } of campaigns.withState('RECEIVING')) {
        logger.warn(`The submission of ${campaign_id} had not been answered; it is dropped.`);
        store.transaction(() => {
          campaigns.remove(campaign_id);
        });
        await setImmediate();
      }
    },
    start: () => {
      expansion.start();
      removal.wake();
    },

    stop: async () => {
      news.stop();
      await expansion.stop();
      await removal.stop();
    },
  };

  /** Page by page: looking for all of them first would hold up everybody else. */
  async function cancelTasks(owner: string, campaign_id: string): Promise<number> {
    let n_cancelled = 0;
    for (const status of ['PENDING', 'QUEUED', 'ASSIGNED', 'RUNNING'] as const) {
      for (let n_refused = 0; ;) {
        const some = store.tasks.list({ owner, batch_id: campaign_id, status }, TASKS_AT_ONCE, n_refused);
        if (some.length === 0) break;
        const { cancelled, refused } = await tasks.cancelMany(owner, { task_ids: some.map(({ task_id }) => task_id) });
        n_cancelled += cancelled.length;
        n_refused += refused.length;
      }
    }
    return n_cancelled;
  }
}

/** Whoever else asks is answered between two of them. */
async function inTurns<T>(items: Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for (const item of items) {
    all.push(item);
    await setImmediate();
  }
  return all;
}

function refuseDeleting({ campaign_id, delete_requested_at }: CampaignRow): void {
  if (delete_requested_at === null) return;
  const message = 'The campaign is being deleted.';
  throw new ServiceError(40901, { message, campaign_id, status: 'DELETING' });
}

function refuseEnded({ campaign_id, status }: Campaign): void {
  if (status === 'SUBMITTING' || status === 'RUNNING') return;
  const message = `The campaign is ${status}: nothing of it waits or runs.`;
  throw new ServiceError(status === 'CANCELLED' ? 40903 : 40902, { message, campaign_id, status });
}
