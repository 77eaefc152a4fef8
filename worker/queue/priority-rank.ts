// The rank of a priority: CRITICAL 3 .. LOW 0, as the generated column of the table has it.
import { prioritySchema } from '../../contracts/task.ts';
import type { Priority } from '../../contracts/task.ts';

export function rankOf(priority: Priority): number {
  return prioritySchema.options.length - 1 - prioritySchema.options.indexOf(priority);
}
