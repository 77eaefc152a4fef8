// GPUs that were seen with what their owner wants of them, memory that tasks took, alerts, and the models of users.
export const sql = `
CREATE TABLE gpu_settings (
  uuid            TEXT NOT NULL PRIMARY KEY,
  name            TEXT NOT NULL,
  -- Index at the last sight, as nvidia-smi counts.
  gpu_index       INTEGER NOT NULL CHECK (gpu_index >= 0),
  memory_total_mb REAL NOT NULL CHECK (memory_total_mb >= 0),
  is_enabled      INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
  is_paused       INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
  memory_limit_mb REAL CHECK (memory_limit_mb > 0),
  concurrency     INTEGER NOT NULL DEFAULT 1 CHECK (concurrency BETWEEN 1 AND 16),
  last_seen_at    TEXT NOT NULL
) STRICT;

-- GPU memory that tasks took at most: the latest ones of each kind.
CREATE TABLE memory_measurements (
  measured_order INTEGER PRIMARY KEY,
  model          TEXT NOT NULL,
  task_type      TEXT NOT NULL,
  with_d3        INTEGER NOT NULL CHECK (with_d3 IN (0, 1)),
  -- of the supercell that was computed
  n_atoms        INTEGER NOT NULL CHECK (n_atoms > 0),
  peak_mb        REAL NOT NULL CHECK (peak_mb >= 0)
) STRICT;
CREATE INDEX memory_of_kind ON memory_measurements (model, task_type, with_d3, n_atoms, peak_mb);

CREATE TABLE alerts (
  alert_id    TEXT NOT NULL PRIMARY KEY,
  rule        TEXT NOT NULL,
  severity    TEXT NOT NULL CHECK (severity IN ('warning', 'critical')),
  target      TEXT NOT NULL,
  -- The words are made from this when it is read, in the language of the reader.
  details     TEXT NOT NULL,
  fired_at    TEXT NOT NULL,
  resolved_at TEXT
) STRICT;
-- A rule is active once per target, or not at all.
CREATE UNIQUE INDEX alerts_active ON alerts (rule, target) WHERE resolved_at IS NULL;
CREATE INDEX alerts_by_time ON alerts (fired_at DESC);

CREATE TABLE models (
  -- Also on disks and in addresses that ignore case, two models differ.
  model_id   TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
  owner      TEXT NOT NULL REFERENCES users (user_id),
  -- Name of its file in the folder of models.
  file       TEXT NOT NULL UNIQUE,
  config     TEXT NOT NULL,
  size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
  sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
  created_at TEXT NOT NULL
) STRICT;
`;
