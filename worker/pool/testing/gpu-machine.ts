// Makes a machine with GPUs for a test: two programs and the files that they report. The computations are real ones, on the CPU.
import { randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { GPU_FIELDS, PROCESS_FIELDS } from '../nvidia-smi.ts';
import { uuidOf } from './devices.ts';
import { readState, writeState } from './gpu-machine-state.ts';
import type { MachineGpu, MachineState } from './gpu-machine-state.ts';

export interface GpuMachine {
  nvidiaSmiPath: string;
  kernelPath: string;
  change(change: (state: MachineState) => void): void;
  /** UUIDs that each start of the kernel could open, of those that were started after `watchStarts`. */
  opened(): string[][];
  /** Forgets the starts so far, also those that have not come to their first line. */
  watchStarts(): void;
}

/** As nvidia-smi of driver 550 says it. */
const DRIVER_IS_GONE =
  "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.";

/** @param innerKernel the program that computes; POSIX only */
export function createGpuMachine(folder: string, nGpus: number, innerKernel: string): GpuMachine {
  const stateFile = join(folder, 'gpus.json');
  let log = '';
  const report = (state: MachineState): void => {
    writeState(stateFile, state);
    reportAsNvidiaSmi(folder, state);
  };
  report({ gpus: Array.from({ length: nGpus }, (_, i) => gpu(i)), processes: [], is_driver_gone: false });
  const watchStarts = (): string => {
    log = join(folder, `opened-${randomUUID()}.log`);
    writeFileSync(log, '');
    const command = [process.execPath, join(import.meta.dirname, 'gpu-kernel.ts'), stateFile, log, innerKernel];
    return script(folder, 'gpu-kernel', `exec ${command.map((part) => `'${part}'`).join(' ')} "$@"`);
  };
  return {
    nvidiaSmiPath: script(
      folder,
      'nvidia-smi',
      `case "$*" in *compute-apps*) . ./processes.sh ;; *) . ./gpus.sh ;; esac`,
    ),
    kernelPath: watchStarts(),
    watchStarts,
    change: (change) => {
      const state = readState(stateFile);
      change(state);
      report(state);
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

/** What nvidia-smi will answer to each of the two questions: lines, and how it ends. */
function reportAsNvidiaSmi(folder: string, { gpus, processes, is_driver_gone }: MachineState): void {
  const lost = gpus.findIndex(({ is_lost }) => is_lost);
  const address = `GPU${lost}: 0000:0${lost}:00.0`;
  const complaint = `Unable to determine the device handle for ${address}: GPU is lost. Reboot the system to recover this GPU`;
  const lines = gpus.flatMap((each, index) => (each.is_lost ? [] : lineOf(GPU_FIELDS, gpuFields(each, index))));
  const programs = processes.map(({ gpu_uuid, pid, name, memory_used_mb }) =>
    lineOf(PROCESS_FIELDS, { gpu_uuid, pid, process_name: name, used_memory: memory_used_mb }),
  );
  if (is_driver_gone) {
    for (const file of ['gpus.sh', 'processes.sh']) answer(folder, file, [DRIVER_IS_GONE], 9);
    return;
  }
  answer(folder, 'gpus.sh', lost === -1 ? lines : [...lines, complaint], lost === -1 ? 0 : 15);
  answer(folder, 'processes.sh', programs, 0);
}

function gpuFields(each: MachineGpu, index: number): Readonly<Record<string, string | number>> {
  return {
    index,
    uuid: each.uuid,
    name: each.name,
    'memory.used': each.memory_used_mb,
    'memory.total': each.memory_total_mb,
    'utilization.gpu': 0,
    'temperature.gpu': each.temperature_c,
    'power.draw': '24.51',
    'ecc.errors.uncorrected.volatile.total': each.ecc_errors,
  };
}

function lineOf(names: readonly string[], fields: Readonly<Record<string, string | number>>): string {
  return names.map((name) => fields[name] ?? '[N/A]').join(', ');
}

/** In one piece: it may be read at any moment. */
function answer(folder: string, file: string, lines: readonly string[], code: number): void {
  const path = join(folder, file);
  writeFileSync(`${path}.tmp`, `cat <<'END'\n${lines.join('\n')}\nEND\nexit ${code}\n`);
  renameSync(`${path}.tmp`, path);
}

function script(folder: string, name: string, command: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\ncd '${folder}'\n${command}\n`);
  chmodSync(path, 0o755);
  return path;
}
