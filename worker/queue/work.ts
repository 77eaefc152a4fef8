// How much there is to compute: a number that the time of a task is about proportional to, within one task type and model.
import { z } from 'zod';
import { supercellChoiceSchema } from '../../contracts/structure.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import type { Size } from '../store/tasks.ts';

/** Defaults only fill what a type does not have: the parameters of a stored task are complete. */
const effortSchema = z.object({
  /** Still `auto` only while the structure is not known: then there is no estimate anyway. */
  supercell: supercellChoiceSchema.transform((choice) => (choice === 'auto' ? [1, 1, 1] : choice)).default([1, 1, 1]),
  total_steps: z.number().default(1),
  equilibration_steps: z.number().default(0),
  num_points: z.number().default(1),
  num_orientations: z.number().default(1),
  grid_spacing: z.number().default(1),
  n_insertions: z.number().default(0),
  method: z.string().default(''),
  temperature_range: z.tuple([z.number(), z.number()]).default([0, 0]),
  temperature_step: z.number().default(1),
});

/** Between zeolites (about 20) and wide frameworks (40 and more). */
const VOLUME_PER_ATOM_A3 = 30;

/** Two size classes per doubling of the work. */
const CLASSES_PER_DOUBLING = 2;

/**
 * Number of atoms times the evaluations that are known beforehand: steps of dynamics, strained copies, displaced atoms,
 * grid points and orientations. An optimization's number of steps is not known, so there it is the atoms alone.
 */
export function sizeOf(
  task_type: TaskType,
  parameters: Readonly<Record<string, unknown>>,
  n_atoms: number | null,
): Size {
  if (n_atoms === null) return { work: null, size_class: -1 };
  const work = n_atoms * evaluationsOf(task_type, parameters, n_atoms);
  return { work, size_class: Math.max(0, Math.floor(CLASSES_PER_DOUBLING * Math.log2(work))) };
}

function evaluationsOf(task_type: TaskType, parameters: Readonly<Record<string, unknown>>, n_atoms: number): number {
  const effort = effortSchema.parse(parameters);
  const { supercell, total_steps, equilibration_steps, num_points, num_orientations, grid_spacing, n_insertions } =
    effort;
  const copies = supercell.reduce((product, repeats) => product * repeats, 1);
  switch (task_type) {
    case 'optimization':
    case 'single-point-energy':
      return 1;
    case 'stability':
      return copies * (total_steps + equilibration_steps);
    case 'bulk-modulus':
      return num_points;
    case 'heat-capacity': {
      const [from, to] = effort.temperature_range;
      const nTemperatures = 1 + Math.floor((to - from) / effort.temperature_step);
      const isDynamics = effort.method === 'md_fluctuation';
      return copies * (isDynamics ? nTemperatures * (total_steps + equilibration_steps) : n_atoms);
    }
    case 'interaction-energy':
      return (VOLUME_PER_ATOM_A3 * num_orientations) / grid_spacing ** 3 + n_insertions / n_atoms;
  }
}
