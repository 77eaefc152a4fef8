// Queries on memory_measurements: what completed tasks took of their GPU.
import { z } from 'zod';
import type { TaskType } from '../../contracts/task-types.ts';
import type { Connection } from './open-database.ts';

const KEPT_OF_KIND = 64;

export interface MemoryKind {
  model: string;
  task_type: TaskType;
  with_d3: boolean;
}

const measurementSchema = z.object({ n_atoms: z.int(), peak_mb: z.number() });
export type MemoryMeasurement = z.infer<typeof measurementSchema>;

export interface MemoryMeasurementStore {
  add(kind: MemoryKind, measured: MemoryMeasurement): void;
  /** Those with a number of atoms from `least` to `most`. */
  between(kind: MemoryKind, least: number, most: number): MemoryMeasurement[];
}

export function createMemoryMeasurementStore(connection: Connection): MemoryMeasurementStore {
  const add = connection.prepare(
    `INSERT INTO memory_measurements (model, task_type, with_d3, n_atoms, peak_mb)
     VALUES (:model, :task_type, :with_d3, :n_atoms, :peak_mb)`,
  );
  const forget = connection.prepare(
    `DELETE FROM memory_measurements WHERE measured_order <= (
       SELECT measured_order FROM memory_measurements
        WHERE model = :model AND task_type = :task_type AND with_d3 = :with_d3
        ORDER BY measured_order DESC LIMIT 1 OFFSET ${KEPT_OF_KIND})
      AND model = :model AND task_type = :task_type AND with_d3 = :with_d3`,
  );
  const between = connection.prepare(
    `SELECT n_atoms, peak_mb FROM memory_measurements
      WHERE model = :model AND task_type = :task_type AND with_d3 = :with_d3 AND n_atoms BETWEEN :least AND :most`,
  );
  const kindOf = ({ model, task_type, with_d3 }: MemoryKind) => ({ model, task_type, with_d3: Number(with_d3) });
  return {
    add: (kind, { n_atoms, peak_mb }) => {
      add.run({ ...kindOf(kind), n_atoms, peak_mb });
      forget.run(kindOf(kind));
    },
    between: (kind, least, most) => z.array(measurementSchema).parse(between.all({ ...kindOf(kind), least, most })),
  };
}
