// What a run leaves behind sample by sample: samples.csv, steps for whoever watches, and the analysis. It goes on where an earlier
// attempt was stopped, from the files alone.
import type { StepEvent } from '../../../contracts/event.ts';
import type { MdSample } from '../../../contracts/kernel-message.ts';
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import type { MdFrame } from '../../kernel-client/dynamics.ts';
import { TrajectoryReader } from '../../trajectory/trajectory-reader.ts';
import { systemClock } from '../reporter.ts';
import type { Reporter } from '../reporter.ts';
import { CheckpointKeeper } from '../stages/kept-checkpoint.ts';
import { binaryTrajectoryFile, runCheckpoint } from './resume-point.ts';
import type { RunResumePoint } from './resume-point.ts';
import { RunAnalysis } from './run-analysis.ts';
import { readSamples, sampleSchema, SamplesFile } from './samples-file.ts';
import type { Sample } from './samples-file.ts';

/** How often it is looked whether the kernel has written a checkpoint. */
const KEEP_INTERVAL_MS = 200;
/** Steps are rows of the service's database: of a longer run, fewer are told. */
const MOST_STEPS_TOLD = 10_000;

export interface RecordingOptions {
  folder: string;
  /** What the dynamics began with. */
  structure: Structure;
  total_steps: number;
  trajectory_interval: number;
  sample_interval: number;
  reporter: Reporter;
  /** Of the task, while this run is going on. */
  progress: { from: number; to: number };
}

export class RunRecording {
  readonly analysis: RunAnalysis;
  readonly #options: RecordingOptions;
  readonly #samples: SamplesFile;
  readonly #keeper: CheckpointKeeper;
  readonly #stepsPerEvent: number;
  #lastStep = -1;
  #lookedForCheckpointAt = systemClock.monotonic();

  private constructor(options: RecordingOptions, samples: SamplesFile) {
    this.#options = options;
    this.#samples = samples;
    this.#keeper = new CheckpointKeeper(runCheckpoint(options.folder));
    this.analysis = new RunAnalysis(options.structure);
    const { total_steps, sample_interval } = options;
    this.#stepsPerEvent = sample_interval * Math.ceil(total_steps / sample_interval / MOST_STEPS_TOLD);
  }

  /** @param point where an earlier attempt was stopped; null begins anew and overwrites what is there */
  static async begin(options: RecordingOptions, point: RunResumePoint | null): Promise<RunRecording> {
    const samples = await SamplesFile.open(options.folder, point?.sample_bytes ?? 0);
    const recording = new RunRecording(options, samples);
    try {
      if (point !== null) await recording.#replay();
    } catch (error) {
      await samples.close();
      throw error;
    }
    return recording;
  }

  /** Settles when the sample is recorded, so that a slow disk slows the kernel's output and not our memory. */
  async add(message: MdSample, frame: MdFrame | null): Promise<void> {
    // A resumed run may tell the step again that it goes on from.
    if (message.step <= this.#lastStep) return;
    const sample = sampleSchema.parse(message);
    await this.#samples.add(sample);
    this.#analyze(sample, frame === null ? null : inTrajectoryPrecision(frame));
    this.#tell(sample, (step) => {
      this.#options.reporter.step(step);
    });
    await this.#keepCheckpoint(sample.step);
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    await this.#samples.close();
  }

  async #replay(): Promise<void> {
    const { folder, trajectory_interval, reporter } = this.#options;
    const trajectory = await TrajectoryReader.open(binaryTrajectoryFile(folder));
    try {
      for await (const { sample } of readSamples(folder)) {
        const isFrame = sample.step % trajectory_interval === 0;
        const frame = isFrame ? await trajectory.readFrame(sample.step / trajectory_interval) : null;
        this.#analyze(sample, frame === null ? null : { positions: vectorsOf(frame.positions), cell: frame.cell });
        this.#tell(sample, (step) => {
          reporter.repeatStep(step);
        });
      }
    } finally {
      await trajectory.close();
    }
  }

  #analyze(sample: Sample, frame: { positions: Vector3[]; cell: Cell } | null): void {
    const isFrame = sample.step % this.#options.trajectory_interval === 0;
    this.analysis.add(sample, isFrame ? frame : null);
    this.#lastStep = sample.step;
  }

  #tell(sample: Sample, emit: (step: Omit<StepEvent, 'type'>) => void): void {
    const { reporter, total_steps, progress } = this.#options;
    const { step, potential_energy_eV, temperature_k, volume_A3 } = sample;
    if (step % this.#stepsPerEvent === 0 || step === total_steps)
      emit({ step, energy_eV: potential_energy_eV, max_force_eV_A: null, volume_A3, temperature_k });
    reporter.progress(progress.from + ((progress.to - progress.from) * step) / total_steps);
  }

  async #keepCheckpoint(step: number): Promise<void> {
    const now = systemClock.monotonic();
    if (now - this.#lookedForCheckpointAt < KEEP_INTERVAL_MS) return;
    this.#lookedForCheckpointAt = now;
    await this.#keeper.keep(step, () => this.#samples.sync());
  }
}

/** As the file holds them that a later attempt reads: 32-bit floats. */
function inTrajectoryPrecision({ positions, cell }: MdFrame): { positions: Vector3[]; cell: Cell } {
  return {
    positions: positions.map(([x, y, z]) => [Math.fround(x), Math.fround(y), Math.fround(z)]),
    cell,
  };
}

function vectorsOf(positions: Float32Array): Vector3[] {
  return Array.from({ length: positions.length / 3 }, (_, i) => [
    positions[3 * i] ?? Number.NaN,
    positions[3 * i + 1] ?? Number.NaN,
    positions[3 * i + 2] ?? Number.NaN,
  ]);
}
