// The data folder, opened: its lock, its database with one file of queries per table, and where its files lie.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createAlertStore } from './alerts.ts';
import type { AlertStore } from './alerts.ts';
import { createAutomaticBackups } from './automatic-backups.ts';
import type { AutomaticBackups } from './automatic-backups.ts';
import { createApiKeyStore } from './api-keys.ts';
import type { ApiKeyStore } from './api-keys.ts';
import { createCampaignCellStore } from './campaign-cells.ts';
import type { CampaignCellStore } from './campaign-cells.ts';
import { createCampaignReferenceStore } from './campaign-references.ts';
import type { CampaignReferenceStore } from './campaign-references.ts';
import { createCampaignStore } from './campaigns.ts';
import type { CampaignStore } from './campaigns.ts';
import { createFinishedTaskStore } from './finished-tasks.ts';
import type { FinishedTaskStore } from './finished-tasks.ts';
import { createGpuSettingsStore } from './gpu-settings.ts';
import type { GpuSettingsStore } from './gpu-settings.ts';
import { createCheckpoints } from './checkpoints.ts';
import type { Checkpoints } from './checkpoints.ts';
import { createAuditLogStore } from './audit-log.ts';
import type { AuditLogStore } from './audit-log.ts';
import { createIdempotencyStore } from './idempotency.ts';
import type { IdempotencyStore } from './idempotency.ts';
import { createWebhookSecretStore } from './webhook-secrets.ts';
import type { WebhookSecretStore } from './webhook-secrets.ts';
import { createWebhookDeliveryStore } from './webhook-deliveries.ts';
import type { WebhookDeliveryStore } from './webhook-deliveries.ts';
import { createFlush } from './flush.ts';
import type { Flush } from './flush.ts';
import { lockHome } from './lock-home.ts';
import { createMemoryMeasurementStore } from './memory-measurements.ts';
import type { MemoryMeasurementStore } from './memory-measurements.ts';
import { createModelStore } from './models.ts';
import type { ModelStore } from './models.ts';
import { openDatabase } from './open-database.ts';
import { createQueuedWorkStore } from './queued-work.ts';
import type { QueuedWorkStore } from './queued-work.ts';
import { createSettingsStore } from './settings.ts';
import type { SettingsStore } from './settings.ts';
import { createStructureStore } from './structures.ts';
import type { StructureStore } from './structures.ts';
import { createTaskChangesStore } from './task-changes.ts';
import type { TaskChangesStore } from './task-changes.ts';
import { createTaskInputStore } from './task-inputs.ts';
import type { TaskInputStore } from './task-inputs.ts';
import { createTaskHistoryStore } from './task-history.ts';
import type { TaskHistoryStore } from './task-history.ts';
import { createTaskStore } from './tasks.ts';
import type { TaskStore } from './tasks.ts';

export const DATABASE_FILE = 'mofsim.db';

/** The user row of a single-user installation. */
export const LOCAL_USER = 'local';

export interface Store {
  readonly home: string;
  readonly tasks: TaskStore;
  readonly queuedWork: QueuedWorkStore;
  readonly settings: SettingsStore;
  readonly history: TaskHistoryStore;
  readonly structures: StructureStore;
  readonly apiKeys: ApiKeyStore;
  readonly idempotency: IdempotencyStore;
  readonly taskChanges: TaskChangesStore;
  readonly taskInputs: TaskInputStore;
  readonly auditLog: AuditLogStore;
  readonly webhookDeliveries: WebhookDeliveryStore;
  readonly webhookSecrets: WebhookSecretStore;
  readonly finishedTasks: FinishedTaskStore;
  readonly gpuSettings: GpuSettingsStore;
  readonly memory: MemoryMeasurementStore;
  readonly alerts: AlertStore;
  readonly models: ModelStore;
  readonly campaigns: CampaignStore;
  readonly campaignCells: CampaignCellStore;
  readonly campaignReferences: CampaignReferenceStore;
  /** Runs `change` as one transaction; no awaiting inside. On disk when it returns. */
  transaction<Result>(change: () => Result): Result;
  /**
   * As `transaction`, without waiting for the disk: whole or not at all, kept when the program is killed, and on disk with the next
   * `transaction` or `flush`. For what a power cut may take back because nobody was told that it is kept.
   */
  transactionInPassing<Result>(change: () => Result): Result;
  /** Settles when everything that was committed before is on disk. @throws the system's error */
  flush: Flush;
  /** Can the database be read at this moment? */
  isAlive(): boolean;
  automaticBackups(now: () => Date, onProblem: (message: string) => void): AutomaticBackups;
  checkpoints(onProblem: (message: string) => void): Checkpoints;
  taskFolder(task_id: string): string;
  structureFile(file_id: string): string;
  /** The structure as it was parsed. */
  parsedStructureFile(file_id: string): string;
  /** Holds the structures that tasks got. */
  readonly inputsFolder: string;
  /** Holds the files of the models that users brought. */
  readonly modelsFolder: string;
  close(): void;
}

/** @throws StoreError */
export function openStore(home: string): Store {
  const lock = lockHome(home);
  try {
    const tasksFolder = join(home, 'tasks');
    const structuresFolder = join(home, 'structures');
    const modelsFolder = join(home, 'models');
    const inputsFolder = join(home, 'inputs');
    for (const folder of [tasksFolder, structuresFolder, modelsFolder, inputsFolder])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    const databaseFile = join(home, DATABASE_FILE);
    const connection = openDatabase(databaseFile);
    const alive = connection.prepare('SELECT 1 FROM users LIMIT 1');
    return {
      home,
      tasks: createTaskStore(connection),
      queuedWork: createQueuedWorkStore(connection),
      settings: createSettingsStore(connection),
      history: createTaskHistoryStore(connection),
      structures: createStructureStore(connection),
      apiKeys: createApiKeyStore(connection),
      idempotency: createIdempotencyStore(connection),
      taskChanges: createTaskChangesStore(connection),
      taskInputs: createTaskInputStore(connection),
      auditLog: createAuditLogStore(connection),
      webhookDeliveries: createWebhookDeliveryStore(connection),
      webhookSecrets: createWebhookSecretStore(connection),
      finishedTasks: createFinishedTaskStore(connection),
      gpuSettings: createGpuSettingsStore(connection),
      memory: createMemoryMeasurementStore(connection),
      alerts: createAlertStore(connection),
      models: createModelStore(connection),
      campaigns: createCampaignStore(connection),
      campaignCells: createCampaignCellStore(connection),
      campaignReferences: createCampaignReferenceStore(connection),
      transaction: (change) => connection.transaction(change)(),
      flush: createFlush(databaseFile),
      transactionInPassing: (change) => {
        // Inside another transaction that one decides.
        if (connection.inTransaction) return change();
        connection.pragma('synchronous = NORMAL');
        try {
          return connection.transaction(change)();
        } finally {
          connection.pragma('synchronous = FULL');
        }
      },
      automaticBackups: (now, onProblem) => createAutomaticBackups({ connection, databaseFile, now, onProblem }),
      checkpoints: (onProblem) => createCheckpoints({ connection, databaseFile, onProblem }),
      isAlive: () => {
        try {
          return alive.get() !== undefined;
        } catch {
          return false;
        }
      },
      inputsFolder,
      modelsFolder,
      taskFolder: (task_id) => join(tasksFolder, task_id),
      structureFile: (file_id) => join(structuresFolder, `${file_id}.txt`),
      parsedStructureFile: (file_id) => join(structuresFolder, `${file_id}.json`),
      close: () => {
        connection.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
