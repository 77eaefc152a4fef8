// LAMMPS as a peer: finds `lmp`, runs a deck and reads its timing and thermo output.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runAndMeasure, type Resources } from '../run-and-measure.ts';
import type { Deck } from './deck.ts';

export interface Lammps {
  command: string;
  /** `mpiexec` beside `lmp` or on the PATH; null when there is none. */
  mpiexec: string | null;
  /** Was it built with the faster styles of its package OPT? They are used when they are there. */
  hasOpt: boolean;
  version: string;
}

export const DECK_DATA_FILENAME = 'deck.data';

function which(command: string): string | null {
  const found = spawnSync('sh', ['-c', 'command -v "$0"', command], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : null;
}

/** `$LMP`, else `lmp` on the PATH; null when there is no LAMMPS. */
export function findLammps(): Lammps | null {
  const command = process.env.LMP ?? which('lmp');
  if (command === null) return null;
  const help = spawnSync(command, ['-h'], { encoding: 'utf8' });
  if (help.status !== 0) return null;
  const version = /Simulator - (.+)/.exec(help.stdout)?.[1]?.trim() ?? 'unknown version';
  const hasOpt = /^.*Installed packages:[^]*?\bOPT\b/m.test(help.stdout);
  return { command, mpiexec: which(join(dirname(command), 'mpiexec')) ?? which('mpiexec'), hasOpt, version };
}

export interface LammpsRun {
  seconds_per_step: number;
  /** eV; bond, angle, torsion, inversion, van der Waals with tail. */
  components_eV: [number, number, number, number, number];
}

/**
 * Run an input script beside the deck's data on `nProcesses` MPI ranks.
 *
 * @returns the log, and what the processes took
 * @throws Error with LAMMPS's own last lines when it fails
 */
function runScript(
  lammps: Lammps,
  deck: Deck,
  script: readonly string[],
  nProcesses: number,
): { log: string; resources: Resources | null } {
  if (nProcesses > 1 && lammps.mpiexec === null) throw new Error('mpiexec was not found beside lmp');
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-'));
  try {
    writeFileSync(join(folder, DECK_DATA_FILENAME), deck.data);
    writeFileSync(join(folder, 'deck.in'), [deck.input, ...script, ''].join('\n'));
    const args = ['-in', 'deck.in', '-log', 'log.lammps', '-screen', 'none', ...(lammps.hasOpt ? ['-sf', 'opt'] : [])];
    const command =
      nProcesses > 1 && lammps.mpiexec !== null
        ? [lammps.mpiexec, '-n', String(nProcesses), lammps.command, ...args]
        : [lammps.command, ...args];
    const run = runAndMeasure(command, { cwd: folder, env: { ...process.env, OMP_NUM_THREADS: '1' } });
    const log = readFileSync(join(folder, 'log.lammps'), 'utf8');
    if (run.status !== 0) throw new Error(`LAMMPS failed: ${log.trim().split('\n').slice(-3).join(' | ')}`);
    return { log, resources: run.resources };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The number that `pattern` finds last in a log. */
function lastNumber(log: string, pattern: RegExp, what: string): number {
  const found = [...log.matchAll(pattern)].map((match) => Number(match[1])).at(-1);
  if (found === undefined) throw new Error(`LAMMPS printed no ${what}`);
  return found;
}

/** Wall time of the last `run` command, s. */
function lastLoopTime(log: string): number {
  return lastNumber(log, /Loop time of (\S+) on/g, 'loop time');
}

/**
 * Evaluate forces `nSteps` times at fixed positions on `nProcesses` MPI ranks; the neighbor list is kept.
 *
 * @param withEnergies also the energy of every step (`fix ave/time`), as our own evaluation always has it; LAMMPS's loops are
 *   markedly faster without
 * @throws Error with LAMMPS's own last lines when it fails
 */
export function runLammps(
  lammps: Lammps,
  deck: Deck,
  run: { nSteps: number; nProcesses: number; withEnergies: boolean },
): LammpsRun {
  const { nSteps, nProcesses, withEnergies } = run;
  const script = [
    'thermo_style custom step ebond eangle edihed eimp evdwl',
    'thermo_modify format float %.12g',
    `thermo ${nSteps}`,
    ...(withEnergies ? ['variable energy equal pe', `fix energy all ave/time 1 ${nSteps} ${nSteps} v_energy`] : []),
    'run 20',
    `run ${nSteps}`,
  ];
  const { log } = runScript(lammps, deck, script, nProcesses);
  const row = /^\s*0((?:\s+[-+0-9.e]+){5})\s*$/m.exec(log)?.[1]?.trim().split(/\s+/).map(Number);
  if (row?.length !== 5) throw new Error('LAMMPS printed no energies');
  return {
    seconds_per_step: lastLoopTime(log) / nSteps,
    components_eV: [row[0] ?? NaN, row[1] ?? NaN, row[2] ?? NaN, row[3] ?? NaN, row[4] ?? NaN],
  };
}

/**
 * Molecular dynamics at constant energy, 0.5 fs, from velocities drawn at `temperature_k`, output every 100 steps.
 *
 * @param masses of the deck's atom types, amu
 * @param skin_A what the neighbor list looks beyond the cutoff
 */
export function runLammpsNve(
  lammps: Lammps,
  deck: Deck,
  run: { masses: readonly number[]; nSteps: number; nProcesses: number; temperature_k: number; skin_A: number },
): { seconds_per_step: number; n_list_builds: number; resources: Resources | null } {
  const script = [
    ...run.masses.map((mass, type) => `mass ${type + 1} ${mass}`),
    `neighbor ${run.skin_A} bin`,
    `velocity all create ${run.temperature_k} 4711 mom yes rot no`,
    'fix integrate all nve',
    'thermo 100',
    'thermo_style custom step temp pe ke etotal',
    `run ${run.nSteps}`,
  ];
  const { log, resources } = runScript(lammps, deck, script, run.nProcesses);
  // LAMMPS does not count the list that it builds before the first step.
  const n_list_builds = 1 + lastNumber(log, /Neighbor list builds = (\d+)/g, 'number of list builds');
  return { seconds_per_step: lastLoopTime(log) / run.nSteps, n_list_builds, resources };
}
