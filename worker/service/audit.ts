// Who did what that others may ask about later: keys, other people's tasks, settings, models, the queue.
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { auditLogSchema } from '../../contracts/api-key.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { CONFIG_FILE, DEFAULT_CONFIGURATION } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import type { Caller } from './credentials.ts';

export interface Audit {
  /**
   * Call it inside the transaction of the change where there is one.
   * @param key_id null for the service itself and for the window
   * @param action what was done, such as key.created, task.cancelled, queue.paused, gpu.changed
   * @param target id of what it was done to
   */
  record(key_id: string | null, action: string, target: string, details?: Readonly<Record<string, unknown>>): void;
  /** The configuration of this start, when it is not that of the last one. */
  recordConfiguration(configuration: Configuration): void;
  /** Newest first. */
  list(limit: number, offset: number): z.infer<typeof auditLogSchema>;
}

const CONFIGURATION_CHANGED = 'configuration.changed';

export function createAudit(store: Pick<Store, 'auditLog'>, now: () => Date): Audit {
  const record: Audit['record'] = (key_id, action, target, details = {}) => {
    store.auditLog.add({ timestamp: now().toISOString(), key_id, action, target, details: { ...details } });
  };
  return {
    record,
    recordConfiguration: (configuration) => {
      const before = store.auditLog.last(CONFIGURATION_CHANGED)?.details ?? DEFAULT_CONFIGURATION;
      if (!isDeepStrictEqual(before, configuration))
        record(null, CONFIGURATION_CHANGED, CONFIG_FILE, { ...configuration });
    },
    list: (limit, offset) => ({ entries: store.auditLog.list(limit, offset), total: store.auditLog.count() }),
  };
}

/** What one key does to the task of another one. What it does to its own is in the log of the task. */
export function auditOthersTask(
  audit: Audit,
  { key_id }: Caller,
  action: 'task.cancelled' | 'task.deleted',
  task: Pick<TaskRow, 'task_id' | 'key_id'>,
): void {
  if (task.key_id !== key_id) audit.record(key_id, action, task.task_id, { submitted_by: task.key_id });
}
