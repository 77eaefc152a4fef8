// Makes a machine with GPUs for a test: two programs and the file that they report. The computations are real ones, on the CPU.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readState, writeState } from './gpu-machine-state.ts';
import type { MachineGpu, MachineState } from './gpu-machine-state.ts';
import { uuidOf } from './devices.ts';

export interface GpuMachine {
  nvidiaSmiPath: string;
  kernelPath: string;
  change(change: (state: MachineState) => void): void;
  /** UUIDs that each start of the kernel could open, in order. */
  opened(): string[][];
}

/** @param innerKernel the program that computes; POSIX only */
export function createGpuMachine(folder: string, nGpus: number, innerKernel: string): GpuMachine {
  const state = join(folder, 'gpus.json');
  const log = join(folder, 'opened.log');
  writeState(state, { gpus: Array.from({ length: nGpus }, (_, i) => gpu(i)), processes: [], is_driver_gone: false });
  writeFileSync(log, '');
  return {
    nvidiaSmiPath: program(folder, 'nvidia-smi', 'nvidia-smi.ts', [state]),
    kernelPath: program(folder, 'gpu-kernel', 'gpu-kernel.ts', [state, log, innerKernel]),
    change: (change) => {
      const changed = readState(state);
      change(changed);
      writeState(state, changed);
    },
    opened: () => {
      const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
      return lines.map((line) => z.array(z.string()).parse(JSON.parse(line)));
    },
  };
}

function gpu(index: number): MachineGpu {
  const figures = { memory_used_mb: 300, memory_total_mb: 24_576, temperature_c: 41, ecc_errors: 0 };
  return { uuid: uuidOf(index), name: 'NVIDIA GeForce RTX 3090', ...figures, is_lost: false };
}

function program(folder: string, name: string, source: string, args: readonly string[]): string {
  const path = join(folder, name);
  const command = [process.execPath, join(import.meta.dirname, source), ...args].map((part) => `'${part}'`).join(' ');
  writeFileSync(path, `#!/bin/sh\nexec ${command} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}
