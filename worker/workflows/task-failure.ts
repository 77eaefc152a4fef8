// How a workflow ends without a result, and how every error becomes the `error` of a task.
import type { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import type { TaskError } from '../../contracts/task.ts';
import { KernelFailure } from '../kernel-client/kernel-failure.ts';
import type { KernelFailureCode } from '../kernel-client/kernel-failure.ts';
import { StructureError } from '../structures/structure-error.ts';
import type { Deadline } from './deadline.ts';

/** A task that ran and failed; `taskError` is what the API shows. */
export class TaskFailure extends Error {
  readonly taskError: TaskError;

  constructor(type: TaskError['type'], message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TaskFailure';
    this.taskError = { type, message, details };
  }
}

/** The user cancelled the task; files written so far stay. */
export class TaskCancelled extends Error {
  constructor() {
    super('The task was cancelled.');
    this.name = 'TaskCancelled';
  }
}

/** The task made room for another one: its checkpoint is in the folder, and the next attempt goes on from it. */
export class TaskPreempted extends Error {
  constructor() {
    super('The task was preempted.');
    this.name = 'TaskPreempted';
  }
}

/** The deadline passed; what was reached is in the folder. */
export class TaskTimedOut extends Error {
  constructor(options?: ErrorOptions) {
    super('The time of the task is over.', options);
    this.name = 'TaskTimedOut';
  }
}

/** How a task ends whose signal was aborted: as its reason says, else cancelled. */
export function stopOf(signal: AbortSignal): TaskCancelled | TaskPreempted {
  return signal.reason instanceof TaskPreempted ? signal.reason : new TaskCancelled();
}

const TYPE_BY_KERNEL_CODE: Readonly<Record<Exclude<KernelFailureCode, 'cancelled'>, TaskError['type']>> = {
  bad_request: 'InternalError',
  unsupported: 'ModelError',
  bad_structure: 'StructureError',
  atom_typing: 'AtomTypingError',
  non_finite: 'StructureError',
  out_of_memory: 'MemoryError',
  no_device: 'CUDAError',
  device_lost: 'CUDAError',
  unsupported_architecture: 'CUDAError',
  bad_checkpoint: 'InternalError',
  file_error: 'InternalError',
  internal: 'InternalError',
  start_failed: 'KernelCrashed',
  crashed: 'KernelCrashed',
  protocol: 'KernelCrashed',
  timeout: 'TimeoutError',
  stopped: 'KernelCrashed',
};

const LOST_MACHINES: ReadonlySet<KernelFailureCode> = new Set([
  'start_failed',
  'crashed',
  'protocol',
  'stopped',
  'device_lost',
  'no_device',
]);

/** Failures that another input would avoid: the structure, the model or a parameter is to blame, not the machine. */
const INPUT_FAILURES: ReadonlySet<TaskError['type']> = new Set(['StructureError', 'AtomTypingError', 'ModelError']);

export function isInputFailure(error: TaskError): boolean {
  return INPUT_FAILURES.has(error.type);
}

export function isCancellation(error: unknown): boolean {
  return error instanceof TaskCancelled || (error instanceof KernelFailure && error.code === 'cancelled');
}

export function isTimeOut(error: unknown, deadline: Deadline): boolean {
  if (error instanceof TaskTimedOut) return true;
  return error instanceof KernelFailure && error.code === 'timeout' && deadline.hasPassed;
}

/** Can another attempt go on where this one ended? Not after a failure of the calculation, and not when nobody wants it. */
export function mayBeResumed(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof TaskPreempted || signal.reason instanceof TaskPreempted) return true;
  return error instanceof KernelFailure && LOST_MACHINES.has(error.code);
}

/** The error of a task, for anything that a workflow can throw except the ends that are no failures. */
export function toTaskError(error: unknown): TaskError {
  if (error instanceof TaskFailure) return error.taskError;
  if (error instanceof KernelFailure && error.code !== 'cancelled') {
    const details = { kernel_code: error.code, ...error.details };
    return { type: TYPE_BY_KERNEL_CODE[error.code], message: error.message, details };
  }
  if (error instanceof StructureError) {
    return { type: 'StructureError', message: error.message, details: { ...error.details } };
  }
  if (error instanceof ServiceError) {
    return { type: 'ModelError', message: sentenceOf(error), details: { code: error.code, ...error.details } };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { type: 'InternalError', message, details: {} };
}

/** Parameters that do not fit their schema, in the words of the schema. */
export function invalidParameters(error: z.ZodError): TaskFailure {
  const issues = error.issues.map((issue) => `${issue.path.join('.') || 'parameters'}: ${issue.message}`);
  return new TaskFailure(
    'ModelError',
    `The parameters are not valid. ${issues.join('; ')}`,
    { issues },
    { cause: error },
  );
}

function sentenceOf(error: ServiceError): string {
  const { message } = error.details;
  return typeof message === 'string' ? message : error.message;
}
