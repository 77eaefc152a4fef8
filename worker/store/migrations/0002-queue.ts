// Tasks that wait for each other, age, make room and time out; counts and sums that are kept instead of counted; settings.
export const sql = `
CREATE TABLE settings (
  name  TEXT NOT NULL PRIMARY KEY,
  -- JSON
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- tasks is built anew, because a column cannot lose its NOT NULL.
CREATE TABLE tasks_2 (
  submitted_order  INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id          TEXT NOT NULL UNIQUE,
  owner            TEXT NOT NULL REFERENCES users (user_id),
  -- null: the window, not a key
  key_id           TEXT,
  fair_key         TEXT NOT NULL GENERATED ALWAYS AS (coalesce(key_id, '')) VIRTUAL,
  task_type        TEXT NOT NULL,
  model            TEXT NOT NULL,
  with_d3          INTEGER NOT NULL DEFAULT 0 CHECK (with_d3 IN (0, 1)),
  parameters       TEXT NOT NULL,
  structure_source TEXT NOT NULL,
  structure_name   TEXT NOT NULL,
  -- null until the task that the structure comes from has ended
  n_atoms          INTEGER CHECK (n_atoms > 0),
  formula          TEXT,
  -- what the time of computation is proportional to; unit: that of its type
  work             REAL CHECK (work > 0),
  -- two classes per doubling of the work; -1 while it is unknown
  size_class       INTEGER NOT NULL DEFAULT -1,
  name             TEXT,
  -- lower case: name and structure_name
  search_text      TEXT NOT NULL,
  tags             TEXT NOT NULL DEFAULT '[]',
  depends_on       TEXT NOT NULL DEFAULT '[]',
  batch_id         TEXT,
  retry_of         TEXT,
  priority         TEXT NOT NULL CHECK (priority IN ('CRITICAL', 'HIGH', 'NORMAL', 'LOW')),
  priority_rank    INTEGER NOT NULL GENERATED ALWAYS AS
                   (CASE priority WHEN 'CRITICAL' THEN 3 WHEN 'HIGH' THEN 2 WHEN 'NORMAL' THEN 1 ELSE 0 END) STORED,
  status           TEXT NOT NULL CHECK (status IN
                   ('PENDING', 'QUEUED', 'ASSIGNED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT')),
  stage            TEXT,
  progress         REAL NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  attempts         INTEGER NOT NULL DEFAULT 0,
  max_attempts     INTEGER NOT NULL CHECK (max_attempts > 0),
  preemptions      INTEGER NOT NULL DEFAULT 0,
  is_parked        INTEGER NOT NULL DEFAULT 0 CHECK (is_parked IN (0, 1)),
  slot_id          TEXT,
  device           TEXT,
  gpu_id           INTEGER,
  timeout_seconds  REAL CHECK (timeout_seconds > 0),
  -- computation of the attempts before this one, and of this one so far
  computed_seconds REAL NOT NULL DEFAULT 0 CHECK (computed_seconds >= 0),
  attempt_seconds  REAL NOT NULL DEFAULT 0 CHECK (attempt_seconds >= 0),
  -- the part of computed_seconds that a checkpoint brought into this attempt
  resumed_seconds  REAL NOT NULL DEFAULT 0 CHECK (resumed_seconds >= 0),
  webhook_url      TEXT,
  webhook_secret   TEXT,
  -- Grows with every event of the task, stored or not, so that a client can resume after the last one it saw.
  event_sequence   INTEGER NOT NULL DEFAULT 0,
  created_at       TEXT NOT NULL,
  queued_at        TEXT,
  -- by the clock of the queue, which no change of the machine's clock turns back, ms
  queue_time       INTEGER,
  not_before       INTEGER,
  started_at       TEXT,
  finished_at      TEXT,
  execution_time_seconds REAL,
  peak_gpu_memory_MB REAL,
  avg_step_time_ms REAL,
  error            TEXT,
  CHECK ((status IN ('COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT')) = (finished_at IS NOT NULL)),
  CHECK (status NOT IN ('ASSIGNED', 'RUNNING') OR slot_id IS NOT NULL),
  CHECK (status NOT IN ('QUEUED', 'ASSIGNED', 'RUNNING') OR (queued_at IS NOT NULL AND queue_time IS NOT NULL)),
  CHECK (status <> 'RUNNING' OR started_at IS NOT NULL),
  CHECK (status <> 'COMPLETED' OR execution_time_seconds IS NOT NULL),
  CHECK (status <> 'FAILED' OR error IS NOT NULL),
  CHECK (error IS NULL OR status IN ('FAILED', 'TIMEOUT'))
) STRICT;

INSERT INTO tasks_2 (submitted_order, task_id, owner, task_type, model, parameters, structure_source, structure_name, n_atoms,
                     formula, work, size_class, search_text, priority, status, progress, attempts, max_attempts, slot_id, device,
                     gpu_id, event_sequence, created_at, queued_at, queue_time, started_at, finished_at,
                     execution_time_seconds, error)
SELECT submitted_order, task_id, owner, task_type, model, parameters, structure_source, structure_name, n_atoms,
       formula, n_atoms, CAST(floor(2 * log2(n_atoms)) AS INTEGER), lower(structure_name), priority, status, progress,
       attempts, max_attempts, slot_id, device, gpu_id, event_sequence, created_at,
       CASE WHEN status = 'PENDING' THEN NULL ELSE created_at END,
       CASE WHEN status = 'PENDING' THEN NULL ELSE CAST(round(unixepoch(created_at, 'subsec') * 1000) AS INTEGER) END,
       started_at, finished_at, execution_time_seconds, error
  FROM tasks;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'tasks') WHERE name = 'tasks_2';
DROP TABLE tasks;
ALTER TABLE tasks_2 RENAME TO tasks;

-- claim: one stream per key and priority, each in the order of service
CREATE INDEX tasks_waiting ON tasks (fair_key, priority_rank, queue_time, submitted_order) WHERE status = 'QUEUED';
-- place in the queue: everything of one priority that came before. It answers alone: the status is in it because conditions name
-- it, and the priority itself because SQLite looks at the row for every column that is generated
CREATE INDEX tasks_places ON tasks (priority, queue_time, submitted_order, status) WHERE status = 'QUEUED';
-- waiting tasks whose next attempt is put off
CREATE INDEX tasks_delayed ON tasks (not_before) WHERE status = 'QUEUED' AND not_before IS NOT NULL;
-- reconcile, fairness, preemption: what occupies the slots
CREATE INDEX tasks_active ON tasks (status) WHERE status IN ('PENDING', 'ASSIGNED', 'RUNNING');
-- list: newest first; all that the filters ask for lies in the index, so that a rare combination costs no look at the rows
CREATE INDEX tasks_newest ON tasks (owner, submitted_order DESC, status, task_type, model, priority, created_at);
-- list: newest first of one status
CREATE INDEX tasks_listed ON tasks (owner, status, submitted_order DESC, task_type, model, priority, created_at);
-- list: newest first of a span of time
CREATE INDEX tasks_created ON tasks (owner, created_at DESC, submitted_order DESC, status, task_type, model, priority);
-- list: part of a name
CREATE INDEX tasks_searched ON tasks (owner, submitted_order DESC, search_text, status, task_type, model, priority, created_at);
CREATE INDEX tasks_of_batch ON tasks (batch_id, submitted_order DESC) WHERE batch_id IS NOT NULL;

CREATE TABLE task_tags (
  tag             TEXT NOT NULL,
  submitted_order INTEGER NOT NULL REFERENCES tasks (submitted_order) ON DELETE CASCADE,
  PRIMARY KEY (tag, submitted_order)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_of_task ON task_tags (submitted_order);

CREATE TABLE task_dependencies (
  task_id    TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
  -- A dependency that was removed had ended, and what waited for it has gone on or failed.
  depends_on TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
  PRIMARY KEY (task_id, depends_on)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependants ON task_dependencies (depends_on);

-- The latest measured times of each kind and size of task.
CREATE TABLE task_measurements (
  measured_order INTEGER PRIMARY KEY,
  model      TEXT NOT NULL,
  task_type  TEXT NOT NULL,
  with_d3    INTEGER NOT NULL,
  -- 'cpu', or the UUID of the GPU
  slot_id    TEXT NOT NULL,
  size_class INTEGER NOT NULL,
  work       REAL NOT NULL CHECK (work > 0),
  seconds    REAL NOT NULL CHECK (seconds >= 0)
) STRICT;
CREATE INDEX measurements_of_kind ON task_measurements (model, task_type, with_d3, size_class, measured_order DESC, slot_id, work,
                                                        seconds);

INSERT INTO task_measurements (model, task_type, with_d3, slot_id, size_class, work, seconds)
SELECT model, task_type, 0, coalesce(slot_id, 'cpu'), size_class, work, execution_time_seconds
  FROM (SELECT *, row_number() OVER (PARTITION BY model, task_type, size_class ORDER BY submitted_order DESC) AS age FROM tasks
         WHERE status = 'COMPLETED')
 WHERE age <= 32 ORDER BY submitted_order;

-- How many tasks there are of each sort; tag '' counts all, other tags those that have it.
CREATE TABLE task_counts (
  owner     TEXT NOT NULL,
  tag       TEXT NOT NULL,
  status    TEXT NOT NULL,
  task_type TEXT NOT NULL,
  model     TEXT NOT NULL,
  priority  TEXT NOT NULL,
  n         INTEGER NOT NULL CHECK (n >= 0),
  PRIMARY KEY (owner, tag, status, task_type, model, priority)
) STRICT, WITHOUT ROWID;

INSERT INTO task_counts
SELECT owner, '', status, task_type, model, priority, count(*) FROM tasks GROUP BY owner, status, task_type, model, priority;

CREATE TRIGGER tasks_counted AFTER INSERT ON tasks BEGIN
  INSERT INTO task_counts VALUES (NEW.owner, '', NEW.status, NEW.task_type, NEW.model, NEW.priority, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tags_counted AFTER INSERT ON task_tags BEGIN
  INSERT INTO task_counts SELECT owner, NEW.tag, status, task_type, model, priority, 1 FROM tasks
                           WHERE submitted_order = NEW.submitted_order
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tasks_recounted AFTER UPDATE OF status ON tasks WHEN OLD.status <> NEW.status BEGIN
  UPDATE task_counts SET n = n - 1
   WHERE owner = OLD.owner AND status = OLD.status AND task_type = OLD.task_type AND model = OLD.model
     AND priority = OLD.priority
     AND tag IN (SELECT '' UNION ALL SELECT tag FROM task_tags WHERE submitted_order = OLD.submitted_order);
  DELETE FROM task_counts
   WHERE n = 0 AND owner = OLD.owner AND status = OLD.status AND task_type = OLD.task_type AND model = OLD.model
     AND priority = OLD.priority
     AND tag IN (SELECT '' UNION ALL SELECT tag FROM task_tags WHERE submitted_order = OLD.submitted_order);
  INSERT INTO task_counts
  SELECT NEW.owner, tag, NEW.status, NEW.task_type, NEW.model, NEW.priority, 1
    FROM (SELECT '' AS tag UNION ALL SELECT tag FROM task_tags WHERE submitted_order = NEW.submitted_order) WHERE true
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tasks_uncounted BEFORE DELETE ON tasks BEGIN
  UPDATE task_counts SET n = n - 1
   WHERE owner = OLD.owner AND status = OLD.status AND task_type = OLD.task_type AND model = OLD.model
     AND priority = OLD.priority
     AND tag IN (SELECT '' UNION ALL SELECT tag FROM task_tags WHERE submitted_order = OLD.submitted_order);
  DELETE FROM task_counts
   WHERE n = 0 AND owner = OLD.owner AND status = OLD.status AND task_type = OLD.task_type AND model = OLD.model
     AND priority = OLD.priority
     AND tag IN (SELECT '' UNION ALL SELECT tag FROM task_tags WHERE submitted_order = OLD.submitted_order);
END;

-- What waits, summed by kind and size: streams for the claim, work for the estimates.
CREATE TABLE queued_work (
  fair_key      TEXT NOT NULL,
  priority_rank INTEGER NOT NULL,
  model         TEXT NOT NULL,
  task_type     TEXT NOT NULL,
  with_d3       INTEGER NOT NULL,
  size_class    INTEGER NOT NULL,
  n             INTEGER NOT NULL CHECK (n >= 0),
  work          REAL NOT NULL,
  PRIMARY KEY (fair_key, priority_rank, model, task_type, with_d3, size_class)
) STRICT, WITHOUT ROWID;

INSERT INTO queued_work
SELECT fair_key, priority_rank, model, task_type, with_d3, size_class, count(*), total(work) FROM tasks
 WHERE status = 'QUEUED' GROUP BY fair_key, priority_rank, model, task_type, with_d3, size_class;

CREATE TRIGGER work_inserted AFTER INSERT ON tasks WHEN NEW.status = 'QUEUED' BEGIN
  INSERT INTO queued_work VALUES (NEW.fair_key, NEW.priority_rank, NEW.model, NEW.task_type, NEW.with_d3, NEW.size_class, 1,
                                  coalesce(NEW.work, 0))
    ON CONFLICT DO UPDATE SET n = n + 1, work = work + excluded.work;
END;
CREATE TRIGGER work_left AFTER UPDATE OF status, work, size_class ON tasks WHEN OLD.status = 'QUEUED' BEGIN
  UPDATE queued_work SET n = n - 1, work = work - coalesce(OLD.work, 0)
   WHERE fair_key = OLD.fair_key AND priority_rank = OLD.priority_rank AND model = OLD.model AND task_type = OLD.task_type
     AND with_d3 = OLD.with_d3 AND size_class = OLD.size_class;
  -- A sum of no terms is exactly nothing: what rounding left goes with the row.
  DELETE FROM queued_work
   WHERE n = 0 AND fair_key = OLD.fair_key AND priority_rank = OLD.priority_rank AND model = OLD.model
     AND task_type = OLD.task_type AND with_d3 = OLD.with_d3 AND size_class = OLD.size_class;
END;
CREATE TRIGGER work_joined AFTER UPDATE OF status, work, size_class ON tasks WHEN NEW.status = 'QUEUED' BEGIN
  INSERT INTO queued_work VALUES (NEW.fair_key, NEW.priority_rank, NEW.model, NEW.task_type, NEW.with_d3, NEW.size_class, 1,
                                  coalesce(NEW.work, 0))
    ON CONFLICT DO UPDATE SET n = n + 1, work = work + excluded.work;
END;
`;
