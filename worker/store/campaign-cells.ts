// Queries on campaign_cells: one structure, one task, one model, and what has become of it.
import { z } from 'zod';
import { cellStatusSchema, figuresSchema } from '../../contracts/campaign.ts';
import type { CellStatus } from '../../contracts/campaign.ts';
import { taskErrorSchema } from '../../contracts/task.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection } from './open-database.ts';
import { flagColumn } from './task-row.ts';

const cellPlaceSchema = z.object({ structure_index: z.int(), task_index: z.int(), model_index: z.int() });
export type CellPlace = z.infer<typeof cellPlaceSchema>;

const refusalSchema = z.object({ code: z.int().nullable(), message: z.string() });
/** Why a cell cannot be computed; the code is one of contracts/error-code.ts, null for one that was never sent. */
export type Refusal = z.infer<typeof refusalSchema>;

const outcomeSchema = z.object({
  figures: figuresSchema,
  warnings: z.array(z.string()),
  /** Why the result is not to be relied on; null when it may be. */
  doubt: z.string().nullable(),
});
/** What the table shows of a result. */
export type Outcome = z.infer<typeof outcomeSchema>;

const cellRowSchema = cellPlaceSchema.extend({
  structure_name: z.string(),
  status: cellStatusSchema,
  task_id: z.string().nullable(),
  earlier_task_ids: jsonColumn(z.array(z.string())),
  refusal: jsonColumn(refusalSchema).nullable(),
  outcome: jsonColumn(outcomeSchema).nullable(),
  n_atoms: z.int().nullable(),
  formula: z.string().nullable(),
  execution_time_seconds: z.number().nullable(),
  error: jsonColumn(taskErrorSchema).nullable(),
});
export type CellRow = z.infer<typeof cellRowSchema>;

const cellGroupSchema = z.object({
  task_index: z.int(),
  model_index: z.int(),
  status: cellStatusSchema,
  n: z.int(),
  /** Of those whose structure is known. */
  work: z.number(),
  execution_time_seconds: z.number(),
  finished_at: z.string().nullable(),
});
/** Cells of one task and model that are in one state. */
export type CellGroup = z.infer<typeof cellGroupSchema>;

const comparedCellSchema = z.object({
  structure_name: z.string(),
  task_index: z.int(),
  model_index: z.int(),
  status: cellStatusSchema,
  quantity: z.string(),
  reference: z.number(),
  value: z.number().nullable(),
  is_reliable: flagColumn,
});
/** A cell beside a reference value of its structure. */
export type ComparedCell = z.infer<typeof comparedCellSchema>;

/** `PLANNED` or `CANCELLED`: what a cell without a task is, by the state of its campaign. */
export type OpenStatus = Extract<CellStatus, 'PLANNED' | 'CANCELLED'>;

export interface CampaignCellStore {
  add(campaign_id: string, place: CellPlace, refusal: Refusal | null): void;
  /** Neither submitted nor refused, in their order. */
  open(campaign_id: string, limit: number): CellPlace[];
  hasOpen(campaign_id: string): boolean;
  countOpen(campaign_id: string): number;
  /** It had no task. @throws Error when it has one: a cell is submitted once */
  place(campaign_id: string, place: CellPlace, task_id: string): void;
  refuse(campaign_id: string, place: CellPlace, refusal: Refusal): void;
  /** Whatever did not complete is open again; a task that it had is remembered. Returns how many, at most `limit`. */
  reopenFailed(campaign_id: string, open_status: OpenStatus, limit: number): number;
  keepOutcome(task_id: string, outcome: Outcome): void;
  /** The campaign whose cell the task is, or was. */
  campaignOf(task_id: string): string | null;
  /** Completed tasks whose figures have not been read. */
  withoutOutcome(campaign_id: string, limit: number): string[];
  groups(campaign_id: string, open_status: OpenStatus): CellGroup[];
  list(filter: CellFilter, limit: number, offset: number): CellRow[];
  /** Those behind `place`, null = from the first: a long walk does not count from the beginning each time. */
  after(campaign_id: string, open_status: OpenStatus, place: CellPlace | null, limit: number): CellRow[];
  count(filter: CellFilter): number;
  /** Those of the structures `from` to `to`, exclusive, in order. */
  compared(campaign_id: string, open_status: OpenStatus, from: number, to: number): ComparedCell[];
}

