// The rules on a real database; what is measured is set by hand.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertListSchema, alertRuleListSchema, alertRuleNameSchema } from '../../contracts/alert.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { FleetGpu } from '../pool/gpu-fleet.ts';
import type { SlotStatus } from '../pool/pool.ts';
import { CPU, kernelGpu, reading, uuidOf } from '../pool/testing/devices.ts';
import type { MoveListener } from '../queue/queue.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { createAlertService } from './alert-service.ts';
import type { AlertService } from './alert-service.ts';

let home = '';
let store: Store;
let gpus: FleetGpu[];
let slots: SlotStatus[];
let queued: number;
let disk: { free_gb: number; total_gb: number };
let p99Ms: number | null;
let now: Date;
let move: MoveListener;
let told: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-alerts-'));
  store = openStore(home);
  gpus = [];
  slots = [];
  queued = 0;
  disk = { free_gb: 500, total_gb: 1000 };
  p99Ms = null;
  now = new Date('2026-01-15T12:00:00.000Z');
  told = [];
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function createAlerts(): AlertService {
  return createAlertService({
    store,
    pool: {
      onChange: () => undefined,
      status: () => ({ gpus, cpu: CPU, slots, cuda_unavailable_reason: null, problem: null }),
    },
    queue: {
      onMove: (listener) => {
        move = listener;
      },
      state: () => ({
        is_paused: false,
        is_draining: false,
        pending: 0,
        queued,
        running: 0,
        by_priority: { CRITICAL: 0, HIGH: 0, NORMAL: 0, LOW: 0 },
        estimated_wait_seconds: null,
      }),
    },
    latency: { quantileMs: () => p99Ms },
    onAlert: ({ rule, is_active }) => {
      told.push(`${rule} ${is_active ? 'fires' : 'is over'}`);
    },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    now: () => now,
    readDisk: (folder) => Promise.resolve({ folder, ...disk }),
  });
}

function gpu(changes: Partial<FleetGpu> = {}, temperature_c = 41): FleetGpu {
  const { uuid, index, name, memory_total_mb, memory_used_mb } = reading(0);
  const settings = { is_enabled: true, is_paused: false, memory_limit_mb: null, concurrency: 1 };
  const figures = { memory_total_mb, memory_used_mb, reading: reading(0, { temperature_c }) };
  return { uuid, index, name, ...figures, settings, device: kernelGpu(0), isOut: false, problem: null, ...changes };
}

function slot(changes: Partial<SlotStatus>): SlotStatus {
  return {
    label: { slot_id: uuidOf(0), device: 'cuda:0', gpu_id: 0 },
    gpu_uuid: uuidOf(0),
    device: kernelGpu(0),
    isReady: true,
    current_tasks: [],
    loaded_models: [],
    problem: null,
    lostAtMs: null,
    lossReason: null,
    ...changes,
  };
}

function end(status: TaskStatus): void {
  move({ model: 'uff4mof', status } as TaskRow, 'RUNNING');
}

test('every_rule_of_the_contract_is_there_in_both_languages', () => {
  const alerts = createAlerts();
  const { rules } = alertRuleListSchema.parse({ rules: alerts.rules('en') });
  expect(rules.map(({ rule }) => rule).sort()).toEqual([...alertRuleNameSchema.options].sort());
  expect(alerts.rules('zh')[0]?.description).toBe('GPU 丢失');
});

test('a_lost_gpu_is_critical_once_and_over_when_it_is_back', async () => {
  const alerts = createAlerts();
  gpus = [gpu({ isOut: true, problem: 'GPU is lost' })];
  await alerts.evaluate();
  await alerts.evaluate();
  const [alert] = alertListSchema.parse({ alerts: alerts.active('en') }).alerts;
  expect(alert).toMatchObject({ rule: 'gpu_lost', severity: 'critical', target: uuidOf(0), resolved_at: null });
  expect(alert?.message).toContain('GPU is lost');
  now = new Date('2026-01-15T12:05:00.000Z');
  gpus = [gpu()];
  await alerts.evaluate();
  expect(alerts.active('en')).toEqual([]);
  expect(alerts.history('zh', 10, 0)).toMatchObject([{ resolved_at: now.toISOString() }]);
  expect(told).toEqual(['gpu_lost fires', 'gpu_lost is over']);
});

test('a_value_that_wavers_about_its_threshold_rings_once', async () => {
  const alerts = createAlerts();
  for (const temperature of [84, 86, 84, 86, 81, 86, 80, 84]) {
    gpus = [gpu({}, temperature)];
    await alerts.evaluate();
  }
  expect(told).toEqual(['gpu_temperature_high fires', 'gpu_temperature_high is over']);
});

test('more_than_five_failures_of_one_model_in_a_row_ring_until_it_succeeds', async () => {
  const alerts = createAlerts();
  for (const status of ['FAILED', 'FAILED', 'FAILED', 'FAILED', 'FAILED'] as const) end(status);
  await alerts.evaluate();
  expect(told).toEqual([]);
  end('FAILED');
  await alerts.evaluate();
  expect(alerts.active('en')).toMatchObject([{ target: 'uff4mof', details: { failures: 6 } }]);
  end('COMPLETED');
  await alerts.evaluate();
  expect(told).toEqual(['model_failing fires', 'model_failing is over']);
});

test('thresholds_of_memory_and_disk_scale_with_small_ones', async () => {
  const alerts = createAlerts();
  gpus = [gpu({ memory_total_mb: 8192, memory_used_mb: 7000 })];
  disk = { free_gb: 20, total_gb: 100 };
  await alerts.evaluate();
  expect(told).toEqual([]);
  gpus = [gpu({ memory_total_mb: 24_576, memory_used_mb: 23_000 })];
  disk = { free_gb: 4, total_gb: 100 };
  await alerts.evaluate();
  expect(told).toEqual(['gpu_memory_low fires', 'disk_low fires']);
});

test('a_long_queue_and_slow_answers_ring', async () => {
  const alerts = createAlerts();
  [queued, p99Ms] = [101, 5100];
  await alerts.evaluate();
  [queued, p99Ms] = [90, 4500];
  await alerts.evaluate();
  expect(told).toEqual(['queue_long fires', 'latency_high fires']);
  [queued, p99Ms] = [80, 3900];
  await alerts.evaluate();
  expect(alerts.active('en')).toEqual([]);
});

test('a_lost_task_process_rings_until_the_next_one_is_steady', async () => {
  const alerts = createAlerts();
  slots = [slot({ lostAtMs: now.getTime(), lossReason: 'signal SIGSEGV' })];
  await alerts.evaluate();
  expect(alerts.active('en')[0]?.message).toContain('SIGSEGV');
  now = new Date(now.getTime() + 61_000);
  await alerts.evaluate();
  expect(told).toEqual(['task_process_lost fires', 'task_process_lost is over']);
});

test('what_rang_before_a_restart_is_over_only_when_it_is_clear', async () => {
  gpus = [gpu({}, 90)];
  await createAlerts().evaluate();
  gpus = [gpu({}, 83)];
  const afterRestart = createAlerts();
  await afterRestart.evaluate();
  expect(afterRestart.active('en')).toHaveLength(1);
  expect(told).toEqual(['gpu_temperature_high fires']);
});
