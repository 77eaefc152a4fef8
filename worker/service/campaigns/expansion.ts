// Submits the cells of campaigns as tasks, a few at a time, in the background: each exactly once, whenever the service ends.
import { setImmediate } from 'node:timers/promises';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { StructureSource } from '../../../contracts/structure.ts';
import type { TaskSubmission } from '../../../contracts/task.ts';
import type { Logger } from '../../logger.ts';
import type { CellPlace, Refusal } from '../../store/campaign-cells.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Store } from '../../store/store.ts';
import type { StructureLibrary } from '../structure-library.ts';
import { sentenceOf } from '../submit-tasks.ts';
import type { SubmitTasks } from '../submit-tasks.ts';

/** Submitted in one transaction: few enough that others are answered in between. */
const CELLS_AT_ONCE = 16;
const TRY_AGAIN_AFTER_MS = 5_000;

export interface Expansion {
  /** There are open cells; those of campaigns that were interrupted are found at `start`. */
  expand(campaign_id: string): void;
  /** Why submission stands still; null while it does not. */
  waitsFor(campaign_id: string): string | null;
  /** What was in the way may be gone. */
  tryAgain(): void;
  start(): void;
  /** Settles when nothing is being submitted any more. */
  stop(): Promise<void>;
}

export interface ExpansionParts {
  store: Store;
  submitTasks: SubmitTasks;
  structures: Pick<StructureLibrary, 'keepInline'>;
  onChanged: (campaign_id: string) => void;
  logger: Logger;
}

