// Every migration in order. A number is never reused and a released file never changes.
import { sql as initial } from './0001-initial.ts';
import { sql as gpusAlertsModels } from './0004-gpus-alerts-models.ts';

export interface Migration {
  readonly number: number;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, sql: initial },
  { number: 4, sql: gpusAlertsModels },
];
