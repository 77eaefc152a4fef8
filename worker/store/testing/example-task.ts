// A task row for tests of the store and the queue.
import type { NewTask } from '../tasks.ts';

let count = 0;

export function exampleTask(changes: Partial<NewTask> = {}): NewTask {
  count += 1;
  return {
    task_id: `task_${String(count).padStart(16, '0')}`,
    owner: 'local',
    key_id: null,
    task_type: 'optimization',
    model: 'uff4mof',
    with_d3: false,
    parameters: { fmax: 0.001 },
    structure_source: { source: 'builtin', name: 'rock-salt' },
    structure_name: 'rock-salt',
    input_sha256: null,
    n_atoms: 8,
    formula: 'Cl4Na4',
    name: null,
    tags: [],
    depends_on: [],
    batch_id: null,
    retry_of: null,
    priority: 'NORMAL',
    max_attempts: 3,
    timeout_seconds: null,
    webhook_url: null,
    webhook_secret: null,
    created_at: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}
