// Alerts: evaluates the rules every few seconds and when something happens, keeps what is active and what was.
import { statfs } from 'node:fs/promises';
import type { Alert, alertRuleListSchema } from '../../contracts/alert.ts';
import type { z } from 'zod';
import type { Logger } from '../logger.ts';
import type { Pool } from '../pool/pool.ts';
import type { Queue } from '../queue/queue.ts';
import type { AlertRow } from '../store/alerts.ts';
import type { Store } from '../store/store.ts';
import { ALERT_RULES } from './alert-rules.ts';
import type { Finding, Measured, Words } from './alert-rules.ts';
import { atMostEvery } from './at-most-every.ts';
import { createId } from './ids.ts';
import type { LatencyRecorder } from './latency-recorder.ts';

const EVALUATED_EVERY_MS = 5_000;
const EVALUATED_AT_MOST_EVERY_MS = 1_000;
const KEPT_IN_HISTORY = 10_000;
const BYTES_PER_GB = 1e9;

export type Language = keyof Words;

export interface AlertService {
  start(): void;
  stop(): void;
  /** Now, instead of at the next turn. */
  evaluate(): Promise<void>;
  rules(language: Language): z.infer<typeof alertRuleListSchema>['rules'];
  active(language: Language): Alert[];
  /** Newest first, active ones among them. */
  history(language: Language, limit: number, offset: number): Alert[];
}

export interface AlertServiceParts {
  store: Store;
  pool: Pick<Pool, 'status' | 'onChange'>;
  queue: Pick<Queue, 'state' | 'onMove'>;
  latency: Pick<LatencyRecorder, 'quantileMs'>;
  /** Told after the change is on disk. */
  onAlert: (alert: { alert_id: string; rule: string; is_active: boolean }) => void;
  logger: Logger;
  now: () => Date;
  /** null where it cannot be read. */
  readDisk?: (folder: string) => Promise<Measured['disk']>;
}

export function createAlertService(parts: AlertServiceParts): AlertService {
  const { store, pool, queue, latency, onAlert, logger, now, readDisk = readDiskSpace } = parts;
  const failuresInARow = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let evaluating: Promise<void> | null = null;

  const measure = async (): Promise<Measured> => {
    const { gpus, slots } = pool.status();
    const p99 = latency.quantileMs(0.99);
    return {
      nowMs: now().getTime(),
      gpus,
      slots,
      queue_size: queue.state(slots.length).queued,
      failures_in_a_row: failuresInARow,
      disk: await readDisk(store.home),
      p99_seconds: p99 === null ? null : p99 / 1000,
    };
  };

  const fire = (rule: (typeof ALERT_RULES)[number], { target, details }: Finding): void => {
    const alert_id = createId('alert');
    const { severity } = rule;
    store.alerts.fire({ alert_id, rule: rule.rule, severity, target, details, fired_at: now().toISOString() });
    logger[severity === 'critical' ? 'error' : 'warn'](rule.message(target, details).en, { rule: rule.rule, target });
    onAlert({ alert_id, rule: rule.rule, is_active: true });
  };

  const resolve = ({ alert_id, rule, target }: AlertRow): void => {
    store.alerts.resolve(alert_id, now().toISOString());
    logger.info(`The alert ${rule} of ${target} is over.`);
    onAlert({ alert_id, rule, is_active: false });
  };

  const evaluateOnce = async (): Promise<void> => {
    const { cpu, problem } = pool.status();
    // Until devices have been looked for, nothing is known about what was wrong before.
    if (cpu === null && problem === null) return;
    const measured = await measure();
    const active = store.alerts.active();
    for (const rule of ALERT_RULES) {
      const findings = rule.evaluate(measured);
      for (const alert of active.filter((each) => each.rule === rule.rule)) {
        const finding = findings.find(({ target }) => target === alert.target);
        if (finding === undefined || finding.state === 'clear') resolve(alert);
      }
      for (const finding of findings) {
        const isActive = active.some((alert) => alert.rule === rule.rule && alert.target === finding.target);
        if (finding.state === 'firing' && !isActive) fire(rule, finding);
      }
    }
  };

  const evaluate = (): Promise<void> => {
    evaluating ??= evaluateOnce()
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        logger.error('The alert rules could not be evaluated.', { reason });
      })
      .finally(() => {
        evaluating = null;
      });
    return evaluating;
  };

  const soon = atMostEvery(EVALUATED_AT_MOST_EVERY_MS, () => void evaluate());

  queue.onMove(({ model, status }) => {
    if (status === 'COMPLETED') failuresInARow.delete(model);
    if (status === 'FAILED') failuresInARow.set(model, (failuresInARow.get(model) ?? 0) + 1);
  });

  return {
    start: () => {
      store.alerts.trim(KEPT_IN_HISTORY);
      timer = setInterval(() => void evaluate(), EVALUATED_EVERY_MS);
      timer.unref();
      pool.onChange(soon.call);
    },
    stop: () => {
      clearInterval(timer);
      soon.stop();
    },
    evaluate,
    rules: (language) =>
      ALERT_RULES.map(({ rule, severity, description, threshold, unit }) => ({
        rule,
        severity,
        description: description[language],
        threshold,
        unit,
      })),
    active: (language) => store.alerts.active().map((row) => inWords(row, language)),
    history: (language, limit, offset) => store.alerts.history(limit, offset).map((row) => inWords(row, language)),
  };
}

function inWords(row: AlertRow, language: Language): Alert {
  const rule = ALERT_RULES.find((each) => each.rule === row.rule);
  if (rule === undefined) throw new Error(`There is no rule ${row.rule}.`);
  return { ...row, message: rule.message(row.target, row.details)[language] };
}

async function readDiskSpace(folder: string): Promise<Measured['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { folder, free_gb: (bavail * bsize) / BYTES_PER_GB, total_gb: (blocks * bsize) / BYTES_PER_GB };
  } catch {
    return null;
  }
}
