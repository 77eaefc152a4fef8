// Everything that is known about a run, from its samples and frames as they come, in bounded memory. Pure.
// The same samples and frames give the same bits, whether they come from the kernel or from the files of an earlier attempt.
import type { StabilityResult } from '../../../contracts/results/stability.ts';
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { cellParameters } from '../../structures/cell.ts';
import { isMetal } from '../../structures/elements.ts';
import { findConnectedParts } from '../../structures/molecules.ts';
import { benchmarkRmsd } from '../../structures/superposition.ts';
import { BlockAverages } from './block-averages.ts';
import { BondTracker } from './bond-tracker.ts';
import { Displacements, rootMeanSquare } from './displacements.ts';
import { RadialDistribution } from './radial-distribution.ts';
import { RunningLine, RunningMoments } from './sample-statistics.ts';
import type { Sample } from './samples-file.ts';
import { ThinnedRows } from './thinned-rows.ts';

const MOST_POINTS = 1000;
/** Frames that are closer tell a distribution nothing new, and to count their pairs costs more than the steps between them. */
const DISTRIBUTION_INTERVAL_FS = 50;

export interface SeriesRow {
  sample: Sample;
  rmsd_A: number;
}

/** What is measured against the first frame. */
interface SinceStart {
  start: Structure;
  displacements: Displacements;
  radial: RadialDistribution;
  /** When the distribution wants its next frame. */
  radialDue_fs: number;
}

export class RunAnalysis {
  readonly framework: readonly number[];
  readonly nodes: readonly number[];
  readonly bonds: BondTracker;
  readonly #structure: Structure;
  readonly #temperature = new RunningMoments();
  readonly #energy = new RunningMoments();
  readonly #pressure = new RunningMoments();
  readonly #volume = new RunningMoments();
  readonly #errors = { temperature: new BlockAverages(), pressure: new BlockAverages(), volume: new BlockAverages() };
  readonly #conserved = new RunningLine();
  readonly #rmsd = { framework: new LastMeanLargest(), nodes: new LastMeanLargest(), benchmark: new LastMeanLargest() };
  readonly #rows = new ThinnedRows<SeriesRow>(MOST_POINTS);
  #largest = { displacement_A: 0, atom: 0 };
  #since: SinceStart | null = null;

  /** @param structure that the dynamics began with, relaxed or not: its bonds are those that can break */
  constructor(structure: Structure) {
    this.#structure = structure;
    this.bonds = new BondTracker(structure);
    this.framework = frameworkOf(structure);
    this.nodes = nodesOf(structure, this.framework);
  }

  /** @param frame positions in the precision of the binary trajectory; null where the sample is no frame of it */
  add(sample: Sample, frame: { positions: Vector3[]; cell: Cell } | null): void {
    this.#temperature.add(sample.temperature_k);
    this.#errors.temperature.add(sample.temperature_k);
    this.#energy.add(sample.potential_energy_eV);
    this.#addBulk(sample);
    this.#conserved.add(sample.time_fs, sample.conserved_energy_eV);
    if (frame !== null) this.#addFrame(sample, frame);
  }

  #addBulk({ pressure_eV_A3, volume_A3 }: Sample): void {
    if (pressure_eV_A3 !== null) {
      this.#pressure.add(pressure_eV_A3 * GPA_PER_EV_A3);
      this.#errors.pressure.add(pressure_eV_A3 * GPA_PER_EV_A3);
    }
    if (volume_A3 !== null) {
      this.#volume.add(volume_A3);
      this.#errors.volume.add(volume_A3);
    }
  }

  #addFrame(sample: Sample, { positions, cell }: { positions: Vector3[]; cell: Cell }): void {
    const frame = { ...this.#structure, positions, cell: this.#structure.cell === null ? null : cell };
    this.#since ??= {
      start: frame,
      displacements: new Displacements(frame, this.framework),
      radial: new RadialDistribution(frame),
      radialDue_fs: sample.time_fs,
    };
    const lengths = this.#since.displacements.of(frame);
    lengths.forEach((displacement_A, atom) => {
      if (displacement_A > this.#largest.displacement_A) this.#largest = { displacement_A, atom };
    });
    const rmsd_A = rootMeanSquare(lengths, this.framework);
    this.#rmsd.framework.add(rmsd_A);
    this.#rmsd.nodes.add(rootMeanSquare(lengths, this.nodes));
    this.#rmsd.benchmark.add(benchmarkRmsd(this.#since.start, frame));
    if (sample.time_fs >= this.#since.radialDue_fs) {
      this.#since.radial.add(frame);
      this.#since.radialDue_fs = sample.time_fs + DISTRIBUTION_INTERVAL_FS;
    }
    this.bonds.add(sample.time_fs, frame);
    this.#rows.add({ sample, rmsd_A });
  }

  get series(): readonly SeriesRow[] {
    return this.#rows.rows;
  }

  /** What follows from samples and frames alone. */
  get figures() {
    const slope = this.#conserved.slope;
    const isBulk = this.#pressure.count > 0;
    const first = this.#since?.start.cell ?? null;
    return {
      n_frames: this.#rmsd.framework.count,
      n_samples: this.#temperature.count,
      n_framework_atoms: this.framework.length,
      n_node_atoms: this.nodes.length,
      max_displacement_A: this.#largest.displacement_A,
      max_displacement_atom: this.#largest.atom,
      rmsd_framework: this.#rmsd.framework.result,
      rmsd_nodes: this.#rmsd.nodes.result,
      rmsd_benchmark: this.#rmsd.benchmark.result,
      energy_drift_eV_atom_ps: (1000 * slope) / this.#structure.symbols.length,
      mean_temperature_k: this.#temperature.mean,
      temperature_std_k: this.#temperature.standardDeviation,
      mean_temperature_error_k: this.#errors.temperature.standardError,
      mean_potential_energy_eV: this.#energy.mean,
      mean_pressure_GPa: isBulk ? this.#pressure.mean : null,
      pressure_std_GPa: isBulk ? this.#pressure.standardDeviation : null,
      mean_pressure_error_GPa: this.#errors.pressure.standardError,
      mean_volume_A3: this.#volume.count > 0 ? this.#volume.mean : null,
      mean_volume_error_A3: this.#errors.volume.standardError,
      lattice_first: first === null ? null : cellParameters(first),
      rdf: this.#since?.radial.result() ?? [],
    } satisfies Partial<StabilityResult>;
  }
}

/** Atoms that are bonded into chains, layers or a framework; all when there are none. */
function frameworkOf(structure: Structure): number[] {
  const parts = findConnectedParts(structure).filter(({ isPeriodic }) => isPeriodic);
  return parts.length === 0 ? structure.symbols.map((_, i) => i) : parts.flatMap(({ atoms }) => atoms);
}

/** What holds a framework: its metals; without metals all but hydrogen; hydrogen where there is nothing else. */
function nodesOf({ symbols }: Structure, framework: readonly number[]): readonly number[] {
  const metals = framework.filter((i) => isMetal(symbols[i] ?? ''));
  const heavy = framework.filter((i) => symbols[i] !== 'H');
  return [metals, heavy, framework].find(({ length }) => length > 0) ?? framework;
}

class LastMeanLargest {
  readonly #moments = new RunningMoments();
  #last = 0;
  #largest = 0;

  add(value: number): void {
    this.#moments.add(value);
    this.#last = value;
    this.#largest = Math.max(this.#largest, value);
  }

  get count(): number {
    return this.#moments.count;
  }

  get result(): StabilityResult['rmsd_framework'] {
    return { last_A: this.#last, mean_A: this.#moments.mean, largest_A: this.#largest };
  }
}
