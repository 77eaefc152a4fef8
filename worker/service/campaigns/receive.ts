// A new campaign: its plan goes to disk part by part, and it is known from the moment at which all of it is there.
import { setImmediate } from 'node:timers/promises';
import type { CampaignReceipt, CampaignStructure, CampaignSubmission } from '../../../contracts/campaign.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../credentials.ts';
import { createId } from '../ids.ts';

/** Rows of one transaction: few enough that others are answered in between. */
const ROWS_AT_ONCE = 500;

export type ReceiveCampaign = (
  caller: Caller,
  submission: CampaignSubmission,
  labels: readonly string[],
  keep?: (receipt: CampaignReceipt) => void,
) => Promise<CampaignReceipt>;

export function createReceiveCampaign(store: Store, now: () => Date): ReceiveCampaign {
  const addStructure = (
    campaign_id: string,
    structure_index: number,
    { name, structure, problem }: CampaignStructure,
    { tasks, models }: CampaignSubmission,
  ): void => {
    store.campaigns.addStructure(campaign_id, { structure_index, name, source: structure });
    const refusal = structure === null ? { code: null, message: problem ?? 'It could not be sent.' } : null;
    for (const task_index of tasks.keys()) {
      for (const model_index of models.keys()) {
        store.campaignCells.add(campaign_id, { structure_index, task_index, model_index }, refusal);
      }
    }
  };

  const addPlan = async (campaign_id: string, submission: CampaignSubmission): Promise<void> => {
    const { structures, tasks, models, reference } = submission;
    const n_structures = Math.max(1, Math.floor(ROWS_AT_ONCE / (tasks.length * models.length)));
    for (let first = 0; first < structures.length; first += n_structures) {
      store.transactionInPassing(() => {
        structures.slice(first, first + n_structures).forEach((structure, i) => {
          addStructure(campaign_id, first + i, structure, submission);
        });
      });
      await setImmediate();
    }
    for (let first = 0; first < reference.length; first += ROWS_AT_ONCE) {
      store.transactionInPassing(() => {
        for (const each of reference.slice(first, first + ROWS_AT_ONCE))
          store.campaignReferences.add(campaign_id, each);
      });
      await setImmediate();
    }
  };

  return async ({ owner, key_id }, submission, labels, keep = () => undefined) => {
    const { name, structures, tasks, models, with_d3, priority, timeout = null, max_attempts, tags } = submission;
    const campaign_id = createId('campaign');
    store.transactionInPassing(() => {
      store.campaigns.insert({
        campaign_id,
        owner,
        key_id,
        name,
        tasks: tasks.map(({ task_type, parameters }, i) => ({ label: labels[i] ?? task_type, task_type, parameters })),
        models,
        shared: { with_d3, priority, timeout, max_attempts, tags: [...new Set(tags)] },
        n_structures: structures.length,
        created_at: now().toISOString(),
      });
    });
    try {
      await addPlan(campaign_id, submission);
    } catch (error) {
      store.campaigns.remove(campaign_id);
      throw error;
    }
    const receipt: CampaignReceipt = {
      campaign_id,
      status: 'SUBMITTING',
      n_structures: structures.length,
      n_cells: structures.length * tasks.length * models.length,
    };
    store.transactionInPassing(() => {
      store.campaigns.move(campaign_id, 'RECEIVING', 'ACTIVE');
      keep(receipt);
    });
    await store.flush();
    return receipt;
  };
}
