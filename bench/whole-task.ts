// A whole task, from its start to its last file, on a kernel that is already there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Structure } from '../contracts/structure.ts';
import type { TaskType } from '../contracts/task-types.ts';
import { startKernel } from '../worker/kernel-client/kernel.ts';
import { Reporter } from '../worker/workflows/reporter.ts';
import { runTask } from '../worker/workflows/run-task.ts';
import { machineLoad, median, rounded } from './measurement.ts';
import type { Measurement } from './measurement.ts';

export interface WholeTask {
  kernelPath: string;
  kernelVersion: string;
  name: string;
  structure: Structure;
  task_type: TaskType;
  parameters: Record<string, unknown>;
  /** What is asked for, in a sentence. */
  goal: string;
}

const N_REPEATS = 5;

/** The median wall time, s. */
export async function measureWholeTask(task: WholeTask): Promise<Measurement> {
  const kernel = await startKernel({ path: task.kernelPath });
  const seconds: number[] = [];
  try {
    for (let i = 0; i < N_REPEATS; i += 1) {
      const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-'));
      try {
        const { task_type, parameters, structure, name: structure_name } = task;
        const { execution_time_seconds } = await runTask(
          {
            task_id: 'task_benchmark',
            model: 'uff4mof',
            device: 'cpu',
            task_type,
            parameters,
            structure,
            structure_name,
            folder,
          },
          { kernel, signal: new AbortController().signal, reporter: new Reporter(() => undefined) },
        );
        seconds.push(execution_time_seconds);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
  } finally {
    await kernel.stop();
  }
  return {
    case: `${task.task_type.replaceAll('-', '_')} ${task.name}`,
    unit: 's',
    ours: { program: 'mofsim', version: task.kernelVersion, value: rounded(median(seconds)) },
    peers: [],
    settings: {
      model: 'uff4mof',
      device: 'cpu',
      n_atoms: task.structure.symbols.length,
      parameters: JSON.stringify(task.parameters),
      ...machineLoad(),
    },
    notes: [`median of ${N_REPEATS} on a kernel that is already there; ${task.goal}`],
  };
}
