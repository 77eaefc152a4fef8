// Keys with scopes, webhook deliveries with their attempts, and the audit log.
export const sql = `
ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT 'read' CHECK (scope IN ('read', 'submit', 'admin'));
ALTER TABLE api_keys ADD COLUMN revoked_at TEXT;
ALTER TABLE api_keys ADD COLUMN last_used_at TEXT;
-- Until now there was one key, and it could do everything.
UPDATE api_keys SET scope = 'admin', name = 'first key';

-- A delivery outlives its task: what was promised is sent even when the task has been deleted meanwhile. Hence no foreign
-- key, and everything that is sent lies in the row.
CREATE TABLE webhook_deliveries (
  created_order   INTEGER PRIMARY KEY AUTOINCREMENT,
  delivery_id     TEXT NOT NULL UNIQUE,
  owner           TEXT NOT NULL REFERENCES users (user_id),
  task_id         TEXT NOT NULL,
  event           TEXT NOT NULL CHECK (event IN
                  ('task.started', 'task.completed', 'task.failed', 'task.cancelled', 'task.timeout')),
  -- The delivery that this one repeats on demand; null for the one that the event itself made.
  redelivery_of   TEXT,
  url             TEXT NOT NULL,
  -- Scheme, host and port: what can be slow or down.
  receiver        TEXT NOT NULL,
  secret          TEXT,
  -- The body but for result_url, whose address is known when it is sent.
  facts           TEXT NOT NULL,
  status          TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
  n_attempts      INTEGER NOT NULL DEFAULT 0 CHECK (n_attempts >= 0),
  created_at      TEXT NOT NULL,
  next_attempt_at TEXT,
  CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
) STRICT;

-- Exactly one delivery for an event of a task, however often the task is tried.
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (task_id, event) WHERE redelivery_of IS NULL;
-- dispatch: when something is due, and the receivers with what is due for each
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_of_receiver ON webhook_deliveries (receiver, next_attempt_at, created_order)
  WHERE status = 'pending';
-- lists: newest first, of one status, of one task
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (owner, created_order DESC);
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (owner, status, created_order DESC);
CREATE INDEX webhook_deliveries_of_task ON webhook_deliveries (task_id, created_order DESC);
-- pruning: what ended long ago
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (created_at) WHERE status <> 'pending';

CREATE TABLE webhook_attempts (
  delivery_id TEXT NOT NULL REFERENCES webhook_deliveries (delivery_id) ON DELETE CASCADE,
  attempt     INTEGER NOT NULL CHECK (attempt > 0),
  timestamp   TEXT NOT NULL,
  http_status INTEGER,
  error       TEXT,
  duration_ms REAL NOT NULL,
  PRIMARY KEY (delivery_id, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_log (
  audit_id  INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp TEXT NOT NULL,
  -- No foreign key: the entry stays when the key is gone.
  key_id    TEXT,
  action    TEXT NOT NULL,
  target    TEXT NOT NULL,
  details   TEXT NOT NULL
) STRICT;
-- the last entry of a kind
CREATE INDEX audit_log_actions ON audit_log (action, audit_id DESC);
`;
