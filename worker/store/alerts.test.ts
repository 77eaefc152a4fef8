import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AlertRow } from './alerts.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';

let home = '';
let store: Store;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-alert-rows-'));
  store = openStore(home);
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function fire(n: number, target = 'queue'): void {
  const fired_at = new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
  const alert: Omit<AlertRow, 'resolved_at'> = {
    alert_id: `alert_${n}`,
    rule: 'queue_long',
    severity: 'warning',
    target,
    details: { queue_size: n },
    fired_at,
  };
  store.alerts.fire(alert);
}

test('a_rule_is_active_once_per_target', () => {
  fire(1);
  expect(() => {
    fire(2);
  }).toThrow(/UNIQUE/);
  fire(3, 'another');
  store.alerts.resolve('alert_1', '2026-01-01T01:00:00.000Z');
  fire(4);
  expect(store.alerts.active().map(({ alert_id }) => alert_id)).toEqual(['alert_4', 'alert_3']);
});

test('an_alert_is_over_once', () => {
  fire(1);
  store.alerts.resolve('alert_1', '2026-01-01T01:00:00.000Z');
  store.alerts.resolve('alert_1', '2026-01-01T02:00:00.000Z');
  expect(store.alerts.history(1, 0)[0]?.resolved_at).toBe('2026-01-01T01:00:00.000Z');
});

test('the_history_is_newest_first_and_forgets_the_oldest_of_those_that_are_over', () => {
  for (const n of [1, 2, 3]) {
    fire(n);
    store.alerts.resolve(`alert_${n}`, '2026-01-01T01:00:00.000Z');
  }
  fire(0, 'still active');
  store.alerts.trim(2);
  expect(store.alerts.history(10, 0).map(({ alert_id }) => alert_id)).toEqual(['alert_3', 'alert_2', 'alert_0']);
  expect(store.alerts.history(1, 1)[0]?.alert_id).toBe('alert_2');
});
