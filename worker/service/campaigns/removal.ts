// Deletes campaigns behind the answer: tasks, then cells, a few at a time. The database knows what is left to do, so that whatever
// ends the service only puts it off.
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../../logger.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Store } from '../../store/store.ts';
import type { TaskService } from '../task-service.ts';

/** Of one transaction: few enough that others are answered in between. */
const TASKS_AT_ONCE = 20;
const ROWS_AT_ONCE = 500;
const TRY_AGAIN_AFTER_MS = 5_000;

export interface CampaignRemoval {
  /** Some have been marked for it; what was interrupted is found as well. */
  wake(): void;
  /** Settles when nothing is being removed any more. */
  stop(): Promise<void>;
}

export interface CampaignRemovalParts {
  store: Pick<Store, 'campaigns' | 'tasks' | 'transactionInPassing'>;
  tasks: Pick<TaskService, 'removeMany'>;
  onRemoved: (campaign: CampaignRow) => void;
  logger: Logger;
}

export function createCampaignRemoval({ store, tasks, onRemoved, logger }: CampaignRemovalParts): CampaignRemoval {
  const stopped = new AbortController();
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  /** Page by page; one that others still take their structure from stays, as a task like any other. */
  const removeTasks = async ({ owner, campaign_id }: CampaignRow): Promise<void> => {
    for (let n_kept = 0; !stopped.signal.aborted;) {
      const some = store.tasks.list({ owner, batch_id: campaign_id }, TASKS_AT_ONCE, n_kept);
      if (some.length === 0) return;
      n_kept += some.length - (await tasks.removeMany(some));
      await setImmediate();
    }
  };

  const removeRows = async ({ campaign_id }: CampaignRow): Promise<void> => {
    for (let n = 1; n > 0 && !stopped.signal.aborted;) {
      n = store.transactionInPassing(() => store.campaigns.thinOut(campaign_id, ROWS_AT_ONCE));
      await setImmediate();
    }
  };

  const run = async (): Promise<void> => {
    for (;;) {
      const [campaign] = store.campaigns.toDelete();
      if (campaign === undefined) return;
      await removeTasks(campaign);
      await removeRows(campaign);
      if (stopped.signal.aborted) return;
      store.transactionInPassing(() => {
        store.campaigns.remove(campaign.campaign_id);
      });
      onRemoved(campaign);
    }
  };

  const wake = (): void => {
    if (stopped.signal.aborted || running !== null) return;
    clearTimeout(timer);
    running = run()
      .catch((error: unknown) => {
        logger.warn(`The deletion of a campaign stands still: ${String(error)}`);
        timer = setTimeout(wake, TRY_AGAIN_AFTER_MS).unref();
      })
      .finally(() => {
        running = null;
      });
  };

  return {
    wake,
    stop: async () => {
      stopped.abort();
      await running;
      clearTimeout(timer);
    },
  };
}
