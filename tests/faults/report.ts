// What a fault run came to, in words. Pure.
import type { EndedTask, FaultRun } from './fault-run.ts';
import type { WebhookCall } from './webhook-receiver.ts';

export function describeRun({ tasks, kills, seconds }: FaultRun, calls: readonly WebhookCall[]): string {
  const killed = Object.entries(kills).map(([victim, n]) => `${victim} ${n}`);
  const nResumed = countLog(tasks, 'from the checkpoint of step');
  const nAnew = countLog(tasks, 'The task starts anew');
  const nDeliveries = new Set(calls.map(({ delivery_id }) => delivery_id)).size;
  return [
    `${tasks.length} tasks in ${seconds.toFixed(1)} s: ${counts(tasks.map(({ task }) => task.status))}`,
    `killed: ${killed.join(', ')}`,
    `attempts per task: ${counts(tasks.map(({ task }) => String(task.attempts)))}`,
    `attempts in groups: ${countLog(tasks, 'Computed at the same time as')}`,
    `attempts that went on from a checkpoint: ${nResumed}; checkpoints that the kernel refused: ${nAnew}`,
    `webhooks: ${nDeliveries} deliveries, ${calls.length - nDeliveries} calls repeated`,
    `estimated_wait_seconds: ${describeEstimates(tasks)}`,
  ].join('\n');
}

/** Against the time from the submission to the (last) start. */
function describeEstimates(tasks: readonly EndedTask[]): string {
  const errors = tasks.flatMap(({ task, estimated_wait_seconds: estimate }) => {
    if (estimate === null || task.started_at === null || task.depends_on.length > 0) return [];
    const waited = (Date.parse(task.started_at) - Date.parse(task.created_at)) / 1000;
    return [{ absolute: Math.abs(estimate - waited), relative: Math.abs(estimate - waited) / Math.max(waited, 1) }];
  });
  if (errors.length === 0) return 'none';
  const absolute = median(errors.map((error) => error.absolute));
  const relative = median(errors.map((error) => error.relative));
  return `median error ${absolute.toFixed(1)} s, ${(100 * relative).toFixed(0)} % of the wait (${errors.length} estimates)`;
}

function countLog(tasks: readonly EndedTask[], text: string): number {
  return tasks.flatMap(({ log }) => log).filter((line) => line.includes(text)).length;
}

function counts(values: readonly string[]): string {
  const names = [...new Set(values)].sort();
  return names.map((name) => `${name} ${values.filter((value) => value === name).length}`).join(', ');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
