// Users, keys, structures, tasks and their history.
export const sql = `
CREATE TABLE users (
  user_id    TEXT NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

-- A single-user installation has this one row; every other table names its owner all the same.
INSERT INTO users VALUES ('local', 'local user', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));

CREATE TABLE api_keys (
  key_id     TEXT NOT NULL PRIMARY KEY,
  owner      TEXT NOT NULL REFERENCES users (user_id),
  -- SHA-256 of a random 256-bit key: nothing to guess, so nothing slower is needed.
  sha256     BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
  created_at TEXT NOT NULL,
  expires_at TEXT
) STRICT;

CREATE TABLE structures (
  file_id    TEXT NOT NULL PRIMARY KEY,
  owner      TEXT NOT NULL REFERENCES users (user_id),
  filename   TEXT NOT NULL,
  format     TEXT NOT NULL CHECK (format IN ('cif', 'xyz', 'poscar')),
  size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
  sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
  n_atoms    INTEGER NOT NULL CHECK (n_atoms > 0),
  summary    TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE tasks (
  submitted_order  INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id          TEXT NOT NULL UNIQUE,
  owner            TEXT NOT NULL REFERENCES users (user_id),
  task_type        TEXT NOT NULL,
  model            TEXT NOT NULL,
  parameters       TEXT NOT NULL,
  structure_source TEXT NOT NULL,
  structure_name   TEXT NOT NULL,
  n_atoms          INTEGER NOT NULL CHECK (n_atoms > 0),
  formula          TEXT NOT NULL,
  priority         TEXT NOT NULL CHECK (priority IN ('CRITICAL', 'HIGH', 'NORMAL', 'LOW')),
  priority_rank    INTEGER NOT NULL GENERATED ALWAYS AS
                   (CASE priority WHEN 'CRITICAL' THEN 3 WHEN 'HIGH' THEN 2 WHEN 'NORMAL' THEN 1 ELSE 0 END) STORED,
  status           TEXT NOT NULL CHECK (status IN
                   ('PENDING', 'QUEUED', 'ASSIGNED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT')),
  progress         REAL NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  attempts         INTEGER NOT NULL DEFAULT 0,
  max_attempts     INTEGER NOT NULL CHECK (max_attempts > 0),
  slot_id          TEXT,
  device           TEXT,
  gpu_id           INTEGER,
  -- Grows with every event of the task, stored or not, so that a client can resume after the last one it saw.
  event_sequence   INTEGER NOT NULL DEFAULT 0,
  created_at       TEXT NOT NULL,
  started_at       TEXT,
  finished_at      TEXT,
  execution_time_seconds REAL,
  error            TEXT,
  CHECK ((status IN ('COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT')) = (finished_at IS NOT NULL)),
  CHECK (status NOT IN ('ASSIGNED', 'RUNNING') OR slot_id IS NOT NULL),
  CHECK (status <> 'RUNNING' OR started_at IS NOT NULL),
  CHECK (status <> 'COMPLETED' OR execution_time_seconds IS NOT NULL),
  CHECK (status <> 'FAILED' OR error IS NOT NULL),
  CHECK (error IS NULL OR status IN ('FAILED', 'TIMEOUT'))
) STRICT;

-- claim: the waiting tasks in the order in which they are served
CREATE INDEX tasks_waiting ON tasks (priority_rank DESC, submitted_order) WHERE status = 'QUEUED';
-- reconcile and estimates: what occupies the slots
CREATE INDEX tasks_active ON tasks (status) WHERE status IN ('PENDING', 'ASSIGNED', 'RUNNING');
-- list: newest first
CREATE INDEX tasks_newest ON tasks (owner, submitted_order DESC);
-- list: newest first of one status
CREATE INDEX tasks_listed ON tasks (owner, status, submitted_order DESC);
-- estimates: what has been measured for a model and task type
CREATE INDEX tasks_measured ON tasks (model, task_type, submitted_order DESC) WHERE status = 'COMPLETED';

CREATE TABLE task_steps (
  task_id        TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
  sequence       INTEGER NOT NULL,
  step           INTEGER NOT NULL,
  energy_eV      REAL NOT NULL,
  max_force_eV_A REAL NOT NULL,
  volume_A3      REAL,
  PRIMARY KEY (task_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_logs (
  task_id   TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
  sequence  INTEGER NOT NULL,
  timestamp TEXT NOT NULL,
  level     TEXT NOT NULL,
  -- 0 DEBUG .. 4 CRITICAL: "this level and the graver ones" is a comparison.
  severity  INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 4),
  message   TEXT NOT NULL,
  context   TEXT NOT NULL,
  PRIMARY KEY (task_id, sequence)
) STRICT, WITHOUT ROWID;
`;