export function createExpansion(parts: ExpansionParts): Expansion {
  const { store, logger } = parts;
  /** Campaigns with open cells, and why each stands still. */
  const pending = new Map<string, string | null>();
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  const stopped = new AbortController();

  /** One part of each in turn, so that a small campaign does not wait for a large one. */
  const run = async (): Promise<void> => {
    for (let isFruitful = true; isFruitful;) {
      isFruitful = false;
      for (const campaign_id of [...pending.keys()]) {
        if (stopped.signal.aborted) return;
        if (await advance(campaign_id)) isFruitful = true;
        await setImmediate();
      }
    }
  };

  /** false when it stands still. */
  const advance = async (campaign_id: string): Promise<boolean> => {
    try {
      if (await submitSome(parts, campaign_id)) pending.set(campaign_id, null);
      else pending.delete(campaign_id);
      parts.onChanged(campaign_id);
      return true;
    } catch (error) {
      const reason = error instanceof ServiceError ? sentenceOf(error) : String(error);
      const isNew = pending.get(campaign_id) !== reason;
      pending.set(campaign_id, reason);
      if (isNew) {
        logger.warn(`Submission of ${campaign_id} stands still: ${reason}`);
        parts.onChanged(campaign_id);
      }
      return false;
    }
  };

  const wake = (): void => {
    if (stopped.signal.aborted || running !== null || pending.size === 0) return;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    running = run().finally(() => {
      running = null;
      // One that came while the last of the others was found to stand still has not been looked at.
      if ([...pending.values()].includes(null)) wake();
      else if (pending.size > 0) timer = setTimeout(wake, TRY_AGAIN_AFTER_MS).unref();
    });
  };

  return {
    expand: (campaign_id) => {
      pending.set(campaign_id, null);
      wake();
    },
    waitsFor: (campaign_id) => pending.get(campaign_id) ?? null,
    tryAgain: wake,
    start: () => {
      for (const { campaign_id } of store.campaigns.withState('ACTIVE')) {
        if (store.campaignCells.hasOpen(campaign_id)) pending.set(campaign_id, null);
      }
      wake();
    },
    stop: async () => {
      stopped.abort();
      await running;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** false when nothing is left. @throws ServiceError 50303 and whatever else stands in the way of all */
async function submitSome(parts: ExpansionParts, campaign_id: string): Promise<boolean> {
  const { store, submitTasks } = parts;
  const campaign = store.campaigns.find(campaign_id);
  if (campaign?.state !== 'ACTIVE') return false;
  const places = store.campaignCells.open(campaign_id, CELLS_AT_ONCE);
  if (places.length === 0) return false;
  const cells = await readable(parts, campaign, places);
  const refused = new Map<number, Refusal>();
  const caller = { owner: campaign.owner, key_id: campaign.key_id, scope: 'submit' as const };
  const isAccepted = (_cell: unknown, i: number): boolean => !refused.has(i);
  const rows = await submitTasks(
    caller,
    cells.map(({ submission }) => submission),
    {
      batch_id: campaign_id,
      onRefused: (i, error) => refused.set(i, { code: error.code, message: sentenceOf(error) }),
      // A cancellation that came meanwhile has found these cells without tasks.
      keep: (tasks) => {
        if (store.campaigns.find(campaign_id)?.state !== 'ACTIVE') throw new CancelledMeanwhile();
        cells.filter(isAccepted).forEach(({ place }, i) => {
          const task = tasks[i];
          if (task !== undefined) store.campaignCells.place(campaign_id, place, task.task_id);
        });
      },
    },
  ).catch(unlessCancelled);
  if (rows === null) return false;
  store.transactionInPassing(() => {
    for (const [i, refusal] of refused) {
      const cell = cells[i];
      if (cell !== undefined) store.campaignCells.refuse(campaign_id, cell.place, refusal);
    }
  });
  return true;
}

class CancelledMeanwhile extends Error {}

function unlessCancelled(error: unknown): null {
  if (error instanceof CancelledMeanwhile) return null;
  throw error;
}

interface Cell {
  place: CellPlace;
  submission: TaskSubmission;
}

/** Those whose structure can be read; the others are refused, all cells of such a structure at once. */
async function readable(parts: ExpansionParts, campaign: CampaignRow, places: readonly CellPlace[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  const groups = Map.groupBy(places, ({ structure_index }) => structure_index);
  for (const [structure_index, own] of groups) {
    const structure = parts.store.campaigns.structure(campaign.campaign_id, structure_index);
    if (structure?.source === null || structure === null)
      throw new Error(`Structure ${structure_index} has no source.`);
    const source = await keptSource(parts, campaign, structure_index, structure.source);
    if (source === null) continue;
    cells.push(...own.map((place) => ({ place, submission: submissionOf(campaign, place, structure.name, source) })));
  }
  return cells;
}

/** The text of a file becomes an upload once, so that every cell names it. null when it is no structure. */
async function keptSource(
  { store, structures }: ExpansionParts,
  campaign: CampaignRow,
  structure_index: number,
  source: StructureSource,
): Promise<StructureSource | null> {
  if (source.source !== 'inline') return source;
  const { campaign_id, owner } = campaign;
  try {
    const kept = await structures.keepInline(owner, source);
    store.campaigns.keepSource(campaign_id, structure_index, kept);
    return kept;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    refuseStructure(store, campaign, structure_index, { code: error.code, message: sentenceOf(error) });
    return null;
  }
}

function refuseStructure(store: Store, campaign: CampaignRow, structure_index: number, refusal: Refusal): void {
  const { campaign_id, tasks, models } = campaign;
  store.transactionInPassing(() => {
    for (const task_index of tasks.keys()) {
      for (const model_index of models.keys()) {
        store.campaignCells.refuse(campaign_id, { structure_index, task_index, model_index }, refusal);
      }
    }
    store.campaigns.keepSource(campaign_id, structure_index, null);
  });
}

function submissionOf(
  { tasks, models, shared }: CampaignRow,
  { task_index, model_index }: CellPlace,
  name: string,
  structure: StructureSource,
): TaskSubmission {
  const task = tasks[task_index];
  const model = models[model_index];
  if (task === undefined || model === undefined) throw new Error('A cell lies outside of its campaign.');
  const { timeout, ...rest } = shared;
  return {
    task_type: task.task_type,
    parameters: task.parameters,
    model,
    structure,
    name,
    depends_on: [],
    ...rest,
    ...(timeout === null ? {} : { timeout }),
  };
}
