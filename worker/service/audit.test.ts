import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { auditOthersTask, createAudit } from './audit.ts';
import type { Audit } from './audit.ts';
import { DEFAULT_CONFIGURATION } from './configuration.ts';

let home = '';
let store: Store;
let audit: Audit;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-audit-'));
  store = openStore(home);
  audit = createAudit(store, () => new Date('2026-01-01T00:00:00.000Z'));
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

describe('the audit log', () => {
  test('shows_the_newest_first_in_pages', () => {
    for (const n of [1, 2, 3]) audit.record('key_a', 'gpu.changed', `GPU-${n}`, { is_enabled: false });
    expect(audit.list(2, 1)).toMatchObject({ entries: [{ target: 'GPU-2' }, { target: 'GPU-1' }], total: 3 });
    expect(audit.list(1, 0).entries).toEqual([
      {
        audit_id: 3,
        timestamp: '2026-01-01T00:00:00.000Z',
        key_id: 'key_a',
        action: 'gpu.changed',
        target: 'GPU-3',
        details: { is_enabled: false },
      },
    ]);
  });

  test('tells_when_the_service_starts_with_another_configuration_and_only_then', () => {
    const changed = { ...DEFAULT_CONFIGURATION, webhook_allowed_hosts: ['10.0.0.0/8'] };
    for (const configuration of [DEFAULT_CONFIGURATION, changed, changed, DEFAULT_CONFIGURATION]) {
      audit.recordConfiguration(configuration);
    }
    const { entries } = audit.list(10, 0);
    expect(entries.map(({ details }) => details.webhook_allowed_hosts)).toEqual([[], ['10.0.0.0/8']]);
  });

  test('tells_what_a_key_does_to_the_tasks_of_others_and_not_to_its_own', () => {
    const caller = { owner: 'local', key_id: 'key_a', scope: 'submit' } as const;
    const ofOther = { task_id: 'task_aaaaaaaaaaaaaaaa', key_id: 'key_b' };
    auditOthersTask(audit, caller, 'task.cancelled', { ...ofOther, key_id: 'key_a' });
    auditOthersTask(audit, caller, 'task.cancelled', ofOther);
    expect(audit.list(10, 0).entries).toMatchObject([{ target: ofOther.task_id, details: { submitted_by: 'key_b' } }]);
  });
});
