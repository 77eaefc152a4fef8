// Tasks whose priority or tags change while they exist: the sums that are kept of them change along.
export const sql = `
CREATE TRIGGER tasks_reprioritized AFTER UPDATE OF priority ON tasks WHEN OLD.priority <> NEW.priority BEGIN
  UPDATE task_counts SET n = n - 1
   WHERE owner = OLD.owner AND status = OLD.status AND task_type = OLD.task_type AND model = OLD.model
     AND priority = OLD.priority
     AND tag IN (SELECT '' UNION ALL SELECT tag FROM task_tags WHERE submitted_order = OLD.submitted_order);
  INSERT INTO task_counts
  SELECT NEW.owner, tag, NEW.status, NEW.task_type, NEW.model, NEW.priority, 1
    FROM (SELECT '' AS tag UNION ALL SELECT tag FROM task_tags WHERE submitted_order = NEW.submitted_order) WHERE true
    ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER queued_work_reprioritized AFTER UPDATE OF priority ON tasks
  WHEN OLD.priority <> NEW.priority AND OLD.status = 'QUEUED' BEGIN
  UPDATE queued_work SET n = n - 1, work = work - coalesce(OLD.work, 0)
   WHERE fair_key = OLD.fair_key AND priority_rank = OLD.priority_rank AND model = OLD.model AND task_type = OLD.task_type
     AND with_d3 = OLD.with_d3 AND size_class = OLD.size_class;
  DELETE FROM queued_work
   WHERE n = 0 AND fair_key = OLD.fair_key AND priority_rank = OLD.priority_rank AND model = OLD.model
     AND task_type = OLD.task_type AND with_d3 = OLD.with_d3 AND size_class = OLD.size_class;
  INSERT INTO queued_work VALUES (NEW.fair_key, NEW.priority_rank, NEW.model, NEW.task_type, NEW.with_d3, NEW.size_class, 1,
                                  coalesce(NEW.work, 0))
    ON CONFLICT DO UPDATE SET n = n + 1, work = work + excluded.work;
END;

-- Finds no task, and so counts nothing, when the tag goes with its task: that one has been uncounted before.
CREATE TRIGGER tags_uncounted AFTER DELETE ON task_tags BEGIN
  UPDATE task_counts SET n = n - 1
   WHERE tag = OLD.tag
     AND (owner, status, task_type, model, priority) =
         (SELECT owner, status, task_type, model, priority FROM tasks WHERE submitted_order = OLD.submitted_order);
END;
`;
