// What a user may change of a task that exists.
import type { TaskChanges } from '../../contracts/task.ts';
import type { Connection } from './open-database.ts';
import { searchText, taskRowSchema } from './task-row.ts';

export interface TaskChangesStore {
  /** What is not given stays. A priority changes only while the task waits. */
  change(task_id: string, changes: TaskChanges): void;
}

export function createTaskChangesStore(connection: Connection): TaskChangesStore {
  const find = connection.prepare('SELECT * FROM tasks WHERE task_id = ?');
  const rename = connection.prepare(
    'UPDATE tasks SET name = :name, search_text = :search_text WHERE task_id = :task_id',
  );
  const prioritize = connection.prepare(
    `UPDATE tasks SET priority = :priority WHERE task_id = :task_id AND status IN ('PENDING', 'QUEUED')`,
  );
  const tag = connection.prepare('UPDATE tasks SET tags = :tags WHERE task_id = :task_id');
  const forgetTags = connection.prepare('DELETE FROM task_tags WHERE submitted_order = ?');
  const insertTag = connection.prepare('INSERT INTO task_tags (tag, submitted_order) VALUES (?, ?)');

  const change = (task_id: string, { name, tags, priority }: TaskChanges): void => {
    const { submitted_order, structure_name } = taskRowSchema.parse(find.get(task_id));
    if (name !== undefined) rename.run({ task_id, name, search_text: searchText(name, structure_name) });
    if (priority !== undefined) prioritize.run({ task_id, priority });
    if (tags === undefined) return;
    const distinct = [...new Set(tags)];
    forgetTags.run(submitted_order);
    tag.run({ task_id, tags: JSON.stringify(distinct) });
    for (const each of distinct) insertTag.run(each, submitted_order);
  };
  const inTransaction = connection.transaction(change);
  return {
    change: (task_id, changes) => {
      inTransaction(task_id, changes);
    },
  };
}
