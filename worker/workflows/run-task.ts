// Runs one task from its input to complete files. The same for the task process and for `mofsim run`.
import { join } from 'node:path';
import { KERNEL_PROTOCOL_VERSION } from '../../contracts/kernel-message.ts';
import { writeFileAtomic } from '../store/write-file.ts';
import { APPLICATION_VERSION } from '../version.ts';
import { Deadline } from './deadline.ts';
import { unavailableReason, WORKFLOWS } from './registry.ts';
import type { RegisteredWorkflow, WorkflowTools } from './registry.ts';
import { systemClock } from './reporter.ts';
import { TaskFailure } from './task-failure.ts';
import type { TaskInput } from './workflow.ts';

/** Without a deadline the task may run for ever; without an interval no checkpoint is kept. */
export type TaskTools = Pick<WorkflowTools, 'kernel' | 'signal' | 'reporter'> &
  Partial<Pick<WorkflowTools, 'deadline' | 'checkpoint_interval_seconds'>>;

export interface FinishedTask {
  result: Record<string, unknown>;
  execution_time_seconds: number;
}

/**
 * Writes task.json first (so that a failed task tells what it was), then the files of the task type, and result.json last.
 *
 * @throws what the workflow throws; `toTaskError` turns it into a task's error
 */
export async function runTask(task: TaskInput, tools: TaskTools): Promise<FinishedTask> {
  const startedAt = systemClock.now();
  const begin = systemClock.monotonic();
  const workflow = workflowOf(task);
  const { reporter } = tools;
  const { parameters, potential } = workflow.resolve(task);
  await writeJson(task.folder, 'task.json', {
    task_id: task.task_id,
    task_type: task.task_type,
    model: task.model,
    potential,
    parameters,
    structure_name: task.structure_name,
    n_atoms: task.structure.symbols.length,
    device: task.device,
    started_at: startedAt.toISOString(),
    versions: {
      mofsim: APPLICATION_VERSION,
      mofkernel: tools.kernel.hello.kernel_version,
      kernel_protocol: KERNEL_PROTOCOL_VERSION,
      node: process.version,
    },
    structure: task.structure,
  });
  reporter.log('INFO', `Task started: ${task.task_type} of ${task.structure_name} with ${task.model}`, {
    n_atoms: task.structure.symbols.length,
    device: task.device,
    kernel_version: tools.kernel.hello.kernel_version,
  });

  const { deadline = new Deadline(null), checkpoint_interval_seconds = null } = tools;
  const result = await workflow.run(task, { ...tools, startedAt, deadline, checkpoint_interval_seconds });
  await writeJson(task.folder, 'result.json', result);
  const executionTime = (systemClock.monotonic() - begin) / 1000;
  reporter.progress(100);
  reporter.log('INFO', `Task completed in ${executionTime.toFixed(3)} s`, {});
  return { result, execution_time_seconds: executionTime };
}

/** @throws TaskFailure ModelError for a type without a workflow */
export function workflowOf({ task_type }: Pick<TaskInput, 'task_type'>): RegisteredWorkflow {
  const workflow = WORKFLOWS[task_type];
  if (workflow === undefined) throw new TaskFailure('ModelError', unavailableReason(task_type) ?? '', { task_type });
  return workflow;
}

async function writeJson(folder: string, filename: string, content: unknown): Promise<void> {
  await writeFileAtomic(join(folder, filename), `${JSON.stringify(content)}\n`);
}
