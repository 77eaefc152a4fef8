// A watch that sees what the test shows it.
import type { GpuSight, GpuWatch } from '../gpu-watch.ts';
import type { GpuProcess } from '../nvidia-smi.ts';
import { NO_NVIDIA_SMI } from './devices.ts';

export class StandInWatch implements GpuWatch {
  #sight: GpuSight;
  #tell: (sight: GpuSight, afterSuspend: boolean) => void = () => undefined;
  programs: readonly GpuProcess[] = [];
  pace: 'busy' | 'idle' = 'idle';

  constructor(sight: GpuSight = NO_NVIDIA_SMI) {
    this.#sight = sight;
  }
  show(sight: GpuSight, afterSuspend = false): void {
    this.#sight = sight;
    this.#tell(sight, afterSuspend);
  }
  start(onSight: (sight: GpuSight, afterSuspend: boolean) => void): void {
    this.#tell = onSight;
  }
  refresh(): Promise<GpuSight> {
    return Promise.resolve(this.#sight);
  }
  processes(): Promise<readonly GpuProcess[]> {
    return Promise.resolve(this.programs);
  }
  setPace(pace: 'busy' | 'idle'): void {
    this.pace = pace;
  }
  stop(): void {
    this.#tell = () => undefined;
  }
}
