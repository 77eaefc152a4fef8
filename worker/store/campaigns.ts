// Queries on campaigns and campaign_structures. Their cells are in campaign-cells.ts.
import { z } from 'zod';
import { campaignTaskSchema } from '../../contracts/campaign.ts';
import { structureSourceSchema } from '../../contracts/structure.ts';
import type { StructureSource } from '../../contracts/structure.ts';
import { prioritySchema } from '../../contracts/task.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection } from './open-database.ts';

const campaignStateSchema = z.enum(['RECEIVING', 'ACTIVE', 'CANCELLED']);
export type CampaignState = z.infer<typeof campaignStateSchema>;

const campaignRowSchema = z.object({
  campaign_order: z.int(),
  campaign_id: z.string(),
  owner: z.string(),
  key_id: z.string().nullable(),
  name: z.string(),
  state: campaignStateSchema,
  tasks: jsonColumn(z.array(campaignTaskSchema)),
  models: jsonColumn(z.array(z.string())),
  shared: jsonColumn(
    z.object({
      with_d3: z.boolean(),
      priority: prioritySchema,
      timeout: z.number().nullable(),
      max_attempts: z.int(),
      tags: z.array(z.string()),
    }),
  ),
  n_structures: z.int(),
  created_at: z.string(),
  delete_requested_at: z.string().nullable(),
});
export type CampaignRow = z.infer<typeof campaignRowSchema>;
export type NewCampaign = Omit<CampaignRow, 'campaign_order' | 'state' | 'delete_requested_at'>;

const structureRowSchema = z.object({
  structure_index: z.int(),
  name: z.string(),
  source: jsonColumn(structureSourceSchema).nullable(),
});
export type CampaignStructureRow = z.infer<typeof structureRowSchema>;

export interface CampaignStore {
  /** RECEIVING, without structures. */
  insert(campaign: NewCampaign): void;
  addStructure(campaign_id: string, structure: CampaignStructureRow): void;
  /** The text of an inline structure gives way to the upload that it became. */
  keepSource(campaign_id: string, structure_index: number, source: StructureSource | null): void;
  find(campaign_id: string): CampaignRow | null;
  structure(campaign_id: string, structure_index: number): CampaignStructureRow | null;
  /** In the order of the submission, at most `limit`. */
  structuresWithoutReference(campaign_id: string, limit: number): string[];
  /** ACTIVE and CANCELLED ones, newest first. */
  list(owner: string, limit: number, offset: number): CampaignRow[];
  count(owner: string): number;
  withState(state: CampaignState): CampaignRow[];
  /** false when it has left `from` already. */
  move(campaign_id: string, from: CampaignState, to: CampaignState): boolean;
  /** It is kept until `remove`; asking again changes nothing. */
  requestDeletion(campaign_id: string, at: string): void;
  /** In the order of their submission. */
  toDelete(): CampaignRow[];
  /** Of its cells at most `limit`, of its structures and reference values the same once no cell is left. Returns how many. */
  thinOut(campaign_id: string, limit: number): number;
  /** With its structures, cells and reference values; its tasks stay. */
  remove(campaign_id: string): void;
}

/** In the order in which they go: cells name their structure. */
const PARTS = [
  ['campaign_cells', 'structure_index, task_index, model_index'],
  ['campaign_references', 'structure_name, quantity'],
  ['campaign_structures', 'structure_index'],
] as const;
const IS_SHOWN = "state <> 'RECEIVING'";

