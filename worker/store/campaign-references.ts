// Queries on campaign_references: values that results of a campaign are compared with.
import { z } from 'zod';
import { campaignReferenceSchema } from '../../contracts/campaign.ts';
import type { CampaignReference } from '../../contracts/campaign.ts';
import type { Connection } from './open-database.ts';

export interface CampaignReferenceStore {
  add(campaign_id: string, reference: CampaignReference): void;
  clear(campaign_id: string): void;
  count(campaign_id: string): number;
  /** Quantities that have values, by name. */
  quantities(campaign_id: string): string[];
  ofStructure(campaign_id: string, structure_name: string): CampaignReference[];
  /** Names that no structure of the campaign has: how many, and the first of them. */
  unmatched(campaign_id: string, limit: number): { n: number; names: string[] };
}

export function createCampaignReferenceStore(connection: Connection): CampaignReferenceStore {
  const add = connection.prepare(
    `INSERT INTO campaign_references (campaign_id, structure_name, quantity, value)
     VALUES (:campaign_id, :structure_name, :quantity, :value)`,
  );
  const clear = connection.prepare('DELETE FROM campaign_references WHERE campaign_id = ?');
  const count = connection.prepare('SELECT count(*) FROM campaign_references WHERE campaign_id = ?').pluck();
  const quantities = connection
    .prepare('SELECT DISTINCT quantity FROM campaign_references WHERE campaign_id = ? ORDER BY quantity')
    .pluck();
  const ofStructure = connection.prepare(
    `SELECT structure_name, quantity, value FROM campaign_references WHERE campaign_id = ? AND structure_name = ?
      ORDER BY quantity`,
  );
  const isUnmatched = `campaign_id = :campaign_id AND NOT EXISTS (
    SELECT 1 FROM campaign_structures s WHERE s.campaign_id = r.campaign_id AND s.name = r.structure_name)`;
  const unmatched = connection
    .prepare(
      `SELECT DISTINCT structure_name FROM campaign_references r WHERE ${isUnmatched} ORDER BY structure_name LIMIT :limit`,
    )
    .pluck();
  const countUnmatched = connection
    .prepare(`SELECT count(DISTINCT structure_name) FROM campaign_references r WHERE ${isUnmatched}`)
    .pluck();
  return {
    add: (campaign_id, reference) => {
      add.run({ campaign_id, ...reference });
    },
    clear: (campaign_id) => {
      clear.run(campaign_id);
    },
    count: (campaign_id) => z.int().parse(count.get(campaign_id)),
    quantities: (campaign_id) => z.array(z.string()).parse(quantities.all(campaign_id)),
    ofStructure: (campaign_id, structure_name) =>
      z.array(campaignReferenceSchema).parse(ofStructure.all(campaign_id, structure_name)),
    unmatched: (campaign_id, limit) => ({
      n: z.int().parse(countUnmatched.get({ campaign_id })),
      names: z.array(z.string()).parse(unmatched.all({ campaign_id, limit })),
    }),
  };
}
