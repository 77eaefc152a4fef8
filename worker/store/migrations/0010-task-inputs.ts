// The structure that a task got is a file named by its content, and the task's row names it: nothing is written for a task
// before its row is there.
export const sql = `
-- SHA-256 of the file, hex; null where the structure lies in the task's folder, or comes from another task.
ALTER TABLE tasks ADD COLUMN input_sha256 TEXT;

-- How many tasks need each file.
CREATE TABLE task_inputs (
  sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
  n      INTEGER NOT NULL CHECK (n >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER input_needed AFTER INSERT ON tasks WHEN NEW.input_sha256 IS NOT NULL BEGIN
  INSERT INTO task_inputs VALUES (NEW.input_sha256, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER input_let_go AFTER DELETE ON tasks WHEN OLD.input_sha256 IS NOT NULL BEGIN
  UPDATE task_inputs SET n = n - 1 WHERE sha256 = OLD.input_sha256;
  DELETE FROM task_inputs WHERE sha256 = OLD.input_sha256 AND n = 0;
END;
`;
