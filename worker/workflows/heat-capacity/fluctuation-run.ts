// The dynamics of a heat capacity: one run per temperature, all of them one batch of the kernel.
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import type { HeatCapacityParameters } from '../../../contracts/results/heat-capacity.ts';
import type { MdSample } from '../../../contracts/kernel-message.ts';
import { structureSchema, vector3Schema } from '../../../contracts/structure.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { runDynamics } from '../../kernel-client/dynamics.ts';
import type { MdDetails, MdRun, MdSettings } from '../../kernel-client/dynamics.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { checkpointFile, shareFile } from '../checkpoint-files.ts';
import { assertNotStopped, runWithCheckpoint } from '../stages/kernel-run.ts';
import { finishedStage, readStage } from '../stages/stage-store.ts';
import { withoutDrift } from '../velocities.ts';
import { TaskFailure } from '../task-failure.ts';
import { addSample, blockSumsSchema, emptySums } from './block-sums.ts';
import type { BlockSums } from './block-sums.ts';
import type { HeatCapacityContext } from './start.ts';

const THERMOSTATS = {
  langevin: { ensemble: 'nvt_langevin', friction_per_fs: 0.01 },
  nose_hoover: { ensemble: 'nvt_nose_hoover', thermostat_time_fs: 100, chain_length: 3 },
} as const satisfies Record<HeatCapacityParameters['thermostat'], Partial<MdSettings>>;
/** A tenth of the period of the fastest vibration is 1 fs; energies of the whole change with the thermostat's time. */
const SAMPLE_INTERVAL_FS = 5;
const FEWEST_SAMPLES = 200;
/** A stopped task goes on from the last whole segment, whose sums are on disk with the state at its end. */
const SEGMENT_STEPS = 2000;
const MOST_SEGMENTS = 1000;

interface Progress {
  from: number;
  to: number;
}

const equilibratedSchema = z.object({
  structures: z.array(z.object({ structure: structureSchema, velocities: z.array(vector3Schema) })),
  warnings: z.array(z.string()),
});
type Equilibrated = z.infer<typeof equilibratedSchema>;

export interface Ensemble {
  /** The supercell of the structure as given: its types, bonds and charges hold, whatever the relaxation and the heat do. */
  topology: Structure;
  temperatures: readonly number[];
}

/** Langevin dynamics: every vibration comes to its temperature by itself. */
export function equilibrate(
  context: HeatCapacityContext,
  supercell: Structure,
  { topology, temperatures }: Ensemble,
  progress: Progress,
): Promise<Equilibrated> {
  const { equilibration_steps: n_steps } = context.parameters;
  context.reporter.stage('equilibrate');
  return finishedStage(context, 'equilibrate', equilibratedSchema, async () => {
    const run = await runBatch(context, 'equilibrate', {
      structures: temperatures.map(() => supercell),
      topology,
      settings: { ...THERMOSTATS.langevin, n_steps },
      details: { temperatures_k: temperatures },
      onSample: ({ step }) => {
        context.reporter.progress(progress.from + ((progress.to - progress.from) * step) / n_steps);
      },
    });
    return {
      structures: run.structures.map(({ structure, velocities }) => ({
        structure,
        velocities: withoutDrift(structure.symbols, velocities),
      })),
      warnings: run.warnings,
    };
  });
}

const segmentSchema = z.object({
  /** Whole segments that the sums hold. */
  n_done: z.int().nonnegative(),
  sums: z.array(blockSumsSchema),
  warnings: z.array(z.string()),
});
type Segment = z.infer<typeof segmentSchema>;

export interface Produced {
  /** [n_temperatures] */
  readonly sums: readonly BlockSums[];
  readonly warnings: readonly string[];
}

