// A task row for tests of the store and the queue.
import type { NewTask } from '../tasks.ts';

let count = 0;

export function exampleTask(changes: Partial<NewTask> = {}): NewTask {
  count += 1;
  return {
    task_id: `task_${String(count).padStart(16, '0')}`,
    owner: 'local',
    task_type: 'optimization',
    model: 'uff4mof',
    parameters: { fmax: 0.001 },
    structure_source: { source: 'builtin', name: 'rock-salt' },
    structure_name: 'rock-salt',
    n_atoms: 8,
    formula: 'Cl4Na4',
    priority: 'NORMAL',
    max_attempts: 3,
    created_at: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}
