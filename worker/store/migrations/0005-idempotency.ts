// Answers to submissions that carried an Idempotency-Key, and what finds structures by their content.
export const sql = `
CREATE TABLE idempotency_keys (
  owner           TEXT NOT NULL REFERENCES users (user_id),
  idempotency_key TEXT NOT NULL,
  request_sha256  BLOB NOT NULL CHECK (length(request_sha256) = 32),
  answer          TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  PRIMARY KEY (owner, idempotency_key)
) STRICT, WITHOUT ROWID;

-- forgetting: the oldest first
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- an inline structure that came before is not kept twice
CREATE INDEX structures_content ON structures (owner, sha256);
-- list: newest first
CREATE INDEX structures_newest ON structures (owner, created_at DESC, file_id);
`;
