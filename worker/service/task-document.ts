// A task's row as the API shows it.
import type { Task } from '../../contracts/task.ts';
import type { TaskRow } from '../store/tasks.ts';

export type TaskEstimates = Pick<Task, 'estimated_wait_seconds' | 'estimated_remaining_seconds'>;

export function toTask(row: TaskRow, estimates: TaskEstimates): Task {
  return {
    task_id: row.task_id,
    task_type: row.task_type,
    status: row.status,
    model: row.model,
    priority: row.priority,
    progress: row.progress,
    stage: row.stage,
    name: row.name,
    tags: row.tags,
    depends_on: row.depends_on,
    batch_id: row.batch_id,
    retry_of: row.retry_of,
    with_d3: row.with_d3,
    timeout: row.timeout_seconds,
    structure: row.structure_source,
    structure_name: row.structure_name,
    n_atoms: row.n_atoms,
    formula: row.formula,
    parameters: row.parameters,
    created_at: row.created_at,
    queued_at: row.queued_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
    execution_time_seconds: row.execution_time_seconds,
    gpu_id: row.gpu_id,
    device: row.device,
    attempts: row.attempts,
    max_attempts: row.max_attempts,
    preemptions: row.preemptions,
    ...estimates,
    metrics: { peak_gpu_memory_MB: row.peak_gpu_memory_MB, avg_step_time_ms: row.avg_step_time_ms },
    error: row.error,
  };
}
