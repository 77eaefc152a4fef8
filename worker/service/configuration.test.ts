import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_RATE_LIMITS } from '../../contracts/rate-limit.ts';
import { readConfiguration } from './configuration.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-config-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

describe('configuration', () => {
  test('without_a_file_the_documented_limits_hold', async () => {
    expect(await readConfiguration(home, {})).toEqual({
      rate_limits: DEFAULT_RATE_LIMITS,
      max_queue_size: 100_000,
      checkpoint_interval_seconds: 30,
      webhook_allowed_hosts: [],
      tasks_per_group: { gpu: 32, cpu: 8 },
    });
  });

  test('what_the_file_names_is_changed_and_the_rest_stays', async () => {
    const submit = { limit: 1_000_000, window_seconds: 1 };
    writeFileSync(
      join(home, 'config.json'),
      JSON.stringify({ rate_limits: { submit }, webhook_allowed_hosts: ['10.0.0.0/8'] }),
    );
    const configuration = await readConfiguration(home, {});
    expect(configuration.rate_limits).toEqual({ ...DEFAULT_RATE_LIMITS, submit });
    expect(configuration.webhook_allowed_hosts).toEqual(['10.0.0.0/8']);
  });

  test('a_mistake_is_refused_by_name', async () => {
    const write = (text: string) => {
      writeFileSync(join(home, 'config.json'), text);
    };
    write('{"rate_limit": {}}');
    await expect(readConfiguration(home, {})).rejects.toThrow(/config\.json is not valid.*rate_limit/);
    write('{"rate_limits": {"submit": {"limit": 0, "window_seconds": 60}}}');
    await expect(readConfiguration(home, {})).rejects.toThrow(/rate_limits\.submit\.limit/);
    write('{');
    await expect(readConfiguration(home, {})).rejects.toThrow(/is not JSON/);
  });

  test('a_file_that_is_named_must_exist', async () => {
    const file = join(home, 'other.json');
    await expect(readConfiguration(home, { MOFSIM_CONFIG: file })).rejects.toThrow(/other\.json cannot be read/);
    writeFileSync(file, '{"max_queue_size": 7}');
    expect((await readConfiguration(home, { MOFSIM_CONFIG: file })).max_queue_size).toBe(7);
  });
});
