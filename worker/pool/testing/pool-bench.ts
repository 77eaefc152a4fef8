// A pool for tests, with a real store and queue; only the devices and what computes on them are stand-ins.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { StructureGeometry } from '../../../contracts/structure.ts';
import type { TaskStatus } from '../../../contracts/task-status.ts';
import { createQueue } from '../../queue/queue.ts';
import type { Queue } from '../../queue/queue.ts';
import { createTaskEvents } from '../../queue/task-events.ts';
import { openStore } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { exampleTask } from '../../store/testing/example-task.ts';
import type { NewTask } from '../../store/tasks.ts';
import type { Devices } from '../discover-devices.ts';
import { createPool, STRUCTURE_FILE } from '../pool.ts';
import type { Pool } from '../pool.ts';
import type { GroupLimits } from '../task-group.ts';
import { CPU, kernelGpu, reading, sightOf, uuidOf } from './devices.ts';
import { StandInExecutor } from './stand-in-executor.ts';
import { StandInWatch } from './stand-in-watch.ts';

export const NO_GPU: Devices = { devices: [CPU], cuda_unavailable_reason: 'no driver' };

const GEOMETRY: StructureGeometry = {
  name: 'hydrogen',
  structure: { cell: null, pbc: [false, false, false], symbols: ['H'], positions: [[0, 0, 0]] },
  summary: {
    n_atoms: 1,
    formula: 'H',
    elements: ['H'],
    cell_parameters: null,
    volume_A3: null,
    density_g_cm3: null,
    space_group: null,
    space_group_number: null,
    smallest_perpendicular_width_A: null,
    warnings: [],
  },
};

export class PoolBench {
  readonly #home = mkdtempSync(join(tmpdir(), 'mofsim-pool-'));
  readonly store: Store = openStore(this.#home);
  readonly queue: Queue = createQueue({
    store: this.store,
    events: createTaskEvents(),
    now: () => new Date(),
    retryDelayMs: () => 0,
  });
  readonly executors = new Map<string, StandInExecutor>();
  /** GPUs that the kernel does not find. */
  readonly broken = new Set<string>();
  /** What the kernel was allowed to open, call by call. */
  readonly asked: (readonly string[] | null)[] = [];
  /** GPUs that the kernel could find. */
  nGpus = 0;
  /** Of every slot that is opened from now on; null = every task alone. */
  groupLimits: GroupLimits | null = null;
  watch = new StandInWatch();
  #pool: Pool | null = null;

  get pool(): Pool {
    if (this.#pool === null) throw new Error('The pool is not open.');
    return this.#pool;
  }

  async close(): Promise<void> {
    await this.#pool?.stop();
    this.queue.drain();
    this.store.close();
    rmSync(this.#home, { recursive: true, force: true });
  }

  openPool(discover: (visible: readonly string[] | null) => Promise<Devices>, sight = new StandInWatch()): void {
    this.watch = sight;
    this.#pool = createPool({
      store: this.store,
      queue: this.queue,
      discover,
      watch: sight,
      createExecutor: ({ label }) => {
        const executor = new StandInExecutor(label);
        this.executors.set(label.slot_id, executor);
        return executor;
      },
      groupLimits: () => this.groupLimits,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    this.#pool.start();
  }

  /** Every GPU is there unless it is in `broken`. */
  findGpus(n: number): (visible: readonly string[] | null) => Promise<Devices> {
    this.nGpus = n;
    return (visible) => {
      this.asked.push(visible);
      const uuids = Array.from({ length: this.nGpus }, (_, i) => uuidOf(i)).filter((uuid) => !this.broken.has(uuid));
      const open = uuids.filter((uuid) => visible === null || visible.includes(uuid));
      const devices = open.map((uuid, position) => kernelGpu(Number(uuid[11]), position));
      return Promise.resolve({ devices: [CPU, ...devices], cuda_unavailable_reason: open.length > 0 ? null : 'none' });
    };
  }

  async executorOf(slot_id: string): Promise<StandInExecutor> {
    return vi.waitFor(() => this.executors.get(slot_id) ?? Promise.reject(new Error(`There is no slot ${slot_id}.`)));
  }

  async startOnCpu(): Promise<StandInExecutor> {
    this.openPool(() => Promise.resolve(NO_GPU));
    return this.executorOf('cpu');
  }

  async startOnGpus(n: number): Promise<StandInExecutor[]> {
    const readings = Array.from({ length: n }, (_, i) => reading(i));
    this.openPool(this.findGpus(n), new StandInWatch(sightOf(readings)));
    return Promise.all(readings.map(({ uuid }) => this.executorOf(uuid)));
  }

  submit(changes: Partial<NewTask> = {}, hasInput = true): string {
    const task = exampleTask(changes);
    mkdirSync(this.store.taskFolder(task.task_id));
    if (hasInput) writeFileSync(join(this.store.taskFolder(task.task_id), STRUCTURE_FILE), JSON.stringify(GEOMETRY));
    this.queue.submit([task]);
    return task.task_id;
  }

  statusOf(task_id: string): TaskStatus | undefined {
    return this.store.tasks.find(task_id)?.status;
  }
}
