// What the lab submits: tasks of several kinds in a seeded order, some of which wait for another one or are cancelled.
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
  task('stability', 'MOF-5_primitive', { total_steps: 400, ensemble: 'NPT' }),
  task('bulk-modulus', 'ZIF-8_primitive', { num_points: 7 }),
  task('heat-capacity', 'MOF-5_primitive', { supercell: [1, 1, 1], mesh_length_A: 30 }),
  task('interaction-energy', 'MOF-5_primitive', { adsorbate: 'CH4', grid_spacing: 0.5 }),
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

function task(task_type: string, structure: string, parameters: Record<string, unknown>): TaskKind {
  return { name: `${task_type} ${structure} ${JSON.stringify(parameters)}`, task_type, structure, parameters };
}

function optimization(structure: string, parameters: Record<string, unknown>): TaskKind {
  return task('optimization', structure, parameters);
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

/** The result of a task without what belongs to this very task: its id, in the addresses of its files. */
export function comparableResult(result: Record<string, unknown>, task_id: string): unknown {
  return JSON.parse(JSON.stringify(result).replaceAll(task_id, 'this task'));
}
