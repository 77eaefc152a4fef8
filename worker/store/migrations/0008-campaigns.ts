// Campaigns: structures x tasks x models as one submission. The tasks belong to it by their batch_id.
export const sql = `
CREATE TABLE campaigns (
  campaign_order INTEGER PRIMARY KEY AUTOINCREMENT,
  campaign_id    TEXT NOT NULL UNIQUE,
  owner          TEXT NOT NULL REFERENCES users (user_id),
  -- null: the window, not a key
  key_id         TEXT,
  name           TEXT NOT NULL,
  -- RECEIVING: its structures are being written, nobody was told of it; CANCELLED: no further cell is submitted
  state          TEXT NOT NULL CHECK (state IN ('RECEIVING', 'ACTIVE', 'CANCELLED')),
  tasks          TEXT NOT NULL,
  models         TEXT NOT NULL,
  -- with_d3, priority, timeout, max_attempts, tags: the same for every task
  shared         TEXT NOT NULL,
  n_structures   INTEGER NOT NULL CHECK (n_structures > 0),
  created_at     TEXT NOT NULL
) STRICT;
CREATE INDEX campaigns_newest ON campaigns (owner, campaign_order DESC);

CREATE TABLE campaign_structures (
  campaign_id     TEXT NOT NULL REFERENCES campaigns (campaign_id) ON DELETE CASCADE,
  structure_index INTEGER NOT NULL,
  name            TEXT NOT NULL,
  -- null: it could not be sent
  source          TEXT,
  PRIMARY KEY (campaign_id, structure_index),
  UNIQUE (campaign_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaign_cells (
  campaign_id      TEXT NOT NULL REFERENCES campaigns (campaign_id) ON DELETE CASCADE,
  structure_index  INTEGER NOT NULL,
  task_index       INTEGER NOT NULL,
  model_index      INTEGER NOT NULL,
  -- null: not submitted; the task may have been deleted since
  task_id          TEXT,
  earlier_task_ids TEXT NOT NULL DEFAULT '[]',
  -- why it cannot be computed
  refusal          TEXT,
  -- key figures of the result, once they have been read
  outcome          TEXT,
  PRIMARY KEY (campaign_id, structure_index, task_index, model_index),
  CHECK (task_id IS NULL OR refusal IS NULL),
  CHECK (outcome IS NULL OR task_id IS NOT NULL)
) STRICT, WITHOUT ROWID;
-- what is submitted next
CREATE INDEX campaign_cells_open ON campaign_cells (campaign_id, structure_index, task_index, model_index)
  WHERE task_id IS NULL AND refusal IS NULL;
CREATE INDEX campaign_cells_of_task ON campaign_cells (task_id) WHERE task_id IS NOT NULL;

CREATE TABLE campaign_references (
  campaign_id    TEXT NOT NULL REFERENCES campaigns (campaign_id) ON DELETE CASCADE,
  structure_name TEXT NOT NULL,
  quantity       TEXT NOT NULL,
  value          REAL NOT NULL,
  PRIMARY KEY (campaign_id, structure_name, quantity)
) STRICT, WITHOUT ROWID;
`;
