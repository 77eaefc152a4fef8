// What the lab submits: tasks of several kinds in a seeded order, some of which wait for another one or are cancelled.
import type { StructureSource } from '../../contracts/structure.ts';
import type { Random } from './random.ts';

export interface TaskKind {
  name: string;
  task_type: string;
  model: string;
  structure: StructureSource;
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
  task('single-point-energy', 'MOF-5_primitive', {}),
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
  task('single-point-energy', 'rock-salt', {}),
];

/** All alike, and small: they are computed in groups. */
export const SMALL_REAL_KINDS: readonly TaskKind[] = [optimization('MIL-47', { fmax: 0.0001 })];
export const SMALL_STAND_IN_KINDS: readonly TaskKind[] = [optimization('rock-salt', { max_steps: 60 })];

/** An imported model of the kernel's tests, of random weights: calculations are short, because they lead nowhere. */
export const MACE_MODEL = { id: 'small-mace', fixture: 'fixture-residual' } as const;
const HEADER = '6\nLattice="5.5 0 0 0.3 5.2 0 0 0.2 5.8" Properties=species:S:1:pos:R:3 pbc="T T T"\n';
const MOLECULES = `${HEADER}O 0.10 0.00 0.05
H 0.86 0.59 0.00
H -0.66 0.59 0.10
C 2.90 2.70 2.80
O 3.70 3.50 2.90
O 2.10 1.90 2.70
`;
/** Near to a point where the forces vanish; behind it the energy falls without end. */
const AT_REST = `${HEADER}O 0.234 0.000 0.068
H 0.544 0.420 -0.009
H -0.572 0.664 0.070
C 3.093 2.749 2.543
O 3.204 3.105 2.979
O 2.497 2.341 2.899
`;
export const MACE_KINDS: readonly TaskKind[] = [
  ofMace('optimization', MOLECULES, { optimizer: 'FIRE', relax_cell: false, max_steps: 60, trajectory_interval: 7 }),
  ofMace('optimization', MOLECULES, { optimizer: 'BFGS', relax_cell: false, max_steps: 12 }),
  ofMace('single-point-energy', MOLECULES, {}),
  ofMace('stability', AT_REST, {
    total_steps: 300,
    equilibration_steps: 20,
    relax_first: false,
    temperature_k: 20,
    timestep_fs: 0.5,
  }),
  ofMace('bulk-modulus', AT_REST, { num_points: 5, relax_first: false, max_steps: 5, strain_range: 0.02 }),
  ofMace('heat-capacity', AT_REST, { supercell: [1, 1, 1], mesh_length_A: 10, relax_first: false }),
  ofMace('interaction-energy', MOLECULES, {
    adsorbate: 'CO2',
    grid_spacing: 1,
    energy_source: 'model',
    n_insertions: 2000,
  }),
];

function task(task_type: string, name: string, parameters: Record<string, unknown>): TaskKind {
  const structure = { source: 'builtin' as const, name };
  return {
    name: `${task_type} ${name} ${JSON.stringify(parameters)}`,
    task_type,
    model: 'uff4mof',
    structure,
    parameters,
  };
}

function ofMace(task_type: string, content: string, parameters: Record<string, unknown>): TaskKind {
  const structure = { source: 'inline' as const, format: 'xyz' as const, content, name: 'molecules' };
  const { id: model } = MACE_MODEL;
  return { name: `${task_type} with ${model} ${JSON.stringify(parameters)}`, task_type, model, structure, parameters };
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
