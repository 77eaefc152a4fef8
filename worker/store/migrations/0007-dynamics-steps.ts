// Steps of dynamics: a temperature, and no largest force.
export const sql = `
CREATE TABLE new_task_steps (
  task_id        TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
  sequence       INTEGER NOT NULL,
  step           INTEGER NOT NULL,
  energy_eV      REAL NOT NULL,
  max_force_eV_A REAL,
  volume_A3      REAL,
  temperature_k  REAL,
  PRIMARY KEY (task_id, sequence)
) STRICT, WITHOUT ROWID;
INSERT INTO new_task_steps SELECT task_id, sequence, step, energy_eV, max_force_eV_A, volume_A3, NULL FROM task_steps;
DROP TABLE task_steps;
ALTER TABLE new_task_steps RENAME TO task_steps;
`;
