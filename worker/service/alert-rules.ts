// When an alert fires, when it is over again, and its words. Pure: what was measured comes in. Between the two thresholds of a
// rule an alert stays as it is, so that a value that wavers does not ring for every wave.
import type { AlertRuleName, alertSeveritySchema } from '../../contracts/alert.ts';
import type { z } from 'zod';
import type { FleetGpu } from '../pool/gpu-fleet.ts';
import type { SlotStatus } from '../pool/pool.ts';

export interface Words {
  zh: string;
  en: string;
}

export interface Measured {
  nowMs: number;
  gpus: readonly FleetGpu[];
  slots: readonly SlotStatus[];
  /** Tasks that wait. */
  queue_size: number;
  /** Failures since the last success, by model. */
  failures_in_a_row: ReadonlyMap<string, number>;
  disk: { folder: string; free_gb: number; total_gb: number } | null;
  /** Of the last minutes; null when nobody asked for anything. */
  p99_seconds: number | null;
}

export interface Finding {
  target: string;
  /** `unclear` leaves the alert as it is. */
  state: 'firing' | 'unclear' | 'clear';
  details: Record<string, unknown>;
}

export interface AlertRuleDefinition {
  rule: AlertRuleName;
  severity: z.infer<typeof alertSeveritySchema>;
  description: Words;
  threshold: number | null;
  unit: string | null;
  /** A target that is not mentioned is clear. */
  evaluate: (measured: Measured) => Finding[];
  /** @param details as `evaluate` found them when the alert fired */
  message: (target: string, details: Readonly<Record<string, unknown>>) => Words;
}

const LEAST_FREE_MB = 2048;
const LEAST_FREE_SHARE = 0.1;
const HIGHEST_TEMPERATURE_C = 85;
const COOL_AGAIN_C = 80;
const LONGEST_QUEUE = 100;
const SHORT_AGAIN = 80;
const MOST_FAILURES = 5;
const LEAST_DISK_GB = 50;
const LEAST_DISK_SHARE = 0.05;
const LONGEST_P99_SECONDS = 5;
const FAST_AGAIN_SECONDS = 4;
/** What is free has to be this much more than the threshold before an alert is over. */
const RECOVERED = 1.25;
/** A process that has run this long since its loss is well again. */
const STEADY_AFTER_MS = 60_000;