export function createCampaignStore(connection: Connection): CampaignStore {
  const insert = connection.prepare(
    `INSERT INTO campaigns (campaign_id, owner, key_id, name, state, tasks, models, shared, n_structures, created_at)
     VALUES (:campaign_id, :owner, :key_id, :name, 'RECEIVING', :tasks, :models, :shared, :n_structures, :created_at)`,
  );
  const addStructure = connection.prepare(
    `INSERT INTO campaign_structures (campaign_id, structure_index, name, source)
     VALUES (:campaign_id, :structure_index, :name, :source)`,
  );
  const keepSource = connection.prepare(
    'UPDATE campaign_structures SET source = :source WHERE campaign_id = :campaign_id AND structure_index = :structure_index',
  );
  const find = connection.prepare('SELECT * FROM campaigns WHERE campaign_id = ?');
  const structure = connection.prepare(
    'SELECT structure_index, name, source FROM campaign_structures WHERE campaign_id = ? AND structure_index = ?',
  );
  const withoutReference = connection
    .prepare(
      `SELECT name FROM campaign_structures s WHERE campaign_id = :campaign_id AND NOT EXISTS (
         SELECT 1 FROM campaign_references r WHERE r.campaign_id = :campaign_id AND r.structure_name = s.name)
        ORDER BY structure_index LIMIT :limit`,
    )
    .pluck();
  const list = connection.prepare(
    `SELECT * FROM campaigns WHERE owner = :owner AND ${IS_SHOWN} ORDER BY campaign_order DESC LIMIT :limit OFFSET :offset`,
  );
  const count = connection.prepare(`SELECT count(*) FROM campaigns WHERE owner = ? AND ${IS_SHOWN}`).pluck();
  const withState = connection.prepare('SELECT * FROM campaigns WHERE state = ? ORDER BY campaign_order');
  const move = connection.prepare(
    'UPDATE campaigns SET state = :to WHERE campaign_id = :campaign_id AND state = :from',
  );
  const requestDeletion = connection.prepare(
    'UPDATE campaigns SET delete_requested_at = :at WHERE campaign_id = :campaign_id AND delete_requested_at IS NULL',
  );
  const toDelete = connection.prepare(
    'SELECT * FROM campaigns WHERE delete_requested_at IS NOT NULL ORDER BY campaign_order',
  );
  const thinOut = PARTS.map(([table, key]) =>
    connection.prepare(
      `DELETE FROM ${table} WHERE campaign_id = :campaign_id AND (${key}) IN (
         SELECT ${key} FROM ${table} WHERE campaign_id = :campaign_id ORDER BY ${key} LIMIT :limit)`,
    ),
  );
  const remove = connection.prepare('DELETE FROM campaigns WHERE campaign_id = ?');
  const rows = z.array(campaignRowSchema);

  return {
    insert: (campaign) => {
      const { tasks, models, shared } = campaign;
      insert.run({
        ...campaign,
        tasks: JSON.stringify(tasks),
        models: JSON.stringify(models),
        shared: JSON.stringify(shared),
      });
    },
    addStructure: (campaign_id, { structure_index, name, source }) => {
      addStructure.run({ campaign_id, structure_index, name, source: source === null ? null : JSON.stringify(source) });
    },
    keepSource: (campaign_id, structure_index, source) => {
      keepSource.run({ campaign_id, structure_index, source: source === null ? null : JSON.stringify(source) });
    },
    find: (campaign_id) => campaignRowSchema.nullable().parse(find.get(campaign_id) ?? null),
    structure: (campaign_id, structure_index) =>
      structureRowSchema.nullable().parse(structure.get(campaign_id, structure_index) ?? null),
    structuresWithoutReference: (campaign_id, limit) =>
      z.array(z.string()).parse(withoutReference.all({ campaign_id, limit })),
    list: (owner, limit, offset) => rows.parse(list.all({ owner, limit, offset })),
    count: (owner) => z.int().parse(count.get(owner)),
    withState: (state) => rows.parse(withState.all(state)),
    move: (campaign_id, from, to) => move.run({ campaign_id, from, to }).changes === 1,
    requestDeletion: (campaign_id, at) => {
      requestDeletion.run({ campaign_id, at });
    },
    toDelete: () => rows.parse(toDelete.all()),
    thinOut: (campaign_id, limit) =>
      thinOut.reduce((n, statement) => (n > 0 ? n : statement.run({ campaign_id, limit }).changes), 0),
    remove: (campaign_id) => {
      remove.run(campaign_id);
    },
  };
}
