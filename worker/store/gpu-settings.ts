// Queries on gpu_settings: every GPU that was ever seen, by UUID, and what its owner wants of it.
import { z } from 'zod';
import type { Connection } from './open-database.ts';

const flag = z
  .int()
  .min(0)
  .max(1)
  .transform((value) => value === 1);

const gpuSettingsRowSchema = z.object({
  uuid: z.string(),
  name: z.string(),
  gpu_index: z.int(),
  memory_total_mb: z.number(),
  is_enabled: flag,
  is_paused: flag,
  memory_limit_mb: z.number().nullable(),
  concurrency: z.int(),
});
export type GpuSettingsRow = z.infer<typeof gpuSettingsRowSchema>;
export type SeenGpu = Pick<GpuSettingsRow, 'uuid' | 'name' | 'gpu_index' | 'memory_total_mb'>;
export type WantedOfGpu = Pick<GpuSettingsRow, 'is_enabled' | 'is_paused' | 'memory_limit_mb' | 'concurrency'>;

export interface GpuSettingsStore {
  all(): GpuSettingsRow[];
  /** Keeps the settings of a GPU that is known already. */
  see(gpu: SeenGpu, now: string): void;
  /** @returns false when no such GPU was ever seen */
  change(uuid: string, wanted: WantedOfGpu): boolean;
}

export function createGpuSettingsStore(connection: Connection): GpuSettingsStore {
  const all = connection.prepare('SELECT * FROM gpu_settings ORDER BY gpu_index, uuid');
  const see = connection.prepare(
    `INSERT INTO gpu_settings (uuid, name, gpu_index, memory_total_mb, last_seen_at)
     VALUES (:uuid, :name, :gpu_index, :memory_total_mb, :now)
     ON CONFLICT (uuid) DO UPDATE SET name = excluded.name, gpu_index = excluded.gpu_index,
                                      memory_total_mb = excluded.memory_total_mb, last_seen_at = excluded.last_seen_at`,
  );
  const change = connection.prepare(
    `UPDATE gpu_settings SET is_enabled = :is_enabled, is_paused = :is_paused, memory_limit_mb = :memory_limit_mb,
                             concurrency = :concurrency
      WHERE uuid = :uuid`,
  );
  return {
    all: () => z.array(gpuSettingsRowSchema).parse(all.all()),
    see: ({ uuid, name, gpu_index, memory_total_mb }, now) => {
      see.run({ uuid, name, gpu_index, memory_total_mb, now });
    },
    change: (uuid, { is_enabled, is_paused, memory_limit_mb, concurrency }) => {
      const flags = { is_enabled: Number(is_enabled), is_paused: Number(is_paused) };
      return change.run({ uuid, ...flags, memory_limit_mb, concurrency }).changes === 1;
    },
  };
}
