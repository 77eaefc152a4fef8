// Every migration in order. A number is never reused and a released file never changes.
import { sql as initial } from './0001-initial.ts';
import { sql as queue } from './0002-queue.ts';
import { sql as keysWebhooksAudit } from './0003-keys-webhooks-audit.ts';
import { sql as gpusAlertsModels } from './0004-gpus-alerts-models.ts';
import { sql as idempotency } from './0005-idempotency.ts';
import { sql as taskChanges } from './0006-task-changes.ts';
import { sql as dynamicsSteps } from './0007-dynamics-steps.ts';
import { sql as campaigns } from './0008-campaigns.ts';
import { sql as search } from './0009-search.ts';
import { sql as taskInputs } from './0010-task-inputs.ts';
import { sql as searchByStore } from './0011-search-by-store.ts';
import { sql as campaignDeletion } from './0012-campaign-deletion.ts';

export interface Migration {
  readonly number: number;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, sql: initial },
  { number: 2, sql: queue },
  { number: 3, sql: keysWebhooksAudit },
  { number: 4, sql: gpusAlertsModels },
  { number: 5, sql: idempotency },
  { number: 6, sql: taskChanges },
  { number: 7, sql: dynamicsSteps },
  { number: 8, sql: campaigns },
  { number: 9, sql: search },
  { number: 10, sql: taskInputs },
  { number: 11, sql: searchByStore },
  { number: 12, sql: campaignDeletion },
];
