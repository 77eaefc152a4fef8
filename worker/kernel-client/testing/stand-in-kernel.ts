#!/usr/bin/env node
// A test fixture: a program that speaks the kernel's real protocol over a harmonic toy system, and that can be told to
// misbehave. Every atom is tied by a spring of 1 eV/A^2 to a target 0.08 A away along x; each step halves the distance.
//   stand-in-kernel.ts [--BEHAVIOR[=VALUE] ...] serve
// Structures of `untyped-atoms` atoms cannot be typed, with all that share their request; `exhaust-batch-at-step` runs out of
// memory with more than one structure only.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KERNEL_PROTOCOL_VERSION, kernelRequestSchema } from '../../../contracts/kernel-message.ts';
import type {
  EvaluateRequest,
  ForceConstantsRequest,
  InsertionsRequest,
  KernelRequest,
  MdEndState,
  MdRequest,
  RelaxEndState,
  RelaxRequest,
} from '../../../contracts/kernel-message.ts';
import { FrameDecoder, encodeFrame } from '../frame.ts';
import type { Frame, KernelArray } from '../frame.ts';
import { writeCheckpointFile } from './checkpoint-file.ts';

const TARGET_DISTANCE_A = 0.08;
const CHECKPOINT_INTERVAL_STEPS = 2;

const behavior = new Map(
  process.argv.slice(2).map((argument): [string, string] => {
    const [name = '', value = ''] = argument.replace(/^--/, '').split('=');
    return [name, value];
  }),
);
const cancelled = new Set<string>();

function atStep(name: string, step: number): boolean {
  return behavior.has(name) && Number(behavior.get(name)) === step;
}

function send(header: Record<string, unknown>, arrays: KernelArray[] = []): void {
  for (const part of encodeFrame(header, arrays)) process.stdout.write(part);
}

function array(name: string, shape: number[], values: Float64Array): KernelArray {
  return { name, shape, values };
}

class HarmonicSystem {
  readonly nAtoms: number;
  readonly cells: Float64Array;
  readonly #targets: Float64Array;
  #distance = TARGET_DISTANCE_A;

  constructor(positions: Float64Array, cell: Float64Array) {
    this.nAtoms = positions.length / 3;
    this.cells = cell;
    this.#targets = positions.map((x, i) => (i % 3 === 0 ? x + TARGET_DISTANCE_A : x));
  }

  /** Every structure of a batch. */
  static batch({ arrays }: Frame<KernelRequest>): HarmonicSystem[] {
    const positions = arrays.find(({ name }) => name === 'positions')?.values;
    const cells = arrays.find(({ name }) => name === 'cells')?.values;
    const counts = arrays.find(({ name }) => name === 'n_atoms')?.values;
    if (!(positions instanceof Float64Array) || !(cells instanceof Float64Array) || !(counts instanceof Int32Array)) {
      throw new Error('arrays are missing');
    }
    let first = 0;
    return Array.from(counts, (count, s) => {
      const mine = positions.slice(3 * first, 3 * (first + count));
      first += count;
      return new HarmonicSystem(mine, cells.slice(9 * s, 9 * s + 9));
    });
  }

  /** Of a request that takes one structure. */
  static only(frame: Frame<KernelRequest>): HarmonicSystem {
    const [system] = HarmonicSystem.batch(frame);
    if (system === undefined) throw new Error('the batch is empty');
    return system;
  }

  get maxForce(): number {
    return this.#distance;
  }

  get energy(): number {
    return behavior.has('nan') ? Number.NaN : 0.5 * this.nAtoms * this.#distance ** 2;
  }

