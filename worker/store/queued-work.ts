// What waits and what occupies the slots: streams and candidates for the claim, sums for the estimates, measured times.
import { z } from 'zod';
import { prioritySchema } from '../../contracts/task.ts';
import type { Priority } from '../../contracts/task.ts';
import { taskTypeSchema } from '../../contracts/task-types.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection } from './open-database.ts';
import { flagColumn, IS_ACTIVE } from './task-row.ts';

/** The waiting tasks of one key and priority, in the order of service. `fair_key` is '' for the window. */
const streamSchema = z.object({ fair_key: z.string(), priority_rank: z.int() });
export type Stream = z.infer<typeof streamSchema>;

/** In a stream: first by time, then by submission. */
export interface Place {
  queue_time: number;
  submitted_order: number;
}
export const FIRST_PLACE: Place = { queue_time: 0, submitted_order: 0 };

const candidateSchema = z.object({
  submitted_order: z.int(),
  queue_time: z.int(),
  fair_key: z.string(),
  priority_rank: z.int(),
  task_id: z.string(),
  task_type: taskTypeSchema,
  model: z.string(),
  with_d3: flagColumn,
  /** null: the structure of another task, not yet read. */
  n_atoms: z.int().nullable(),
  priority: prioritySchema,
  attempts: z.int(),
  max_attempts: z.int(),
  /** Of earlier attempts, s. */
  computed_seconds: z.number(),
  timeout_seconds: z.number().nullable(),
  parameters: jsonColumn(z.record(z.string(), z.unknown())),
});
/** A waiting task, as much of it as decides whether it fits a slot, and beside which others. */
export type ClaimCandidate = z.infer<typeof candidateSchema>;

const waitingSchema = z.object({
  priority_rank: z.int(),
  model: z.string(),
  task_type: taskTypeSchema,
  with_d3: flagColumn,
  size_class: z.int(),
  n: z.int(),
  /** Of all `n` together. */
  work: z.number(),
});
export type WaitingWork = z.infer<typeof waitingSchema>;

/** Tasks of one kind take about as long for the same work. */
export interface TaskKind {
  model: string;
  task_type: TaskType;
  with_d3: boolean;
  size_class: number;
}

const measurementSchema = z.object({ work: z.number(), seconds: z.number() });
export type Measurement = z.infer<typeof measurementSchema>;

const streamsSchema = z.array(streamSchema);
const waitingListSchema = z.array(waitingSchema);
const candidatesSchema = z.array(candidateSchema);
const measurementsSchema = z.array(measurementSchema);
const countsSchema = z.array(z.object({ fair_key: z.string(), n: z.int() }));
const byStatusSchema = z.array(z.object({ status: z.string(), priority: prioritySchema, n: z.int() }));
export type StatusCount = z.infer<typeof byStatusSchema>[number];

export interface QueuedWorkStore {
  streams(): Stream[];
  /** Those after `(queue_time, submitted_order)` whose delay is over at `now`. */
  candidates(stream: Stream, after: Place, now: number, limit: number): ClaimCandidate[];
  /** Tasks that occupy slots, by key. */
  busyKeys(): Map<string, number>;
  /** The next end of a delay after `now`; null when none is put off. */
  nextDelay(now: number): number | null;
  /** No delay ends later than `limit`. */
  capDelays(limit: number): void;
  /** The latest time that a task which waits or runs has by the clock of the queue; 0 without one. */
  latestQueueTime(): number;
  waiting(): WaitingWork[];
  /** Waiting tasks of this priority from the one place on and before the other. */
  countBetween(priority: Priority, from: Place, to: Place): number;
  counts(): StatusCount[];
  /** Newest first; of the size classes that differ by at most `spread`; on one slot, or on any. */
  measurements(kind: TaskKind, slot_id: string | null, spread: number, limit: number): Measurement[];
  addMeasurement(kind: TaskKind, slot_id: string, measured: Measurement, keep: number): void;
}

