import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { optimizationResultSchema } from '../../contracts/results/optimization.ts';
import { gpusSchema, healthSchema } from '../../contracts/system.ts';
import { logsSchema, logLineSchema } from '../../contracts/log.ts';
import { taskFilesSchema, taskResultSchema } from '../../contracts/task.ts';
import { startTestService } from './testing/test-service.ts';
import type { TestService, TestServiceOptions } from './testing/test-service.ts';

let running: TestService | null = null;

async function start(options?: TestServiceOptions): Promise<TestService> {
  running = await startTestService(options);
  return running;
}

afterEach(async () => {
  await running?.close();
  running = null;
});

describe('a task over HTTP', () => {
  test('submitted_task_runs_and_its_result_files_and_logs_are_served', async () => {
    const { client } = await start();
    const task_id = await client.submit({ fmax: 0.001 });
    const events = await client.events(task_id);
    const states = events.flatMap(({ event }) => (event.type === 'state' ? [event.status] : []));
    expect(states.at(-1)).toBe('COMPLETED');

    const task = await client.task(task_id);
    expect(task).toMatchObject({
      status: 'COMPLETED',
      progress: 100,
      attempts: 1,
      device: 'cpu',
      gpu_id: null,
      error: null,
    });

    const { result } = taskResultSchema.parse((await client.call(`/tasks/${task_id}/result`)).data);
    const optimized = optimizationResultSchema.parse(result);
    expect(optimized.converged).toBe(true);
    const steps = events.filter(({ event }) => event.type === 'step');
    expect(steps).toHaveLength(optimized.energy_history.length);

    const { logs, total } = logsSchema.parse((await client.call(`/tasks/${task_id}/logs`)).data);
    expect(logs).toHaveLength(total);
    expect(logs.length).toBeGreaterThan(0);
    z.array(logLineSchema).parse(logs);

    const { files } = taskFilesSchema.parse((await client.call(`/files/${task_id}`)).data);
    expect(files.map(({ filename }) => filename)).toEqual(
      expect.arrayContaining(['optimized.cif', 'report.html', 'result.json', 'trajectory.xyz']),
    );
    const cif = await client.fetch(optimized.final_structure.file_url);
    expect(await cif.text()).toBe(optimized.final_structure.content);
  });

  test('health_needs_no_key_and_has_no_envelope', async () => {
    const { client } = await start();
    const response = await fetch(`${client.url}/api/v1/health`);
    expect(healthSchema.parse(await response.json())).toMatchObject({
      database: 'connected',
      redis: 'embedded',
      gpus: 0,
    });
  });

  test('a_machine_without_gpu_shows_the_reason_and_the_cpu', async () => {
    const { client } = await start();
    await client.waitFor(await client.submit(), 'COMPLETED');
    const gpus = gpusSchema.parse((await client.call('/system/gpus')).data);
    expect(gpus).toMatchObject({
      gpus: [],
      unavailable_reason: 'the stand-in has no GPU',
      cpu: { name: 'Stand-in processor', n_threads: 1, status: 'free' },
    });
  });
});
