// What a task type is made of, and what its workflow gets to work with.
import type { z } from 'zod';
import type { PotentialSpec } from '../../contracts/potential.ts';
import type { ImportedModel } from '../../contracts/model.ts';
import type { Structure } from '../../contracts/structure.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import type { KernelRequests } from '../kernel-client/kernel-requests.ts';
import type { Deadline } from './deadline.ts';
import type { Reporter } from './reporter.ts';

/** A task as it comes from the service or the command line; `parameters` are not validated yet. */
export interface TaskInput {
  task_id: string;
  task_type: TaskType;
  model: string;
  /** Of a model that came from a checkpoint; absent for a built-in potential. */
  imported_model?: ImportedModel | undefined;
  /** DFT-D3 on top of the model; absent = false. */
  with_d3?: boolean | undefined;
  parameters: Record<string, unknown>;
  structure: Structure;
  structure_name: string;
  /** `cpu` or `cuda:<index>`. */
  device: string;
  /** GPU memory that one calculation may take; absent = what the kernel takes by itself. */
  memory_limit_bytes?: number | undefined;
  /** Absolute path of an existing folder; every file of the task lands there. */
  folder: string;
}

export interface WorkflowContext<Parameters> extends Omit<TaskInput, 'parameters'> {
  parameters: Parameters;
  potential: PotentialSpec;
  kernel: KernelRequests;
  /** Its reason says how the task ends: see `stopOf` in task-failure.ts. */
  signal: AbortSignal;
  deadline: Deadline;
  /** A checkpoint at least this often, s, and a start from the one that is there; null = none is kept. */
  checkpoint_interval_seconds: number | null;
  reporter: Reporter;
  startedAt: Date;
}

export interface Workflow<Parameters extends z.ZodType, Result extends z.ZodType> {
  parameters: Parameters;
  result: Result;
  /**
   * Runs to the end, and writes the files of this task type except result.json and task.json.
   *
   * @throws TaskFailure, TaskCancelled, TaskPreempted, TaskTimedOut, KernelFailure, StructureError
   */
  run: (context: WorkflowContext<z.output<Parameters>>) => Promise<z.output<Result>>;
  /** Does the folder hold what a run would go on from? Absent: this type always starts anew. */
  isResumable?: (folder: string) => Promise<boolean>;
}
