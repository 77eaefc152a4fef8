#!/usr/bin/env node
// A test fixture: a program that speaks the kernel's real protocol over a harmonic toy system, and that can be told to
// misbehave. Every atom is tied by a spring of 1 eV/A^2 to a target 0.08 A away along x; each step halves the distance.
//   stand-in-kernel.ts [--BEHAVIOR[=VALUE] ...] serve
import { setTimeout as sleep } from 'node:timers/promises';
import { KERNEL_PROTOCOL_VERSION, kernelRequestSchema } from '../../../contracts/kernel-message.ts';
import type { EvaluateRequest, KernelRequest, RelaxEndState, RelaxRequest } from '../../../contracts/kernel-message.ts';
import { FrameDecoder, encodeFrame } from '../frame.ts';
import type { Frame, KernelArray } from '../frame.ts';

const TARGET_DISTANCE_A = 0.08;

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

  constructor(frame: Frame<KernelRequest>) {
    const positions = frame.arrays.find(({ name }) => name === 'positions')?.values;
    const cells = frame.arrays.find(({ name }) => name === 'cells')?.values;
    if (!(positions instanceof Float64Array) || !(cells instanceof Float64Array)) throw new Error('arrays are missing');
    this.nAtoms = positions.length / 3;
    this.cells = cells;
    this.#targets = positions.map((x, i) => (i % 3 === 0 ? x + TARGET_DISTANCE_A : x));
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

  positions(): Float64Array {
    return this.#targets.map((x, i) => (i % 3 === 0 ? x - this.#distance : x));
  }

  forces(): Float64Array {
    return new Float64Array(3 * this.nAtoms).map((_, i) => (i % 3 === 0 ? this.#distance : 0));
  }

  resultArrays(wants: { forces: boolean; stress: boolean }): KernelArray[] {
    const energy = new Float64Array([this.energy]);
    return [
      array('energies', [1], energy),
      array('energy_components', [1, 1], energy),
      ...(wants.forces ? [array('forces', [this.nAtoms, 3], this.forces())] : []),
      ...(wants.stress ? [array('stress', [1, 3, 3], new Float64Array(9))] : []),
    ];
  }
}

const RESULT = { component_names: ['harmonic'], kernel_seconds: 0.001, warnings: ['the toy system warns'] };

function answerEvaluate(frame: Frame<KernelRequest>, request: EvaluateRequest): void {
  const system = new HarmonicSystem(frame);
  const wants = { forces: request.compute_forces, stress: request.compute_stress };
  send({ type: 'evaluate_result', id: request.id, ...RESULT }, system.resultArrays(wants));
}

async function answerRelax(frame: Frame<KernelRequest>, request: RelaxRequest): Promise<void> {
  const system = new HarmonicSystem(frame);
  let endState: RelaxEndState | null = null;
  let step = 0;
  for (; endState === null; step++) {
    await misbehave(step);
    endState = endOf(request, system, step);
    const hasFrame = request.frame_interval > 0 && (step % request.frame_interval === 0 || endState !== null);
    sendStep(request, system, step, hasFrame);
    if (endState === null) system.halve();
    // Lets the cancel message in, as the real kernel's reader thread does.
    await sleep(Number(behavior.get('step-ms') ?? 0));
  }
  const structures = [
    { end_state: endState, steps: step - 1, max_force_eV_A: system.maxForce, max_cell_force_eV_A: null },
  ];
  send({ type: 'relax_result', id: request.id, ...RESULT, structures }, [
    ...system.resultArrays({ forces: true, stress: true }),
    array('positions', [system.nAtoms, 3], system.positions()),
    array('cells', [1, 3, 3], system.cells),
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

function endOf(request: RelaxRequest, system: HarmonicSystem, step: number): RelaxEndState | null {
  if (cancelled.has(request.id)) return 'cancelled';
  if (atStep('diverge-at-step', step)) return 'diverged';
  if (system.maxForce <= request.fmax_eV_A && !behavior.has('never-converge')) return 'converged';
  return step >= request.max_steps ? 'max_steps' : null;
}

function sendStep(request: RelaxRequest, system: HarmonicSystem, step: number, hasFrame: boolean): void {
  const header = {
    type: 'step',
    id: request.id,
    structure: 0,
    step,
    energy_eV: system.energy,
    max_force_eV_A: system.maxForce,
    max_cell_force_eV_A: null,
    volume_A3: system.volume,
    stress_voigt_eV_A3: system.volume === null ? null : [0, 0, 0, 0, 0, 0],
  };
  const arrays = [
    array('positions', [system.nAtoms, 3], system.positions()),
    array('cell', [3, 3], system.cells),
    array('forces', [system.nAtoms, 3], system.forces()),
  ];
  send(header, hasFrame ? arrays : []);
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
  } else if (behavior.has('error')) {
    const code = behavior.get('error');
    send({ type: 'error', id: header.id, code, message: 'the stand-in was told to fail', details: { i_atom: 3 } });
  } else if (header.type === 'relax') {
    await answerRelax(frame, header);
  } else if (header.type === 'evaluate') {
    answerEvaluate(frame, header);
  } else if (header.type === 'devices') {
    answerDevices(header.id);
  } else {
    send({ type: 'topology_result', id: header.id, atom_types: [], n_terms: {} });
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