export function createQueuedWorkStore(connection: Connection): QueuedWorkStore {
  const streams = connection.prepare('SELECT DISTINCT fair_key, priority_rank FROM queued_work');
  const candidates = connection.prepare(
    `SELECT submitted_order, queue_time, fair_key, priority_rank, task_id, task_type, model, with_d3, n_atoms, priority, attempts,
            max_attempts, computed_seconds, timeout_seconds, parameters
       FROM tasks INDEXED BY tasks_waiting
      WHERE status = 'QUEUED' AND fair_key = :fair_key AND priority_rank = :priority_rank
        AND (queue_time, submitted_order) > (:queue_time, :submitted_order)
        AND (not_before IS NULL OR not_before <= :now)
      ORDER BY queue_time, submitted_order LIMIT :limit`,
  );
  const busyKeys = connection.prepare(
    `SELECT fair_key, count(*) AS n FROM tasks INDEXED BY tasks_active
      WHERE status IN ('ASSIGNED', 'RUNNING') AND ${IS_ACTIVE} GROUP BY fair_key`,
  );
  const nextDelay = connection
    .prepare(
      `SELECT min(not_before) FROM tasks INDEXED BY tasks_delayed
        WHERE status = 'QUEUED' AND not_before IS NOT NULL AND not_before > ?`,
    )
    .pluck();
  const capDelays = connection.prepare(
    `UPDATE tasks SET not_before = :limit WHERE status = 'QUEUED' AND not_before IS NOT NULL AND not_before > :limit`,
  );
  const latestOfPriority = connection
    .prepare(
      `SELECT queue_time FROM tasks INDEXED BY tasks_places WHERE status = 'QUEUED' AND priority = ?
        ORDER BY queue_time DESC LIMIT 1`,
    )
    .pluck();
  const latestActive = connection
    .prepare(
      `SELECT max(queue_time) FROM tasks INDEXED BY tasks_active WHERE status IN ('ASSIGNED', 'RUNNING') AND ${IS_ACTIVE}`,
    )
    .pluck();
  const waiting = connection.prepare(
    `SELECT priority_rank, model, task_type, with_d3, size_class, sum(n) AS n, total(work) AS work FROM queued_work
      GROUP BY priority_rank, model, task_type, with_d3, size_class`,
  );
  const countBetween = connection
    .prepare(
      `SELECT count(*) FROM tasks INDEXED BY tasks_places
        WHERE status = 'QUEUED' AND priority = :priority
          AND (queue_time, submitted_order) >= (:from_time, :from_order)
          AND (queue_time, submitted_order) < (:to_time, :to_order)`,
    )
    .pluck();
  const counts = connection.prepare(
    `SELECT status, priority, sum(n) AS n FROM task_counts
      WHERE owner IN (SELECT user_id FROM users) AND tag = '' GROUP BY status, priority`,
  );
  const measurements = connection.prepare(
    `SELECT work, seconds FROM task_measurements
      WHERE model = :model AND task_type = :task_type AND with_d3 = :with_d3
        AND size_class BETWEEN :size_class - :spread AND :size_class + :spread
        AND slot_id = coalesce(:slot_id, slot_id)
      ORDER BY measured_order DESC LIMIT :limit`,
  );
  const addMeasurement = connection.prepare(
    `INSERT INTO task_measurements (model, task_type, with_d3, slot_id, size_class, work, seconds)
     VALUES (:model, :task_type, :with_d3, :slot_id, :size_class, :work, :seconds)`,
  );
  const forgetMeasurements = connection.prepare(
    `DELETE FROM task_measurements WHERE measured_order <= (
       SELECT measured_order FROM task_measurements
        WHERE model = :model AND task_type = :task_type AND with_d3 = :with_d3 AND size_class = :size_class
        ORDER BY measured_order DESC LIMIT 1 OFFSET :keep)
      AND model = :model AND task_type = :task_type AND with_d3 = :with_d3 AND size_class = :size_class`,
  );
  const number = z.int();
  return {
    streams: () => streamsSchema.parse(streams.all()),
    candidates: ({ fair_key, priority_rank }, { queue_time, submitted_order }, now, limit) =>
      candidatesSchema.parse(candidates.all({ fair_key, priority_rank, queue_time, submitted_order, now, limit })),
    busyKeys: () => new Map(countsSchema.parse(busyKeys.all()).map(({ fair_key, n }) => [fair_key, n])),
    nextDelay: (now) => number.nullable().parse(nextDelay.get(now)),
    capDelays: (limit) => {
      capDelays.run({ limit });
    },
    latestQueueTime: () => {
      const ofPriorities = prioritySchema.options.map((priority) => latestOfPriority.get(priority));
      return Math.max(...[latestActive.get(), ...ofPriorities].map((time) => number.nullish().parse(time) ?? 0));
    },
    waiting: () => waitingListSchema.parse(waiting.all()),
    countBetween: (priority, from, to) =>
      number.parse(
        countBetween.get({
          priority,
          from_time: from.queue_time,
          from_order: from.submitted_order,
          to_time: to.queue_time,
          to_order: to.submitted_order,
        }),
      ),
    counts: () => byStatusSchema.parse(counts.all()),
    measurements: ({ model, task_type, with_d3, size_class }, slot_id, spread, limit) =>
      measurementsSchema.parse(
        measurements.all({ model, task_type, with_d3: Number(with_d3), size_class, slot_id, spread, limit }),
      ),
    addMeasurement: ({ model, task_type, with_d3, size_class }, slot_id, { work, seconds }, keep) => {
      const kind = { model, task_type, with_d3: Number(with_d3), size_class };
      addMeasurement.run({ ...kind, slot_id, work, seconds });
      forgetMeasurements.run({ ...kind, keep });
    },
  };
}