export const ALERT_RULES: readonly AlertRuleDefinition[] = [
  {
    rule: 'gpu_lost',
    severity: 'critical',
    description: { zh: 'GPU 丢失', en: 'A GPU was lost' },
    threshold: null,
    unit: null,
    evaluate: ({ gpus }) =>
      gpus.map(({ uuid, name, isOut, problem }) => ({
        target: uuid,
        state: isOut ? 'firing' : 'clear',
        details: { name, reason: problem },
      })),
    message: (target, { name, reason }) => ({
      zh: `GPU ${text(name)}（${target}）已丢失：${text(reason)}`,
      en: `GPU ${text(name)} (${target}) was lost: ${text(reason)}`,
    }),
  },
  {
    rule: 'gpu_memory_low',
    severity: 'warning',
    description: {
      zh: 'GPU 空闲显存低于 2 GB（小显存 GPU 为总量的 10%）',
      en: 'Less than 2 GB of a GPU are free, or a tenth of a small one',
    },
    threshold: LEAST_FREE_MB,
    unit: 'MB',
    evaluate: ({ gpus }) =>
      gpus.flatMap(({ uuid, name, memory_total_mb, memory_used_mb, settings }) => {
        if (memory_total_mb === null || memory_used_mb === null || !settings.is_enabled) return [];
        const free_mb = memory_total_mb - memory_used_mb;
        const threshold_mb = Math.min(LEAST_FREE_MB, memory_total_mb * LEAST_FREE_SHARE);
        return [{ target: uuid, state: below(free_mb, threshold_mb), details: { name, free_mb, threshold_mb } }];
      }),
    message: (target, { name, free_mb }) => ({
      zh: `GPU ${text(name)}（${target}）仅剩 ${text(free_mb)} MB 显存`,
      en: `Only ${text(free_mb)} MB of GPU ${text(name)} (${target}) are free`,
    }),
  },
  {
    rule: 'gpu_temperature_high',
    severity: 'warning',
    description: { zh: 'GPU 温度高于 85 °C', en: 'A GPU is hotter than 85 °C' },
    threshold: HIGHEST_TEMPERATURE_C,
    unit: '°C',
    evaluate: ({ gpus }) =>
      gpus.flatMap(({ uuid, name, reading }) => {
        const temperature_c = reading?.temperature_c ?? null;
        if (temperature_c === null) return [];
        const state = above(temperature_c, HIGHEST_TEMPERATURE_C, COOL_AGAIN_C);
        return [{ target: uuid, state, details: { name, temperature_c } }];
      }),
    message: (target, { name, temperature_c }) => ({
      zh: `GPU ${text(name)}（${target}）温度为 ${text(temperature_c)} °C`,
      en: `GPU ${text(name)} (${target}) is at ${text(temperature_c)} °C`,
    }),
  },
  {
    rule: 'queue_long',
    severity: 'warning',
    description: { zh: '排队任务超过 100 个', en: 'More than 100 tasks wait' },
    threshold: LONGEST_QUEUE,
    unit: 'tasks',
    evaluate: ({ queue_size }) => [
      { target: 'queue', state: above(queue_size, LONGEST_QUEUE, SHORT_AGAIN), details: { queue_size } },
    ],
    message: (_target, { queue_size }) => ({
      zh: `有 ${text(queue_size)} 个任务在排队`,
      en: `${text(queue_size)} tasks wait`,
    }),
  },
  {
    rule: 'model_failing',
    severity: 'warning',
    description: { zh: '同一模型连续失败超过 5 次', en: 'A model failed more than five times in a row' },
    threshold: MOST_FAILURES,
    unit: 'tasks',
    evaluate: ({ failures_in_a_row }) =>
      [...failures_in_a_row].map(([model, failures]) => ({
        target: model,
        state: failures > MOST_FAILURES ? 'firing' : 'clear',
        details: { failures },
      })),
    message: (target, { failures }) => ({
      zh: `模型 ${target} 已连续失败 ${text(failures)} 次`,
      en: `The last ${text(failures)} tasks with the model ${target} failed`,
    }),
  },
  {
    rule: 'disk_low',
    severity: 'warning',
    description: {
      zh: '数据目录所在磁盘的剩余空间低于 50 GB（小磁盘为总量的 5%）',
      en: 'Less than 50 GB are free on the disk of the data folder, or a twentieth of a small one',
    },
    threshold: LEAST_DISK_GB,
    unit: 'GB',
    evaluate: ({ disk }) => {
      if (disk === null) return [];
      const { folder, free_gb, total_gb } = disk;
      const threshold_gb = Math.min(LEAST_DISK_GB, total_gb * LEAST_DISK_SHARE);
      return [{ target: folder, state: below(free_gb, threshold_gb), details: { free_gb, threshold_gb } }];
    },
    message: (target, { free_gb }) => ({
      zh: `${target} 所在磁盘仅剩 ${text(free_gb)} GB`,
      en: `Only ${text(free_gb)} GB are free for ${target}`,
    }),
  },
  {
    rule: 'latency_high',
    severity: 'warning',
    description: { zh: '请求延迟 p99 超过 5 秒', en: 'One request in a hundred takes longer than 5 s' },
    threshold: LONGEST_P99_SECONDS,
    unit: 's',
    evaluate: ({ p99_seconds }) =>
      p99_seconds === null
        ? []
        : [
            {
              target: 'api',
              state: above(p99_seconds, LONGEST_P99_SECONDS, FAST_AGAIN_SECONDS),
              details: { p99_seconds },
            },
          ],
    message: (_target, { p99_seconds }) => ({
      zh: `请求延迟 p99 为 ${text(p99_seconds)} 秒`,
      en: `The p99 of requests is ${text(p99_seconds)} s`,
    }),
  },
  {
    rule: 'task_process_lost',
    severity: 'critical',
    description: { zh: '任务进程意外退出', en: 'A task process ended unexpectedly' },
    threshold: null,
    unit: null,
    evaluate: ({ slots, nowMs }) => slots.map((slot) => lossOf(slot, nowMs)),
    message: (target, { reason }) => ({
      zh: `${target} 的任务进程意外退出：${text(reason)}`,
      en: `The task process of ${target} ended unexpectedly: ${text(reason)}`,
    }),
  },
];

function lossOf({ label, isReady, problem, lostAtMs, lossReason }: SlotStatus, nowMs: number): Finding {
  const isDown = !isReady && problem !== null;
  const wasLost = lostAtMs !== null && nowMs - lostAtMs < STEADY_AFTER_MS;
  const details = { reason: problem ?? lossReason };
  return { target: label.slot_id, state: isDown || wasLost ? 'firing' : 'clear', details };
}

function above(value: number, threshold: number, over: number): Finding['state'] {
  if (value > threshold) return 'firing';
  return value > over ? 'unclear' : 'clear';
}

function below(value: number, threshold: number): Finding['state'] {
  if (value < threshold) return 'firing';
  return value < threshold * RECOVERED ? 'unclear' : 'clear';
}

/** Numbers without digits that mean nothing. */
function text(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  return typeof value === 'string' ? value : '';
}
