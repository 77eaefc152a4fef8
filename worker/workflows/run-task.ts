// Runs one task from its input to complete files. The same for the task process and for `mofsim run`.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KERNEL_PROTOCOL_VERSION } from '../../contracts/kernel-message.ts';
import type { KernelRequests } from '../kernel-client/kernel-requests.ts';
import { writeFileAtomic } from '../store/write-file.ts';
import { APPLICATION_VERSION } from '../version.ts';
import { removeCheckpoints } from './checkpoint-files.ts';
import { Deadline } from './deadline.ts';
import { unavailableReason, WORKFLOWS } from './registry.ts';
import type { RegisteredWorkflow, WorkflowTools } from './registry.ts';
import { systemClock } from './reporter.ts';
import type { Reporter } from './reporter.ts';
import { mayBeResumed, TaskFailure } from './task-failure.ts';
import type { TaskInput } from './workflow.ts';

const RESULT_FILE = 'result.json';

/** Without a deadline the task may run for ever; without an interval no checkpoint is kept. */
export type TaskTools = Pick<WorkflowTools, 'kernel' | 'signal' | 'reporter'> &
  Partial<Pick<WorkflowTools, 'deadline' | 'checkpoint_interval_seconds'>>;

export interface FinishedTask {
  result: Record<string, unknown>;
  execution_time_seconds: number;
}

/**
 * Writes task.json first (so that a failed task tells what it was), then the files of the task type, and result.json last.
 * Checkpoints stay when another attempt can go on from them, and only then.
 *
 * @throws what the workflow throws; `toTaskError` turns it into a task's error
 */
export async function runTask(task: TaskInput, tools: TaskTools): Promise<FinishedTask> {
  const startedAt = systemClock.now();
  const begin = systemClock.monotonic();
  const { reporter, signal, deadline = new Deadline(null), checkpoint_interval_seconds = null } = tools;
  await introduce(task, tools.kernel, reporter, startedAt);
  let result: Record<string, unknown>;
  try {
    const context = { ...tools, startedAt, deadline, checkpoint_interval_seconds };
    result = await workflowOf(task).run(task, context);
    await writeJson(task.folder, RESULT_FILE, result);
  } catch (error) {
    if (checkpoint_interval_seconds === null || !mayBeResumed(error, signal)) await removeCheckpoints(task.folder);
    throw error;
  }
  await removeCheckpoints(task.folder);
  const executionTime = (systemClock.monotonic() - begin) / 1000;
  reporter.progress(100);
  reporter.log('INFO', `Task completed in ${executionTime.toFixed(3)} s`, {});
  return { result, execution_time_seconds: executionTime };
}

async function introduce(task: TaskInput, kernel: KernelRequests, reporter: Reporter, startedAt: Date): Promise<void> {
  const { parameters, potential } = workflowOf(task).resolve(task);
  const { kernel_version } = kernel.hello;
  const n_atoms = task.structure.symbols.length;
  // Of an attempt whose service was gone before it heard of the end.
  await rm(join(task.folder, RESULT_FILE), { force: true });
  await writeJson(task.folder, 'task.json', {
    task_id: task.task_id,
    task_type: task.task_type,
    model: task.model,
    potential,
    parameters,
    structure_name: task.structure_name,
    n_atoms,
    device: task.device,
    started_at: startedAt.toISOString(),
    versions: {
      mofsim: APPLICATION_VERSION,
      mofkernel: kernel_version,
      kernel_protocol: KERNEL_PROTOCOL_VERSION,
      node: process.version,
    },
    structure: task.structure,
  });
  const what = `Task started: ${task.task_type} of ${task.structure_name} with ${task.model}`;
  reporter.log('INFO', what, { n_atoms, device: task.device, kernel_version });
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
