// Answers of which the document can say more than the route's own schema: what is in a result depends on the type of the task.
import { z } from 'zod';
import { taskEventSchema } from '../../../../contracts/event.ts';
import { taskResultSchema } from '../../../../contracts/task.ts';
import { TASK_TYPES, taskTypeSchema } from '../../../../contracts/task-types.ts';

export const EXACT_ANSWERS: Readonly<Record<string, z.ZodType | undefined>> = {
  getTaskResult: z.union(
    taskTypeSchema.options.map((task_type) =>
      taskResultSchema.extend({ task_type: z.literal(task_type), result: TASK_TYPES[task_type].result }),
    ),
  ),
  streamTaskEvents: taskEventSchema,
};
