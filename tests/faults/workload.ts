// What the lab submits: tasks of several kinds in a seeded order, some of which wait for another one or are cancelled.
import { z } from 'zod';
import type { Random } from './random.ts';

export interface TaskKind {
  name: string;
  task_type: string;
  structure: string;
  parameters: Record<string, unknown>;
}

export interface PlannedTask {
  kind: TaskKind;
  idempotency_key: string;
  priority: string;
  waitsForPrevious: boolean;
  isCancelled: boolean;
}

/** Of the real kernel: from 0.1 s to about 2 s on one core. */
export const REAL_KINDS: readonly TaskKind[] = [
  optimization('MOF-5_primitive', {}),
  optimization('MIL-47', { trajectory_interval: 7 }),
  optimization('ZIF-8_primitive', { optimizer: 'FIRE', max_steps: 400 }),
  optimization('HKUST-1_primitive', { optimizer: 'FIRE', fmax: 0.0001, max_steps: 600 }),
  optimization('Zn-MOF-74_primitive', { optimizer: 'MDMin', relax_cell: false, max_steps: 500 }),
  { name: 'energy', task_type: 'single-point-energy', structure: 'MOF-5_primitive', parameters: {} },
];

/** Of the stand-in, which never converges and takes some ms per step. */
export const STAND_IN_KINDS: readonly TaskKind[] = [
  optimization('rock-salt', { max_steps: 20 }),
  optimization('rock-salt', { max_steps: 100, trajectory_interval: 7 }),
  optimization('rock-salt', { max_steps: 200 }),
  { name: 'energy', task_type: 'single-point-energy', structure: 'rock-salt', parameters: {} },
];

/** All alike, and small: they are computed in groups. */
export const SMALL_REAL_KINDS: readonly TaskKind[] = [optimization('MIL-47', { fmax: 0.0001 })];
export const SMALL_STAND_IN_KINDS: readonly TaskKind[] = [optimization('rock-salt', { max_steps: 60 })];

function optimization(structure: string, parameters: Record<string, unknown>): TaskKind {
  return {
    name: `optimization ${structure} ${JSON.stringify(parameters)}`,
    task_type: 'optimization',
    structure,
    parameters,
  };
}

export function planWorkload(n_tasks: number, kinds: readonly TaskKind[], random: Random): PlannedTask[] {
  return Array.from({ length: n_tasks }, (_, i) => ({
    kind: random.choose(kinds),
    idempotency_key: `fault-run-${i}`,
    priority: random.choose(['HIGH', 'NORMAL', 'NORMAL', 'LOW']),
    waitsForPrevious: i > 0 && random.next() < 0.1,
    isCancelled: random.next() < 0.05,
  }));
}

/** The result of a task without what belongs to this very task. */
export function comparableResult(result: Record<string, unknown>): unknown {
  const { final_structure, ...rest } = result;
  if (final_structure === undefined) return rest;
  const { format, content } = z.object({ format: z.string(), content: z.string() }).parse(final_structure);
  return { ...rest, final_structure: { format, content } };
}
