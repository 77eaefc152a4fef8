// Which waiting tasks a slot computes at the same time, on one kernel. Pure.
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { TasksPerGroup } from '../../contracts/system.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import type { ClaimCandidate } from '../store/queued-work.ts';
import type { TaskRow } from '../store/tasks.ts';
import type { SlotPlan } from './slot-plan.ts';

/** What the members of a group take together. */
export interface GroupLimits {
  n_tasks: number;
  n_atoms: number;
}

/** On a GPU enough to fill it, and no more than seconds of work; on the CPU as much as one task of a large cell. */
const MOST_ATOMS_TOGETHER = { gpu: 16_384, cpu: 1_024 };
/** Of one task. MOF-5 has 424 in its conventional cell; larger ones fill a device by themselves. */
const MOST_ATOMS_OF_ONE = 512;
/** Of an optimization: what may take minutes is not worth others' waiting for it, nor going without a checkpoint. */
const MOST_STEPS = 1000;
/** Their calculation is one request of the kernel, and alike tasks differ in their structures only. */
const GROUPED_TYPES: readonly TaskType[] = ['optimization', 'single-point-energy'];

export function groupLimits(tasks_per_group: TasksPerGroup, { gpu_uuid }: Pick<SlotPlan, 'gpu_uuid'>): GroupLimits {
  const kind = gpu_uuid === null ? 'cpu' : 'gpu';
  return { n_tasks: tasks_per_group[kind], n_atoms: MOST_ATOMS_TOGETHER[kind] };
}

const effortSchema = z.object({ max_steps: z.number().default(0) });

type Described = Pick<
  ClaimCandidate,
  | 'task_type'
  | 'model'
  | 'with_d3'
  | 'n_atoms'
  | 'parameters'
  | 'attempts'
  | 'max_attempts'
  | 'computed_seconds'
  | 'timeout_seconds'
>;

export interface GroupPlan {
  first: TaskRow;
  /** In the order of service. */
  behind: readonly ClaimCandidate[];
  limits: GroupLimits;
  /** Free slots that could compute them as well: each gets its part. */
  n_slots: number;
  /** Is there memory for the first one and these? */
  fits: (members: readonly ClaimCandidate[]) => boolean;
}

/** @returns those that are computed with the first one; [] = it is computed alone */
export function planGroup({ first, behind, limits, n_slots, fits }: GroupPlan): ClaimCandidate[] {
  // Its row counts the attempt that it has just been claimed for.
  if (!mayShare({ ...first, attempts: first.attempts - 1 })) return [];
  const alike = behind.filter((candidate) => mayShare(candidate) && areAlike(first, candidate));
  const n_tasks = Math.min(limits.n_tasks, Math.ceil((alike.length + 1) / n_slots));
  const members: ClaimCandidate[] = [];
  let n_atoms = first.n_atoms ?? 0;
  for (const candidate of alike) {
    n_atoms += candidate.n_atoms ?? 0;
    if (members.length + 1 >= n_tasks || n_atoms > limits.n_atoms || !fits([...members, candidate])) break;
    members.push(candidate);
  }
  return members;
}

/**
 * Small, without a limit of time of its own, and nothing has happened to it yet: what has lost a process, or has a checkpoint, is
 * computed alone. One that has a single attempt does not stake it on others.
 */
function mayShare(task: Described): boolean {
  const isNew = task.attempts === 0 && task.computed_seconds === 0 && task.max_attempts > 1;
  const isSmall = task.n_atoms !== null && task.n_atoms <= MOST_ATOMS_OF_ONE;
  const { max_steps } = effortSchema.parse(task.parameters);
  return isNew && isSmall && task.timeout_seconds === null && isGrouped(task) && max_steps <= MOST_STEPS;
}

function isGrouped({ task_type }: Described): boolean {
  return GROUPED_TYPES.includes(task_type);
}

function areAlike(a: Described, b: Described): boolean {
  const { task_type, model, with_d3, parameters } = a;
  return (
    task_type === b.task_type &&
    model === b.model &&
    with_d3 === b.with_d3 &&
    isDeepStrictEqual(parameters, b.parameters)
  );
}