/** The run that counts; in segments, each of which goes on where the kernel's state of the one before stands. */
export async function produce(
  context: HeatCapacityContext,
  equilibrated: Equilibrated,
  { topology, temperatures }: Ensemble,
  progress: Progress,
): Promise<Produced> {
  const { total_steps } = context.parameters;
  context.reporter.stage('run');
  const isKept = context.checkpoint_interval_seconds !== null;
  const length = isKept ? Math.max(SEGMENT_STEPS, Math.ceil(total_steps / MOST_SEGMENTS)) : total_steps;
  let segment: Segment = await resumedSegment(context, temperatures.length);
  while (segment.n_done * length < total_steps) {
    const first = segment.n_done * length;
    const n_steps = Math.min(total_steps, first + length);
    const onSample = (sample: MdSample): void => {
      // The last sample of a segment comes again as the first of the next one.
      if (sample.step <= first && sample.step > 0) return;
      const sums = segment.sums[sample.structure];
      if (sums === undefined) return;
      const { potential_energy_eV, kinetic_energy_eV, temperature_k, step } = sample;
      addSample(sums, step / total_steps, { energy_eV: potential_energy_eV + kinetic_energy_eV, temperature_k });
      if (sample.structure === 0) reportStep(context, sample);
      context.reporter.progress(progress.from + ((progress.to - progress.from) * step) / total_steps);
    };
    const { warnings } = await runBatch(context, 'run', {
      structures: equilibrated.structures.map(({ structure }) => structure),
      topology,
      settings: { ...THERMOSTATS[context.parameters.thermostat], n_steps },
      details: {
        temperatures_k: temperatures,
        velocities: equilibrated.structures.flatMap(({ velocities }) => velocities),
      },
      onSample,
    });
    segment = { n_done: segment.n_done + 1, sums: segment.sums, warnings };
    await keepSegment(context, segment);
  }
  return segment;
}

interface Batch {
  structures: readonly Structure[];
  topology: Structure;
  settings: Pick<MdSettings, 'ensemble' | 'n_steps' | 'friction_per_fs' | 'thermostat_time_fs' | 'chain_length'>;
  details: MdDetails;
  onSample: (sample: MdSample) => void;
}

/** @throws TaskFailure MDUnstable, and how the task ends that was stopped; KernelFailure */
async function runBatch(
  context: HeatCapacityContext,
  name: string,
  { structures, topology, settings, details, onSample }: Batch,
): Promise<MdRun> {
  const { timestep_fs, seed, total_steps } = context.parameters;
  const interval = Math.min(Math.round(SAMPLE_INTERVAL_FS / timestep_fs), Math.floor(total_steps / FEWEST_SAMPLES));
  const run = await runWithCheckpoint(context, name, (kernelRun) =>
    runDynamics(
      context.kernel,
      structures,
      {
        ...kernelRun.settings,
        ...settings,
        timestep_fs,
        seed,
        temperature_k: 0,
        pressure_eV_A3: 0,
        sample_interval: Math.max(1, interval),
        frame_interval: 0,
        topology,
      },
      onSample,
      { ...kernelRun.options, details },
    ),
  );
  run.structures.forEach(({ end_state, steps }, i) => {
    assertNotStopped(context, end_state);
    if (end_state !== 'diverged') return;
    const temperature_k = details.temperatures_k?.[i];
    const message =
      `The dynamics at ${temperature_k ?? ''} K diverged after ${steps} steps. Halve timestep_fs (${timestep_fs}), and look at the ` +
      'input for atoms that are too close.';
    throw new TaskFailure('MDUnstable', message, { stage: name, steps, timestep_fs, temperature_k });
  });
  return run;
}

function reportStep({ reporter }: HeatCapacityContext, sample: MdSample): void {
  const { step, potential_energy_eV: energy_eV, temperature_k, volume_A3 } = sample;
  reporter.step({ step, energy_eV, max_force_eV_A: null, volume_A3, temperature_k });
}

const SEGMENT_STAGE = 'run-sums';

/** The kernel finds its state at the end of the last whole segment, or none. */
async function resumedSegment(context: HeatCapacityContext, nTemperatures: number): Promise<Segment> {
  const fresh: Segment = { n_done: 0, sums: Array.from({ length: nTemperatures }, emptySums), warnings: [] };
  const path = checkpointFile(context.folder, 'run');
  if (context.checkpoint_interval_seconds === null) return fresh;
  const kept = await readStage(context.folder, SEGMENT_STAGE, segmentSchema);
  if (kept !== null && (await shareFile(keptState(context, kept.n_done), path))) return kept;
  await rm(path, { force: true });
  return fresh;
}

/** State first, then the sums that name it: a stop in between leaves the pair of the segment before. */
async function keepSegment(context: HeatCapacityContext, segment: Segment): Promise<void> {
  if (context.checkpoint_interval_seconds === null) return;
  await shareFile(checkpointFile(context.folder, 'run'), keptState(context, segment.n_done));
  await writeFileAtomic(checkpointFile(context.folder, `stage-${SEGMENT_STAGE}.json`), JSON.stringify(segment));
  await rm(keptState(context, segment.n_done - 1), { force: true });
}

function keptState({ folder }: HeatCapacityContext, nDone: number): string {
  return checkpointFile(folder, `run.segment-${nDone}`);
}
