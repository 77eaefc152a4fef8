// Everything that a relaxation leaves behind step by step: history, trajectory, events. It goes on where an earlier attempt
// was stopped, without a gap and without a step twice.
import { join } from 'node:path';
import type { StepEvent } from '../../../contracts/event.ts';
import type { RelaxStep } from '../../../contracts/kernel-message.ts';
import type { Structure } from '../../../contracts/structure.ts';
import type { Relaxation, RelaxFrame } from '../../kernel-client/relax.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { shareFile } from '../checkpoint-files.ts';
import { formatCsv } from '../output/csv.ts';
import { formatTrajectoryFrame } from '../output/extended-xyz.ts';
import { GrowingFile } from '../output/growing-file.ts';
import { systemClock } from '../reporter.ts';
import type { Reporter } from '../reporter.ts';
import type { StepRecord } from './analyze.ts';
import { relaxationProgress } from '../relaxation-progress.ts';
import { CheckpointKeeper } from '../stages/kept-checkpoint.ts';
import { relaxCheckpoint, relaxTrajectory } from './resume-point.ts';
import type { ResumePoint } from './resume-point.ts';
import { StepJournal } from './step-journal.ts';

/** How often it is looked whether the kernel has written a checkpoint. */
const KEEP_INTERVAL_MS = 200;

const STEP_COLUMNS = [
  'step',
  'energy_eV',
  'max_force_eV_A',
  'max_cell_force_eV_A',
  'volume_A3',
  'stress_xx_eV_A3',
  'stress_yy_eV_A3',
  'stress_zz_eV_A3',
  'stress_yz_eV_A3',
  'stress_xz_eV_A3',
  'stress_xy_eV_A3',
];

export interface RecordingOptions {
  folder: string;
  structure: Structure;
  fmax: number;
  max_steps: number;
  trajectory_interval: number;
  reporter: Reporter;
}

export class Recording {
  readonly steps: StepRecord[];
  readonly #options: RecordingOptions;
  readonly #trajectory: GrowingFile;
  readonly #journal: StepJournal;
  readonly #keeper: CheckpointKeeper;
  /** Steps of earlier attempts. They are told when the kernel has taken their checkpoint. */
  #untold: readonly StepRecord[];
  #smallestForce = Number.POSITIVE_INFINITY;
  #startForce = 0;
  #lastStepInTrajectory: number | null = null;
  #lookedForCheckpointAt = systemClock.monotonic();

  private constructor(options: RecordingOptions, point: ResumePoint | null, files: [GrowingFile, StepJournal]) {
    this.#options = options;
    [this.#trajectory, this.#journal] = files;
    this.#keeper = new CheckpointKeeper(relaxCheckpoint(options.folder));
    this.steps = point?.lines.map(({ record }) => record) ?? [];
    this.#untold = [...this.steps];
    const last = this.steps.at(-1);
    if (last !== undefined && this.#belongsToTrajectory(last)) this.#lastStepInTrajectory = last.step;
  }

  /** @param point where an earlier attempt was stopped; null begins anew and overwrites what is there */
  static async begin(options: RecordingOptions, point: ResumePoint | null): Promise<Recording> {
    const { folder } = options;
    const trajectory = await GrowingFile.open(relaxTrajectory(folder), point?.lines.at(-1)?.trajectory_bytes ?? 0);
    const journal = await StepJournal.open(folder, point?.lines ?? [], () => systemClock.monotonic());
    return new Recording(options, point, [trajectory, journal]);
  }

  /** Settles when the step is recorded, so that a slow disk slows the kernel's output and not our memory. */
  async add(step: RelaxStep, frame: RelaxFrame | null): Promise<void> {
    const isFirst = this.#tellEarlierSteps() || step.step === 0;
    const record = toRecord(step);
    this.steps.push(record);
    this.#reportStep(record);
    if (frame !== null) {
      this.#reportFrame(record, frame, { mustBeSeen: isFirst });
      if (this.#belongsToTrajectory(record)) await this.#appendFrame(record, frame);
    }
    await this.#journal.add({ record, trajectory_bytes: this.#trajectory.size });
    await this.#keepCheckpoint(record.step);
  }

  /**
   * The relaxation has ended: trajectory.xyz and steps.csv are complete. One that never made a step leaves neither.
   *
   * @param last the geometry that ends the trajectory; null when there is no good one
   */
  async finish(last: Relaxation | null): Promise<void> {
    this.#tellEarlierSteps();
    const step = this.steps.at(-1);
    if (step !== undefined && last !== null && this.#lastStepInTrajectory !== step.step) {
      const { structure, forces_eV_A } = last;
      await this.#appendFrame(step, { positions: structure.positions, cell: structure.cell, forces_eV_A });
    }
    await this.publish();
  }

  /** What there is so far gets its names; a later attempt may still go on. */
  async publish(): Promise<void> {
    await this.close();
    if (this.steps.length === 0) return;
    const { folder } = this.#options;
    await Promise.all([
      shareFile(relaxTrajectory(folder), join(folder, 'trajectory.xyz')),
      writeFileAtomic(join(folder, 'steps.csv'), formatStepsCsv(this.steps)),
    ]);
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    try {
      await this.#journal.close();
    } finally {
      await this.#trajectory.close();
    }
  }

  /** Shows where the relaxation ended, however little time passed since the last frame. */
  showLast(structure: Structure, step: number): void {
    const { cell, positions } = structure;
    this.#options.reporter.frame({ step, cell, positions }, { mustBeSeen: true });
  }

  /** @returns whether there were any */
  #tellEarlierSteps(): boolean {
    const earlier = this.#untold;
    this.#untold = [];
    for (const record of earlier) {
      this.#measureProgress(record);
      this.#options.reporter.repeatStep(eventOf(record));
    }
    const last = earlier.at(-1);
    if (last !== undefined) this.#reportProgress(last);
    return last !== undefined;
  }

  #reportStep(record: StepRecord): void {
    this.#measureProgress(record);
    this.#options.reporter.step(eventOf(record));
    this.#reportProgress(record);
  }

  #measureProgress({ step, max_force_eV_A, max_cell_force_eV_A }: StepRecord): void {
    const force = Math.max(max_force_eV_A, max_cell_force_eV_A ?? 0);
    if (step === 0) this.#startForce = force;
    this.#smallestForce = Math.min(this.#smallestForce, force);
  }