export interface CellFilter {
  campaign_id: string;
  open_status: OpenStatus;
  status?: CellStatus | undefined;
}

const STATUS = `CASE WHEN c.refusal IS NOT NULL THEN 'REFUSED' WHEN c.task_id IS NULL THEN :open_status
                     WHEN t.task_id IS NULL THEN 'DELETED' ELSE t.status END`;
const CELLS = 'campaign_cells c LEFT JOIN tasks t ON t.task_id = c.task_id';
const IS_THIS =
  'campaign_id = :campaign_id AND structure_index = :structure_index AND task_index = :task_index AND model_index = :model_index';
const IS_OPEN = 'task_id IS NULL AND refusal IS NULL';
const BEFORE_THE_FIRST: CellPlace = { structure_index: -1, task_index: -1, model_index: -1 };
const PLACE = 'structure_index, task_index, model_index';

export function createCampaignCellStore(connection: Connection): CampaignCellStore {
  const add = connection.prepare(
    `INSERT INTO campaign_cells (campaign_id, ${PLACE}, refusal)
     VALUES (:campaign_id, :structure_index, :task_index, :model_index, :refusal)`,
  );
  const open = connection.prepare(
    `SELECT ${PLACE} FROM campaign_cells INDEXED BY campaign_cells_open WHERE campaign_id = ? AND ${IS_OPEN}
      ORDER BY ${PLACE} LIMIT ?`,
  );
  const countOpen = connection
    .prepare(`SELECT count(*) FROM campaign_cells INDEXED BY campaign_cells_open WHERE campaign_id = ? AND ${IS_OPEN}`)
    .pluck();
  const place = connection.prepare(`UPDATE campaign_cells SET task_id = :task_id WHERE ${IS_THIS} AND ${IS_OPEN}`);
  const refuse = connection.prepare(`UPDATE campaign_cells SET refusal = :refusal WHERE ${IS_THIS} AND ${IS_OPEN}`);
  const reopen = connection.prepare(
    `UPDATE campaign_cells SET
            earlier_task_ids = CASE WHEN task_id IS NULL THEN earlier_task_ids
                                    ELSE json_insert(earlier_task_ids, '$[#]', task_id) END,
            task_id = NULL, refusal = NULL, outcome = NULL
      WHERE (campaign_id, ${PLACE}) IN (
        SELECT c.campaign_id, c.structure_index, c.task_index, c.model_index FROM ${CELLS}
          JOIN campaign_structures s ON s.campaign_id = c.campaign_id AND s.structure_index = c.structure_index
         WHERE c.campaign_id = :campaign_id AND s.source IS NOT NULL AND ${STATUS} IN
               ('REFUSED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'DELETED') AND NOT (c.task_id IS NULL AND c.refusal IS NULL)
         LIMIT :limit)`,
  );
  const keepOutcome = connection.prepare('UPDATE campaign_cells SET outcome = :outcome WHERE task_id = :task_id');
  const campaignOf = connection
    .prepare('SELECT campaign_id FROM campaign_cells INDEXED BY campaign_cells_of_task WHERE task_id = ?')
    .pluck();
  const withoutOutcome = connection
    .prepare(
      `SELECT c.task_id FROM campaign_cells c JOIN tasks t ON t.task_id = c.task_id
        WHERE c.campaign_id = ? AND c.outcome IS NULL AND t.status = 'COMPLETED' LIMIT ?`,
    )
    .pluck();
  const groups = connection.prepare(
    `SELECT c.task_index, c.model_index, ${STATUS} AS status, count(*) AS n, total(t.work) AS work,
            total(t.execution_time_seconds) AS execution_time_seconds, max(t.finished_at) AS finished_at
       FROM ${CELLS} WHERE c.campaign_id = :campaign_id GROUP BY 1, 2, 3`,
  );
  const listed = (condition: string) =>
    connection.prepare(
      `SELECT c.structure_index, c.task_index, c.model_index, s.name AS structure_name, ${STATUS} AS status, c.task_id,
              c.earlier_task_ids, c.refusal, c.outcome, t.n_atoms, t.formula, t.execution_time_seconds, t.error
         FROM ${CELLS} JOIN campaign_structures s ON s.campaign_id = c.campaign_id AND s.structure_index = c.structure_index
        WHERE c.campaign_id = :campaign_id ${condition}
        ORDER BY c.structure_index, c.task_index, c.model_index LIMIT :limit OFFSET :offset`,
    );
  const counted = (condition: string) =>
    connection.prepare(`SELECT count(*) FROM ${CELLS} WHERE c.campaign_id = :campaign_id ${condition}`).pluck();
  const after = listed(
    'AND (c.structure_index, c.task_index, c.model_index) > (:structure_index, :task_index, :model_index)',
  );
  const ofStatus = `AND ${STATUS} = :status`;
  const [listAll, listSome] = [listed(''), listed(ofStatus)];
  const [countAll, countSome] = [counted(''), counted(ofStatus)];
  const compared = connection.prepare(
    `SELECT s.name AS structure_name, c.task_index, c.model_index, ${STATUS} AS status, r.quantity, r.value AS reference,
            json_extract(c.outcome, '$.figures.' || r.quantity) AS value,
            c.outcome IS NOT NULL AND json_extract(c.outcome, '$.doubt') IS NULL AS is_reliable
       FROM campaign_structures s
       CROSS JOIN campaign_references r ON r.campaign_id = s.campaign_id AND r.structure_name = s.name
       CROSS JOIN campaign_cells c ON c.campaign_id = s.campaign_id AND c.structure_index = s.structure_index
       LEFT JOIN tasks t ON t.task_id = c.task_id
      WHERE s.campaign_id = :campaign_id AND s.structure_index >= :from AND s.structure_index < :to
      ORDER BY c.structure_index, c.task_index, c.model_index, r.quantity`,
  );
  const names = z.array(z.string());

  return {
    add: (campaign_id, cell, refusal) => {
      add.run({ campaign_id, ...cell, refusal: refusal === null ? null : JSON.stringify(refusal) });
    },
    open: (campaign_id, limit) => z.array(cellPlaceSchema).parse(open.all(campaign_id, limit)),
    hasOpen: (campaign_id) => open.get(campaign_id, 1) !== undefined,
    countOpen: (campaign_id) => z.int().parse(countOpen.get(campaign_id)),
    place: (campaign_id, cell, task_id) => {
      if (place.run({ campaign_id, ...cell, task_id }).changes === 1) return;
      throw new Error(`A cell of ${campaign_id} has its task already.`);
    },
    refuse: (campaign_id, cell, refusal) => {
      refuse.run({ campaign_id, ...cell, refusal: JSON.stringify(refusal) });
    },
    reopenFailed: (campaign_id, open_status, limit) => reopen.run({ campaign_id, open_status, limit }).changes,
    keepOutcome: (task_id, outcome) => {
      keepOutcome.run({ task_id, outcome: JSON.stringify(outcome) });
    },
    campaignOf: (task_id) =>
      z
        .string()
        .nullable()
        .parse(campaignOf.get(task_id) ?? null),
    withoutOutcome: (campaign_id, limit) => names.parse(withoutOutcome.all(campaign_id, limit)),
    groups: (campaign_id, open_status) => z.array(cellGroupSchema).parse(groups.all({ campaign_id, open_status })),
    list: (filter, limit, offset) =>
      z
        .array(cellRowSchema)
        .parse((filter.status === undefined ? listAll : listSome).all({ ...valuesOf(filter), limit, offset })),
    after: (campaign_id, open_status, place, limit) =>
      z
        .array(cellRowSchema)
        .parse(after.all({ campaign_id, open_status, ...pick(place ?? BEFORE_THE_FIRST), limit, offset: 0 })),
    count: ({ campaign_id, open_status, status }) =>
      z
        .int()
        .parse(
          status === undefined ? countAll.get({ campaign_id }) : countSome.get({ campaign_id, open_status, status }),
        ),
    compared: (campaign_id, open_status, from, to) =>
      z.array(comparedCellSchema).parse(compared.all({ campaign_id, open_status, from, to })),
  };
}

function pick({ structure_index, task_index, model_index }: CellPlace): CellPlace {
  return { structure_index, task_index, model_index };
}

function valuesOf({ campaign_id, open_status, status }: CellFilter): Record<string, string> {
  return { campaign_id, open_status, ...(status === undefined ? {} : { status }) };
}
