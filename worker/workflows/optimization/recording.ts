// Everything that a relaxation leaves behind step by step: history, trajectory, events.
import { join } from 'node:path';
import type { RelaxStep } from '../../../contracts/kernel-message.ts';
import type { Structure } from '../../../contracts/structure.ts';
import type { RelaxFrame } from '../../kernel-client/relax.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { formatCsv } from '../output/csv.ts';
import { formatTrajectoryFrame } from '../output/extended-xyz.ts';
import { GrowingFile } from '../output/growing-file.ts';
import type { Reporter } from '../reporter.ts';
import type { StepRecord } from './analyze.ts';
import { relaxationProgress } from './progress.ts';

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
  readonly steps: StepRecord[] = [];
  readonly #options: RecordingOptions;
  readonly #trajectory: GrowingFile;
  #smallestForce = Number.POSITIVE_INFINITY;
  #startForce = 0;
  /** The newest frame, as long as the trajectory does not have it. */
  #pending: { step: StepRecord; frame: RelaxFrame } | null = null;

  private constructor(options: RecordingOptions, trajectory: GrowingFile) {
    this.#options = options;
    this.#trajectory = trajectory;
  }

  static async begin(options: RecordingOptions): Promise<Recording> {
    return new Recording(options, await GrowingFile.create(join(options.folder, 'trajectory.xyz')));
  }

  /** Settles when the step is recorded, so that a slow disk slows the kernel's output and not our memory. */
  async add(step: RelaxStep, frame: RelaxFrame | null): Promise<void> {
    const record = toRecord(step);
    this.steps.push(record);
    this.#reportStep(record);
    if (frame === null) return;
    this.#reportFrame(record, frame, { mustBeSeen: record.step === 0 });
    this.#pending = { step: record, frame };
    if (record.step % this.#options.trajectory_interval === 0) await this.#flushFrame();
  }

  /**
   * Completes trajectory.xyz and steps.csv; a relaxation that never made a step leaves neither.
   *
   * @param withLastFrame false when the last geometry is not a good one
   */
  async finish(withLastFrame: boolean): Promise<void> {
    if (this.steps.length === 0) {
      await this.#trajectory.discard();
      return;
    }
    if (withLastFrame) await this.#flushFrame();
    await Promise.all([
      this.#trajectory.complete(),
      writeFileAtomic(join(this.#options.folder, 'steps.csv'), formatStepsCsv(this.steps)),
    ]);
  }

  /** Shows where the relaxation ended, however little time passed since the last frame. */
  showLast(structure: Structure, step: number): void {
    const { cell, positions } = structure;
    this.#options.reporter.frame({ step, cell, positions }, { mustBeSeen: true });
  }

  #reportStep(step: StepRecord): void {
    const { reporter, fmax, max_steps } = this.#options;
    const force = Math.max(step.max_force_eV_A, step.max_cell_force_eV_A ?? 0);
    if (step.step === 0) this.#startForce = force;
    this.#smallestForce = Math.min(this.#smallestForce, force);
    reporter.step({
      step: step.step,
      energy_eV: step.energy_eV,
      max_force_eV_A: step.max_force_eV_A,
      volume_A3: step.volume_A3,
    });
    reporter.progress(
      relaxationProgress({
        start: this.#startForce,
        smallest: this.#smallestForce,
        fmax,
        step: step.step,
        max_steps,
      }),
    );
  }

  #reportFrame(step: StepRecord, frame: RelaxFrame, options: { mustBeSeen: boolean }): void {
    const cell = this.#options.structure.cell === null ? null : frame.cell;
    this.#options.reporter.frame({ step: step.step, cell, positions: frame.positions }, options);
  }

  async #flushFrame(): Promise<void> {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    const { structure } = this.#options;
    const { step, frame } = pending;
    const text = formatTrajectoryFrame({
      structure: { ...structure, cell: structure.cell === null ? null : frame.cell, positions: frame.positions },
      step: step.step,
      energy_eV: step.energy_eV,
      forces_eV_A: frame.forces_eV_A,
      stress_voigt_eV_A3: step.stress_voigt_eV_A3,
    });
    await this.#trajectory.append(text);
  }
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