  #reportProgress({ step }: StepRecord): void {
    const { reporter, fmax, max_steps } = this.#options;
    const [start, smallest] = [this.#startForce, this.#smallestForce];
    reporter.progress(relaxationProgress({ start, smallest, fmax, step, max_steps }));
  }

  #reportFrame(step: StepRecord, frame: RelaxFrame, options: { mustBeSeen: boolean }): void {
    const cell = this.#options.structure.cell === null ? null : frame.cell;
    this.#options.reporter.frame({ step: step.step, cell, positions: frame.positions }, options);
  }

  #belongsToTrajectory({ step }: StepRecord): boolean {
    return step % this.#options.trajectory_interval === 0;
  }

  async #appendFrame(
    record: StepRecord,
    frame: Pick<Structure, 'cell' | 'positions'> & TrajectoryForces,
  ): Promise<void> {
    const { structure } = this.#options;
    const text = formatTrajectoryFrame({
      structure: { ...structure, cell: structure.cell === null ? null : frame.cell, positions: frame.positions },
      step: record.step,
      energy_eV: record.energy_eV,
      forces_eV_A: frame.forces_eV_A,
      stress_voigt_eV_A3: record.stress_voigt_eV_A3,
    });
    await this.#trajectory.append(text);
    this.#lastStepInTrajectory = record.step;
  }

  async #keepCheckpoint(step: number): Promise<void> {
    const now = systemClock.monotonic();
    if (now - this.#lookedForCheckpointAt < KEEP_INTERVAL_MS) return;
    this.#lookedForCheckpointAt = now;
    await this.#keeper.keep(step, async () => {
      await this.#journal.sync();
      await this.#trajectory.sync();
    });
  }
}

type TrajectoryForces = Pick<RelaxFrame, 'forces_eV_A'>;

function eventOf({ step, energy_eV, max_force_eV_A, volume_A3 }: StepRecord): Omit<StepEvent, 'type'> {
  return { step, energy_eV, max_force_eV_A, volume_A3, temperature_k: null };
}

function formatStepsCsv(steps: readonly StepRecord[]): string {
  const rows = steps.map((step) => [
    step.step,
    step.energy_eV,
    step.max_force_eV_A,
    step.max_cell_force_eV_A,
    step.volume_A3,
    ...(step.stress_voigt_eV_A3 ?? Array.from({ length: 6 }, () => null)),
  ]);
  return formatCsv(STEP_COLUMNS, rows);
}

function toRecord(step: RelaxStep): StepRecord {
  const { energy_eV, max_force_eV_A, max_cell_force_eV_A, volume_A3, stress_voigt_eV_A3 } = step;
  return { step: step.step, energy_eV, max_force_eV_A, max_cell_force_eV_A, volume_A3, stress_voigt_eV_A3 };
}
