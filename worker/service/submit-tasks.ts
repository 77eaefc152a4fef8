// From submissions to rows of the queue: every check first, then the files of the structures, then one transaction. All or none,
// unless whoever submits takes refusals one by one.
import { ServiceError } from '../../contracts/error-code.ts';
import type { Model } from '../../contracts/model.ts';
import type { TaskSubmission } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import type { MoveListener, Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { NewTask, TaskRow } from '../store/tasks.ts';
import type { Caller } from './credentials.ts';
import type { SecretBox } from '../webhooks/secret-box.ts';
import { giveWay } from './give-way.ts';
import { createId } from './ids.ts';
import { assertComputable, assertDispersion, assertOptions, knownModel, withSupercell } from './task-checks.ts';
import type { ModelDirectory } from './task-checks.ts';
import type { FoundStructure, TaskInputs } from './task-inputs.ts';

const MAX_ERRORS_TOLD = 100;

export interface SubmissionParts {
  store: Store;
  queue: Queue;
  inputs: TaskInputs;
  models: ModelDirectory;
  unavailableReason: (task_type: TaskType) => string | null;
  /** @throws ServiceError when the address may not be called */
  checkWebhook: (url: string) => Promise<void>;
  /** For what signs webhooks: the database gets it sealed. */
  secrets: SecretBox;
  /** Called by the queue inside the transaction of every move; this part adds itself. */
  inTransaction: MoveListener[];
  now: () => Date;
}

/** What a task has besides its submission. */
export interface SubmissionContext {
  batch_id?: string;
  retry_of?: string;
  /** The structure, where it is known already; then `structure` of the submission only says where it came from. */
  input?: FoundStructure | undefined;
  /** Called with the new rows inside their transaction. */
  keep?: (rows: readonly TaskRow[]) => void;
  /** Told of each that cannot be accepted, by its index; the others are submitted all the same. Without it: all or none. */
  onRefused?: ((index: number, error: ServiceError) => void) | undefined;
}

export type SubmitTasks = (
  caller: Caller,
  submissions: readonly TaskSubmission[],
  context?: SubmissionContext,
) => Promise<TaskRow[]>;

interface Checked {
  submission: TaskSubmission;
  input: FoundStructure;
}

/** @throws ServiceError of the first submission that cannot be accepted; of several, `details.errors` has one for each */
export function createSubmitTasks(parts: SubmissionParts): SubmitTasks {
  const { store, inputs, now } = parts;
  const submitKeeping = createSubmitKeeping(parts);
  return async (caller, submissions, { batch_id, retry_of, input, keep = () => undefined, onRefused } = {}) => {
    const checked = await checkAll(parts, caller, submissions, { input, onRefused });
    if (checked.length === 0) return [];
    const shared = { batch_id: batch_id ?? null, retry_of: retry_of ?? null, created_at: now().toISOString() };
    let kept = await inputs.keep(checked.map(({ input }) => input));
    // A removal may have taken the last other task that had one of them.
    while (!inputs.areThere(kept)) kept = await inputs.keep(checked.map(({ input }) => input));
    const newTasks = checked.map((each, i): NewTask => {
      const { webhook_secret } = each.submission;
      const sealed = webhook_secret === undefined ? null : parts.secrets.seal(webhook_secret);
      const own = { webhook_secret: sealed, input_sha256: nth(kept, i) };
      return { ...toNewTask(caller, each.submission, each.input), ...shared, ...own };
    });
    const rows = submitOrForget(() => submitKeeping(newTasks, keep), inputs, kept);
    await store.flush().catch((cause: unknown) => {
      throw notConfirmed(rows, cause);
    });
    return rows;
  };
}

function submitOrForget(submit: () => TaskRow[], inputs: TaskInputs, kept: readonly (string | null)[]): TaskRow[] {
  try {
    return submit();
  } catch (error) {
    inputs.forget(kept);
    throw error;
  }
}

/** The tasks are there and will run; only a loss of power at this moment could still take them back. */
function notConfirmed(rows: readonly TaskRow[], cause: unknown): ServiceError {
  const message =
    'The tasks were accepted, but the disk has not confirmed that they are kept. Look at them by their ids before submitting ' +
    'again, or repeat the request with the same Idempotency-Key: it makes no second task.';
  return new ServiceError(50004, { message, task_ids: rows.map(({ task_id }) => task_id) }, { cause });
}

/** Submits; `keep` is called within the transaction of the queue, before anybody is told. */
function createSubmitKeeping({ queue, inTransaction }: SubmissionParts) {
  let submitting: { n_tasks: number; rows: TaskRow[]; keep: (rows: readonly TaskRow[]) => void } | null = null;
  inTransaction.push((task, previous) => {
    if (submitting === null || previous !== null) return;
    submitting.rows.push(task);
    if (submitting.rows.length === submitting.n_tasks) submitting.keep(submitting.rows);
  });
  return (tasks: readonly NewTask[], keep: (rows: readonly TaskRow[]) => void): TaskRow[] => {
    submitting = { n_tasks: tasks.length, rows: [], keep };
    try {
      return queue.submit(tasks);
    } finally {
      submitting = null;
    }
  };
}

async function checkAll(
  parts: SubmissionParts,
  caller: Caller,
  submissions: readonly TaskSubmission[],
  { input, onRefused }: Pick<SubmissionContext, 'input' | 'onRefused'>,
): Promise<Checked[]> {
  const find = input === undefined ? onePerStructure(parts.inputs) : () => Promise.resolve(input);
  const checked: Checked[] = [];
  const failed: { index: number; error: ServiceError }[] = [];
  for (const [index, submission] of submissions.entries()) {
    await giveWay(index);
    try {
      checked.push(await check(parts, caller, submission, find));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failed.push({ index, error });
    }
  }
  if (onRefused !== undefined) for (const { index, error } of failed) onRefused(index, error);
  else if (failed.length > 0) throw submissions.length === 1 ? nth(failed, 0).error : batchError(failed);
  return checked;
}

async function check(
  parts: SubmissionParts,
  { owner }: Caller,
  submission: TaskSubmission,
  find: TaskInputs['find'],
): Promise<Checked> {
  const model = knownModel(parts.models, submission.model);
  assertDispersion(model, submission.with_d3);
  assertDependencies(parts.store, owner, submission.depends_on);
  await assertWebhook(parts, submission);
  const input = await find(owner, submission.structure);
  assertAvailable(model, submission.task_type, parts.unavailableReason(submission.task_type));
  if (input.geometry !== null) assertComputable(model, submission, input.geometry);
  assertOptions(model, submission);
  if (input.geometry === null) return { submission, input };
  return {
    submission: { ...submission, parameters: withSupercell(model, submission, input.geometry.structure) },
    input,
  };
}

/** The same structure in a thousand tasks is read once. */
function onePerStructure(inputs: TaskInputs): TaskInputs['find'] {
  const found = new Map<string, Promise<FoundStructure>>();
  return (owner, source) => {
    const key = JSON.stringify(source);
    const known = found.get(key) ?? inputs.find(owner, source);
    found.set(key, known);
    return known;
  };
}

/** @throws ServiceError 40004 | 42207 */
async function assertWebhook(
  { checkWebhook }: SubmissionParts,
  { webhook_url, webhook_secret }: TaskSubmission,
): Promise<void> {
  if (webhook_url !== undefined) return checkWebhook(webhook_url);
  if (webhook_secret === undefined) return;
  const message = 'webhook_secret signs what is sent to webhook_url; give that too, or leave both out.';
  throw new ServiceError(42207, { message, field: 'webhook_secret' });
}

/** @throws ServiceError 40401 | 42207 for one that can never complete */
function assertDependencies(store: Store, owner: string, depends_on: readonly string[]): void {
  for (const task_id of depends_on) {
    const task = store.tasks.find(task_id);
    if (task?.owner !== owner) {
      const message = `depends_on names the task ${task_id}, which does not exist.`;
      throw new ServiceError(40401, { message, field: 'depends_on', task_id });
    }
    if (!isFinalStatus(task.status) || task.status === 'COMPLETED') continue;
    const message = `depends_on names the task ${task_id}, which ended as ${task.status}: this task could never start.`;
    throw new ServiceError(42207, { message, field: 'depends_on', task_id, status: task.status });
  }
}

/** @throws ServiceError 50301 | 50304 */
function assertAvailable(
  model: Pick<Model, 'id' | 'is_available' | 'unavailable_reason'>,
  task_type: TaskType,
  reason: string | null,
): void {
  if (reason !== null) throw new ServiceError(50301, { message: reason, reason, task_type });
  if (model.is_available) return;
  const message = model.unavailable_reason ?? `The file of the model ${model.id} is not there.`;
  throw new ServiceError(50304, { message, reason: message, model: model.id });
}

function toNewTask(
  { owner, key_id }: Caller,
  submission: TaskSubmission,
  { source, name: structure_name, geometry }: FoundStructure,
): Omit<NewTask, 'batch_id' | 'retry_of' | 'created_at' | 'input_sha256' | 'webhook_secret'> {
  return {
    task_id: createId('task'),
    owner,
    key_id,
    task_type: submission.task_type,
    model: submission.model,
    with_d3: submission.with_d3,
    parameters: submission.parameters,
    structure_source: source,
    structure_name,
    n_atoms: geometry?.summary.n_atoms ?? null,
    formula: geometry?.summary.formula ?? null,
    name: submission.name ?? null,
    tags: [...new Set(submission.tags)],
    depends_on: [...new Set(submission.depends_on)],
    priority: submission.priority,
    max_attempts: submission.max_attempts,
    timeout_seconds: submission.timeout ?? null,
    webhook_url: submission.webhook_url ?? null,
  };
}

/** The code is that of the first; `errors` names each by its index in the request. */
export function batchError(failed: readonly { index: number; error: ServiceError }[]): ServiceError {
  const [first] = failed;
  if (first === undefined) throw new Error('A batch without a failure has no error.');
  const errors = failed.slice(0, MAX_ERRORS_TOLD).map(({ index, error }) => {
    return { index, code: error.code, message: sentenceOf(error), details: error.details };
  });
  const message = `Nothing was submitted: ${failed.length} of the tasks cannot be accepted. tasks.${first.index}: ${sentenceOf(first.error)}`;
  return new ServiceError(first.error.code, { message, errors, n_errors: failed.length });
}

export function sentenceOf({ details, message }: ServiceError): string {
  return typeof details.message === 'string' ? details.message : message;
}

function nth<Item>(items: readonly Item[], i: number): Item {
  const item = items[i];
  if (item === undefined) throw new Error(`There is no item ${i}.`);
  return item;
}
