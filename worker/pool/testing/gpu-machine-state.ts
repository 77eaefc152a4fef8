// A machine with GPUs that exist only as a file: the stand-ins for nvidia-smi and for the kernel report what stands in it. A test
// changes the file, and both say something else from then on.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const gpuSchema = z.object({
  uuid: z.string(),
  name: z.string(),
  memory_used_mb: z.number(),
  memory_total_mb: z.number(),
  temperature_c: z.number(),
  ecc_errors: z.number(),
  /** Fallen off the bus. */
  is_lost: z.boolean(),
});

const stateSchema = z.object({
  /** By PCI address. */
  gpus: z.array(gpuSchema),
  processes: z.array(z.object({ gpu_uuid: z.string(), pid: z.number(), name: z.string(), memory_used_mb: z.number() })),
  is_driver_gone: z.boolean(),
});
export type MachineState = z.infer<typeof stateSchema>;
export type MachineGpu = MachineState['gpus'][number];

export function readState(file: string): MachineState {
  return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** In one piece: programs read it at any moment. */
export function writeState(file: string, state: MachineState): void {
  writeFileSync(`${file}.tmp`, JSON.stringify(state));
  renameSync(`${file}.tmp`, file);
}
