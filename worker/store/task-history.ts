// What a task leaves behind while it runs: steps of optimizers and of dynamics and log lines, numbered together within the task. They lie in
// the database rather than in files because the API filters, counts and pages them, and a page that is opened later resumes
// from a number; one commit holds a batch of events and the progress they mean.
import { z } from 'zod';
import { logLevelSchema, logLineSchema } from '../../contracts/log.ts';
import type { LogLevel, LogLine } from '../../contracts/log.ts';
import { stepEventSchema } from '../../contracts/event.ts';
import type { StepEvent } from '../../contracts/event.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection } from './open-database.ts';

export interface Numbered<Event> {
  sequence: number;
  event: Event;
}

export interface TaskHistoryStore {
  addStep(task_id: string, sequence: number, step: StepEvent): void;
  addLog(task_id: string, sequence: number, line: LogLine): void;
  /** Steps of a lost attempt do not belong to the next one. Log lines stay. */
  forgetSteps(task_id: string): void;
  stepsAfter(task_id: string, sequence: number, limit: number): Numbered<StepEvent>[];
  logsAfter(task_id: string, sequence: number, limit: number): Numbered<LogLine>[];
  /** Oldest first; `level` and the graver ones. */
  logs(task_id: string, level: LogLevel, limit: number, offset: number): LogLine[];
  countLogs(task_id: string, level: LogLevel): number;
}

const stepRowSchema = stepEventSchema.omit({ type: true }).extend({ sequence: z.int() });
const logRowSchema = logLineSchema.extend({
  sequence: z.int(),
  context: jsonColumn(logLineSchema.shape.context),
});

export function createTaskHistoryStore(connection: Connection): TaskHistoryStore {
  const addStep = connection.prepare(
    `INSERT INTO task_steps (task_id, sequence, step, energy_eV, max_force_eV_A, volume_A3, temperature_k)
     VALUES (:task_id, :sequence, :step, :energy_eV, :max_force_eV_A, :volume_A3, :temperature_k)`,
  );
  const addLog = connection.prepare(
    `INSERT INTO task_logs (task_id, sequence, timestamp, level, severity, message, context)
     VALUES (:task_id, :sequence, :timestamp, :level, :severity, :message, :context)`,
  );
  const forgetSteps = connection.prepare('DELETE FROM task_steps WHERE task_id = ?');
  const stepsAfter = connection.prepare(
    `SELECT sequence, step, energy_eV, max_force_eV_A, volume_A3, temperature_k FROM task_steps
      WHERE task_id = :task_id AND sequence > :sequence ORDER BY sequence LIMIT :limit`,
  );
  const logsAfter = connection.prepare(
    `SELECT sequence, timestamp, level, message, context FROM task_logs
      WHERE task_id = :task_id AND sequence > :sequence ORDER BY sequence LIMIT :limit`,
  );
  const logs = connection.prepare(
    `SELECT sequence, timestamp, level, message, context FROM task_logs
      WHERE task_id = :task_id AND severity >= :severity ORDER BY sequence LIMIT :limit OFFSET :offset`,
  );
  const countLogs = connection.prepare(
    'SELECT count(*) AS total FROM task_logs WHERE task_id = :task_id AND severity >= :severity',
  );

  return {
    addStep: (task_id, sequence, { step, energy_eV, max_force_eV_A, volume_A3, temperature_k }) => {
      addStep.run({ task_id, sequence, step, energy_eV, max_force_eV_A, volume_A3, temperature_k });
    },
    addLog: (task_id, sequence, { timestamp, level, message, context }) => {
      const severity = severityOf(level);
      addLog.run({ task_id, sequence, timestamp, level, severity, message, context: JSON.stringify(context) });
    },
    forgetSteps: (task_id) => {
      forgetSteps.run(task_id);
    },
    stepsAfter: (task_id, after, limit) =>
      z
        .array(stepRowSchema)
        .parse(stepsAfter.all({ task_id, sequence: after, limit }))
        .map(({ sequence, ...step }) => ({ sequence, event: { type: 'step', ...step } })),
    logsAfter: (task_id, after, limit) =>
      z
        .array(logRowSchema)
        .parse(logsAfter.all({ task_id, sequence: after, limit }))
        .map(({ sequence, ...event }) => ({ sequence, event })),
    logs: (task_id, level, limit, offset) =>
      z
        .array(logRowSchema)
        .parse(logs.all({ task_id, severity: severityOf(level), limit, offset }))
        .map(({ timestamp, level: lineLevel, message, context }) => ({
          timestamp,
          level: lineLevel,
          message,
          context,
        })),
    countLogs: (task_id, level) =>
      z.object({ total: z.int() }).parse(countLogs.get({ task_id, severity: severityOf(level) })).total,
  };
}

function severityOf(level: LogLevel): number {
  return logLevelSchema.options.indexOf(level);
}
