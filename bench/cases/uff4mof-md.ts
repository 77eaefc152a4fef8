// Molecular dynamics at constant energy with UFF4MOF: time per atom and step, time to start, and memory, beside LAMMPS on
// the same terms. Steps are timed from the first to the last, neighbor lists built on the way included, in both programs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Structure } from '../../contracts/structure.ts';
import { buildDeck } from '../lammps/deck.ts';
import { DECK_DATA_FILENAME, findLammps, runLammpsNve } from '../lammps/lammps.ts';
import { termsSchema, type Terms } from '../lammps/terms.ts';
import type { Figure, Measurement } from '../measurement.ts';
import { runAndMeasure, type Resources } from '../run-and-measure.ts';

const CUTOFF_A = 12.5;
const TEMPERATURE_K = 300;
/** Both programs take turns; the fastest round of each counts, because whatever else runs on the machine only slows. */
const N_ROUNDS = 5;
const ATOM_STEPS_PER_ROUND = 2_000_000;
/** MOF-5 at 300 K builds its list every 50 to 100 steps: enough that the lists are in the figure as they are in a long run. */
const LEAST_STEPS = 300;
const MOST_STEPS = 2000;
/** LAMMPS's default is 2 A; 1 A is the fastest for this structure. */
const LAMMPS_SKINS_A = [2, 1];

/** Standard atomic weights, amu (CIAAW 2021, abridged). */
const ATOMIC_WEIGHTS: Record<string, number> = { H: 1.008, C: 12.011, O: 15.999, Zn: 65.38 };

const summarySchema = z.object({
  type: z.literal('md_summary'),
  ns_per_atom_step: z.number(),
  wall_seconds: z.number(),
  seconds_of_steps: z.number(),
  n_list_builds: z.number(),
});

function massesOf(terms: Terms): number[] {
  return Array.from({ length: terms.n_lj_types }, (_, type) => {
    const symbol = terms.symbols[terms.lj_type.indexOf(type)] ?? '';
    const mass = ATOMIC_WEIGHTS[symbol];
    if (mass === undefined) throw new Error(`The bench has no atomic weight of ${symbol}.`);
    return mass;
  });
}

/** The least of every figure over the rounds; how often the list was built, which is the same in each. */
class Fastest {
  ns = Infinity;
  cpu_ns = Infinity;
  rss_MiB = Infinity;
  n_list_builds = 0;

  add(run: { ns: number; resources: Resources | null; n_list_builds: number }, n_atom_steps: number): void {
    this.ns = Math.min(this.ns, run.ns);
    this.n_list_builds = run.n_list_builds;
    if (run.resources === null) return;
    this.cpu_ns = Math.min(this.cpu_ns, (run.resources.cpu_seconds * 1e9) / n_atom_steps);
    this.rss_MiB = Math.min(this.rss_MiB, run.resources.max_rss_KiB / 1024);
  }
}

export function measureMd(options: {
  kernelPath: string;
  kernelVersion: string;
  name: string;
  structure: Structure;
  extxyz: string;
  precision: 'float64' | 'mixed';
  nThreads: number;
}): Measurement[] {
  const { kernelPath, structure, nThreads } = options;
  const nAtoms = structure.symbols.length;
  const nSteps = Math.min(MOST_STEPS, Math.max(LEAST_STEPS, Math.round(ATOM_STEPS_PER_ROUND / nAtoms)));
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-'));
  try {
    const file = join(folder, 'structure.xyz');
    writeFileSync(file, options.extxyz);
    const runKernel = (args: readonly string[]) => {
      const run = runAndMeasure([kernelPath, ...args]);
      if (run.status !== 0) throw new Error(`mofkernel ${args.join(' ')} failed: ${run.stderr.trim()}`);
      return run;
    };
    const dialect = ['--dialect', 'lammps_interface', '--cutoff', String(CUTOFF_A)];
    const md = ['--ensemble', 'nve', '--temperature', String(TEMPERATURE_K), '--timestep', '0.5', '--sample', '100'];
    const lammps = findLammps();
    const terms = lammps === null ? null : termsSchema.parse(JSON.parse(runKernel(['terms', file, ...dialect]).stdout));

    const ours = new Fastest();
    let startSeconds = Infinity;
    const theirs = new Map(LAMMPS_SKINS_A.map((skin) => [skin, new Fastest()]));
    for (let round = 0; round < N_ROUNDS; round += 1) {
      const run = runKernel([
        'md',
        file,
        ...dialect,
        ...md,
        '--precision',
        options.precision,
        '--threads',
        String(nThreads),
        '--steps',
        String(nSteps),
      ]);
      const summary = summarySchema.parse(JSON.parse(run.stdout.trim().split('\n').at(-1) ?? ''));
      const { ns_per_atom_step: ns, n_list_builds } = summary;
      ours.add({ ns, resources: run.resources, n_list_builds }, nSteps * nAtoms);
      startSeconds = Math.min(startSeconds, summary.wall_seconds - summary.seconds_of_steps);
      if (lammps === null || terms === null) continue;
      const deck = buildDeck(terms, DECK_DATA_FILENAME);
      for (const [skin_A, fastest] of theirs) {
        const settings = {
          masses: massesOf(terms),
          nSteps,
          nProcesses: nThreads,
          temperature_k: TEMPERATURE_K,
          skin_A,
        };
        const peer = runLammpsNve(lammps, deck, settings);
        fastest.add({ ...peer, ns: (peer.seconds_per_step * 1e9) / nAtoms }, nSteps * nAtoms);
      }
    }

    const nameOfPeer = (skin_A: number): string => `lammps, skin ${skin_A} A`;
    const peersOf = (value: (fastest: Fastest) => number): Figure[] =>
      lammps === null
        ? []
        : [...theirs].map(([skin_A, fastest]) => {
            return { program: nameOfPeer(skin_A), version: lammps.version, value: value(fastest) };
          });
    const measurement = (name: string, unit: string, value: number, peers: Figure[]): Measurement => ({
      case: name,
      unit,
      ours: { program: 'mofkernel', version: options.kernelVersion, value },
      peers,
      settings: {
        structure: options.name,
        n_atoms: nAtoms,
        threads: nThreads,
        cutoff_A: CUTOFF_A,
        precision: options.precision,
        n_steps: nSteps,
        list_builds: ours.n_list_builds,
        ...Object.fromEntries(
          peersOf((fastest) => fastest.n_list_builds).map(({ program, value }) => [`list_builds of ${program}`, value]),
        ),
        rounds: N_ROUNDS,
        load_average: Number((loadavg()[0] ?? NaN).toFixed(1)),
      },
      notes: [
        ...(lammps === null ? ['LAMMPS was not found: put `lmp` on the PATH or name it in LMP'] : []),
        ...(lammps?.hasOpt === true ? ['LAMMPS ran with the styles of its package OPT (-sf opt)'] : []),
      ],
    });
    const compared = (name: string, unit: string, value: (fastest: Fastest) => number): Measurement =>
      measurement(name, unit, value(ours), peersOf(value));
    return [
      compared('uff4mof_nve', 'ns/atom/step', (fastest) => fastest.ns),
      // A deck comes with its types and bonds: LAMMPS has nothing to compare the start with.
      measurement('uff4mof_nve_start', 's', startSeconds, []),
      compared('uff4mof_nve_cpu_time_with_start', 'ns/atom/step', (fastest) => fastest.cpu_ns),
      compared('uff4mof_nve_memory_of_one_process', 'MiB', (fastest) => fastest.rss_MiB),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