  get volume(): number | null {
    const [ax = 0, ay = 0, az = 0, bx = 0, by = 0, bz = 0, cx = 0, cy = 0, cz = 0] = this.cells;
    const volume = Math.abs(ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx));
    return volume === 0 ? null : volume;
  }

  halve(): void {
    this.#distance /= 2;
  }

  moveTo(distance: number): void {
    this.#distance = distance;
  }

  positions(): Float64Array {
    return this.#targets.map((x, i) => (i % 3 === 0 ? x - this.#distance : x));
  }

  forces(): Float64Array {
    return new Float64Array(3 * this.nAtoms).map((_, i) => (i % 3 === 0 ? this.#distance : 0));
  }

  frameArrays(): KernelArray[] {
    return [
      array('positions', [this.nAtoms, 3], this.positions()),
      array('cell', [3, 3], this.cells),
      array('forces', [this.nAtoms, 3], this.forces()),
    ];
  }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

function resultArrays(
  systems: readonly HarmonicSystem[],
  wants: { forces: boolean; stress: boolean; per_atom?: boolean },
): KernelArray[] {
  const n = systems.length;
  const nAtoms = systems.reduce((sum, system) => sum + system.nAtoms, 0);
  const energies = Float64Array.from(systems, ({ energy }) => energy);
  return [
    array('energies', [n], energies),
    array('energy_components', [n, 1], energies),
    ...(wants.forces ? [array('forces', [nAtoms, 3], joined(systems.map((system) => system.forces())))] : []),
    ...(wants.stress ? [array('stress', [n, 3, 3], new Float64Array(9 * n))] : []),
    ...(wants.per_atom === true ? [array('energies_per_atom', [nAtoms], perAtom(systems))] : []),
  ];
}

/** Springs are equal, so every atom has its part. */
function perAtom(systems: readonly HarmonicSystem[]): Float64Array {
  return joined(systems.map(({ energy, nAtoms }) => new Float64Array(nAtoms).fill(energy / nAtoms)));
}

const RESULT = { component_names: ['harmonic'], kernel_seconds: 0.001, warnings: ['the toy system warns'] };

/** As the real kernel, it names the structure of a batch that a warning is about. */
function warningsOf(systems: readonly HarmonicSystem[]): string[] {
  if (systems.length === 1) return RESULT.warnings;
  return systems.flatMap((_, s) => RESULT.warnings.map((warning) => `structure ${s}: ${warning}`));
}

function answerEvaluate(frame: Frame<KernelRequest>, request: EvaluateRequest): void {
  const systems = HarmonicSystem.batch(frame);
  const wants = {
    forces: request.compute_forces,
    stress: request.compute_stress,
    per_atom: request.compute_per_atom,
  };
  send(
    { type: 'evaluate_result', id: request.id, ...RESULT, warnings: warningsOf(systems) },
    resultArrays(systems, wants),
  );
}

interface Relaxing {
  system: HarmonicSystem;
  structure: number;
  step: number;
  endState: RelaxEndState | null;
}

/** Each structure at its own pace; only one alone keeps checkpoints. */
async function answerRelax(frame: Frame<KernelRequest>, request: RelaxRequest): Promise<void> {
  const startedAt = performance.now();
  const runs = HarmonicSystem.batch(frame).map((system, structure): Relaxing => {
    const resumedFrom = resume(request, system);
    const endState = resumedFrom === null ? null : ownEnd(request, system, resumedFrom);
    return { system, structure, step: resumedFrom ?? -1, endState };
  });
  while (runs.some(({ endState }) => endState === null)) {
    for (const run of runs.filter(({ endState }) => endState === null)) {
      await advance(request, run, (performance.now() - startedAt) / 1000);
    }
    if (runs.length > 1 && runs.some(({ step }) => atStep('exhaust-batch-at-step', step))) {
      sendError(request.id, 'out_of_memory');
      return;
    }
    // Lets the cancel message in, as the real kernel's reader thread does.
    await sleep(Number(behavior.get('step-ms') ?? 0));
  }
  const systems = runs.map(({ system }) => system);
  const structures = runs.map(({ system, step, endState }) => ({
    end_state: endState,
    steps: step,
    max_force_eV_A: system.maxForce,
    max_cell_force_eV_A: null,
  }));
  const nAtoms = systems.reduce((sum, system) => sum + system.nAtoms, 0);
  send({ type: 'relax_result', id: request.id, ...RESULT, warnings: warningsOf(systems), structures }, [
    ...resultArrays(systems, { forces: true, stress: true }),
    array('positions', [nAtoms, 3], joined(systems.map((system) => system.positions()))),
    array('cells', [systems.length, 3, 3], joined(systems.map(({ cells }) => cells))),
  ]);
}

async function advance(request: RelaxRequest, run: Relaxing, seconds: number): Promise<void> {
  const { system } = run;
  run.step++;
  if (run.step > 0) system.halve();
  await misbehave(run.step);
  run.endState = endOf(request, system, run.step, seconds);
  const isLast = run.endState !== null;
  const hasFrame = request.frame_interval > 0 && (run.step % request.frame_interval === 0 || isLast);
  sendStep(request, run, hasFrame);
  if (isLast || run.step % CHECKPOINT_INTERVAL_STEPS === 0) writeCheckpoint(request, system, run.step);
}

/** The distance is the whole state, and lies behind the step at the end of the file. */
function writeCheckpoint({ checkpoint }: RelaxRequest, system: HarmonicSystem, step: number): void {
  if (checkpoint === undefined) return;
  writeCheckpointFile(checkpoint.path, 'relax', [
    { name: 'step', type: 'i64', values: [step] },
    { name: 'distance', type: 'f64', values: [system.maxForce] },
  ]);
}

/** @returns the step of the checkpoint; null for a fresh start */
function resume({ checkpoint }: RelaxRequest, system: HarmonicSystem): number | null {
  if (checkpoint?.resume !== true || !existsSync(checkpoint.path)) return null;
  const bytes = readFileSync(checkpoint.path);
  system.moveTo(bytes.readDoubleLE(bytes.length - 12));
  return Number(bytes.readBigInt64LE(bytes.length - 20));
}

/** The spring's energy wanders between both kinds; the distance is halved as in a relaxation. */
async function answerMd(frame: Frame<KernelRequest>, request: MdRequest): Promise<void> {
  const system = HarmonicSystem.only(frame);
  const total = system.energy;
  let endState: MdEndState = 'completed';
  let step = 0;
  for (; ; step++) {
    await misbehave(step);
    if (cancelled.has(request.id)) endState = 'cancelled';
    if (atStep('diverge-at-step', step)) endState = 'diverged';
    const isLast = endState !== 'completed' || step >= request.n_steps;
    if (step % request.sample_interval === 0) sendSample(request, system, step, total);
    if (isLast) break;
    system.halve();
    await sleep(Number(behavior.get('step-ms') ?? 0));
  }
  const structures = [{ end_state: endState, steps: step, n_degrees_of_freedom: 3 * system.nAtoms }];
  const header = { type: 'md_result', id: request.id, structures, resumed_from_step: 0 };
  send({ ...header, kernel_seconds: RESULT.kernel_seconds, warnings: RESULT.warnings }, [
    array('positions', [system.nAtoms, 3], system.positions()),
    array('cells', [1, 3, 3], system.cells),
    array('velocities', [system.nAtoms, 3], new Float64Array(3 * system.nAtoms)),
    array('energies', [1], new Float64Array([system.energy])),
  ]);
}

function sendSample(request: MdRequest, system: HarmonicSystem, step: number, total: number): void {
  const header = {
    type: 'md_sample',
    id: request.id,
    structure: 0,
    step,
    time_fs: step * request.timestep_fs,
    potential_energy_eV: system.energy,
    kinetic_energy_eV: total - system.energy,
    conserved_energy_eV: total,
    temperature_k: request.temperature_k,
    volume_A3: system.volume,
    pressure_eV_A3: null,
    stress_voigt_eV_A3: null,
  };
  const hasFrame = request.frame_interval > 0 && step % request.frame_interval === 0;
  const velocities = array('velocities', [system.nAtoms, 3], new Float64Array(3 * system.nAtoms));
  send(header, hasFrame ? [...system.frameArrays(), velocities] : []);
}

/** Springs between an atom and its place: minus the force constant is on the diagonal. */
async function answerForceConstants(frame: Frame<KernelRequest>, request: ForceConstantsRequest): Promise<void> {
  const system = HarmonicSystem.only(frame);
  const atoms = frame.arrays.find(({ name }) => name === 'displaced_atoms')?.values ?? new Int32Array(0);
  const directions = frame.arrays.find(({ name }) => name === 'directions')?.values ?? new Float64Array(0);
  const rows = new Float64Array(atoms.length * 3 * system.nAtoms);
  let nFinished = 0;
  while (nFinished < atoms.length && !cancelled.has(request.id)) {
    await misbehave(nFinished);
    const begin = 3 * (nFinished * system.nAtoms + (atoms[nFinished] ?? 0));
    rows.set(directions.subarray(3 * nFinished, 3 * nFinished + 3), begin);
    nFinished++;
    send({ type: 'progress', id: request.id, n_done: nFinished, n_total: atoms.length });
    await sleep(Number(behavior.get('step-ms') ?? 0));
  }
  const stop = nFinished < atoms.length ? 'cancelled' : 'none';
  const header = { type: 'force_constants_result', id: request.id, n_finished: nFinished, stop };
  send({ ...header, kernel_seconds: RESULT.kernel_seconds, warnings: RESULT.warnings }, [
    array('force_constants', [nFinished, system.nAtoms, 3], rows.subarray(0, 3 * nFinished * system.nAtoms)),
    array('forces', [system.nAtoms, 3], system.forces()),
  ]);
}

/** A framework that nothing sticks to. */
function answerInsertions(request: InsertionsRequest): void {
  const { placements, adsorbate } = request;
  const nPlacements = placements.mode === 'random' ? placements.n_insertions : placements.n_orientations;
  send({ type: 'progress', id: request.id, n_done: nPlacements, n_total: nPlacements });
  const header = {
    type: 'insertions_result',
    id: request.id,
    n_placements: nPlacements,
    boltzmann_mean: 1,
    boltzmann_standard_error: placements.mode === 'random' ? 0 : null,
    mean_energy_eV: 0,
    mean_energy_standard_error_eV: placements.mode === 'random' ? 0 : null,
    henry_mol_kg_Pa: 0,
    stop: 'none',
    kernel_seconds: RESULT.kernel_seconds,
    warnings: RESULT.warnings,
  };
  const grid = (name: string) => ({ name, shape: [1, 1, 1], values: new Float32Array(1) });
  send(header, [
    array('lowest_energies', [1], new Float64Array(1)),
    array('lowest_centers', [1, 3], new Float64Array(3)),
    array('lowest_sites', [1, adsorbate.sites.length, 3], new Float64Array(3 * adsorbate.sites.length)),
    ...(placements.mode === 'grid' ? [grid('grid_minimum_eV'), grid('grid_free_energy_eV')] : []),
  ]);
}

async function misbehave(step: number): Promise<void> {
  if (atStep('crash-at-step', step)) {
    process.stderr.write('the stand-in was told to crash\n');
    process.kill(process.pid, 'SIGSEGV');
    await sleep(60_000);
  }
  if (atStep('garbage-at-step', step)) process.stdout.write('this is not a frame\n');
  if (atStep('hang-at-step', step)) await sleep(600_000);
}

function endOf(request: RelaxRequest, system: HarmonicSystem, step: number, seconds: number): RelaxEndState | null {
  if (cancelled.has(request.id)) return 'cancelled';
  if (atStep('diverge-at-step', step)) return 'diverged';
  const end = ownEnd(request, system, step);
  return end === null && seconds >= (request.deadline_seconds ?? Number.POSITIVE_INFINITY) ? 'deadline' : end;
}

/** An end that nobody asked for. */
function ownEnd(request: RelaxRequest, system: HarmonicSystem, step: number): RelaxEndState | null {
  if (system.maxForce <= request.fmax_eV_A && !behavior.has('never-converge')) return 'converged';
  return step >= request.max_steps ? 'max_steps' : null;
}

function sendStep(request: RelaxRequest, { system, structure, step }: Relaxing, hasFrame: boolean): void {
  const header = {
    type: 'step',
    id: request.id,
    structure,
    step,
    energy_eV: system.energy,
    max_force_eV_A: system.maxForce,
    max_cell_force_eV_A: null,
    volume_A3: system.volume,
    stress_voigt_eV_A3: system.volume === null ? null : [0, 0, 0, 0, 0, 0],
  };
  send(header, hasFrame ? system.frameArrays() : []);
}

function answerDevices(id: string): void {
  const cpu = {
    device: 'cpu',
    kind: 'cpu',
    name: 'Stand-in processor',
    uuid: null,
    memory_total_bytes: 1_000_000_000,
    memory_free_bytes: 500_000_000,
    compute_capability: null,
    n_threads: 1,
  };
  send({ type: 'devices_result', id, devices: [cpu], cuda_unavailable_reason: 'the stand-in has no GPU' });
}

async function answer(frame: Frame<KernelRequest>): Promise<void> {
  const { header } = frame;
  if (header.type === 'cancel') {
    cancelled.add(header.target);
    send({ type: 'cancel_result', id: header.id, found: true });
  } else if (behavior.has('error') || (behavior.has('refuse-checkpoints') && resumes(header))) {
    sendError(header.id, behavior.get('error') ?? 'bad_checkpoint');
  } else if (behavior.has('untyped-atoms') && hasStructureOf(Number(behavior.get('untyped-atoms')), frame)) {
    sendError(header.id, 'atom_typing');
  } else {
    await answerCalculation(frame);
  }
}

function sendError(id: string, code: string): void {
  send({ type: 'error', id, code, message: 'the stand-in was told to fail', details: { i_atom: 3 } });
}

function hasStructureOf(nAtoms: number, { arrays }: Frame<KernelRequest>): boolean {
  return arrays.find(({ name }) => name === 'n_atoms')?.values.includes(nAtoms) ?? false;
}

function resumes(request: KernelRequest): boolean {
  return 'checkpoint' in request && request.checkpoint?.resume === true;
}

async function answerCalculation(frame: Frame<KernelRequest>): Promise<void> {
  const { header } = frame;
  if (behavior.has('hang')) await sleep(600_000);
  switch (header.type) {
    case 'relax':
      return answerRelax(frame, header);
    case 'md':
      return answerMd(frame, header);
    case 'force_constants':
      return answerForceConstants(frame, header);
    case 'insertions':
      answerInsertions(header);
      return;
    case 'evaluate':
      answerEvaluate(frame, header);
      return;
    case 'topology':
      send({ type: 'topology_result', id: header.id, atom_types: [], n_terms: {} });
      return;
    case 'devices':
      answerDevices(header.id);
      return;
    case 'cancel':
  }
}

if (behavior.has('exit-at-start')) {
  process.stderr.write('libcudart.so: cannot open shared object file\n');
  process.exit(127);
}
if (behavior.has('silent')) await sleep(600_000);

send({
  type: 'hello',
  protocol_version: Number(behavior.get('protocol-version') ?? KERNEL_PROTOCOL_VERSION),
  kernel_version: '0.0.0-stand-in',
  cuda_built: false,
  cuda_architectures: [],
});
process.stdin.on('end', () => process.exit(0));
const decoder = new FrameDecoder((json) => kernelRequestSchema.parse(json));
process.stdin.on('data', (chunk: Buffer) => {
  if (behavior.has('crash-on-request')) process.kill(process.pid, 'SIGSEGV');
  for (const frame of decoder.push(chunk)) void answer(frame);
});
