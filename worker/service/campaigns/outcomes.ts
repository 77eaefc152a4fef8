// Key figures of completed tasks, read from their results once and kept beside the cells: a table of thousands reads no files.
import { setImmediate } from 'node:timers/promises';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { Outcome } from '../../store/campaign-cells.ts';
import type { Store } from '../../store/store.ts';
import type { TaskResults } from '../task-results.ts';
import { outcomeOf } from './figures.ts';

const READ_AT_ONCE = 50;

export interface Outcomes {
  /** Those of every completed task of the campaign that are missing. */
  complete(campaign_id: string): Promise<void>;
}

export function createOutcomes(store: Store, results: Pick<TaskResults, 'result'>): Outcomes {
  const read = async (task_id: string): Promise<Outcome | null> => {
    const task = store.tasks.find(task_id);
    if (task === null) return null;
    try {
      return outcomeOf(task.task_type, await results.result(task), task.n_atoms ?? 1);
    } catch (error) {
      // Deleted since.
      if (error instanceof ServiceError) return null;
      return { figures: {}, warnings: [], doubt: `The result cannot be read: ${firstLine(error)}` };
    }
  };

  /** What several ask for at the same time is read once. */
  const underWay = new Map<string, Promise<void>>();
  const complete = async (campaign_id: string): Promise<void> => {
    for (let n_kept = 1; n_kept > 0;) {
      n_kept = 0;
      for (const task_id of store.campaignCells.withoutOutcome(campaign_id, READ_AT_ONCE)) {
        const outcome = await read(task_id);
        if (outcome === null) continue;
        store.transactionInPassing(() => {
          store.campaignCells.keepOutcome(task_id, outcome);
        });
        n_kept += 1;
        await setImmediate();
      }
    }
  };

  return {
    complete: (campaign_id) => {
      const known = underWay.get(campaign_id);
      if (known !== undefined) return known;
      const reading = complete(campaign_id).finally(() => underWay.delete(campaign_id));
      underWay.set(campaign_id, reading);
      return reading;
    },
  };
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}
