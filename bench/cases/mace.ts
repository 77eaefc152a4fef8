// Energy, forces and stress of a MACE model of the published medium shape, beside mace-torch on the same model, structure and threads.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Structure } from '../../contracts/structure.ts';
import { NO_JUDGE, findJudge } from '../../tests/parity/judge.ts';
import { ModelMaker } from '../../tests/parity/model-maker.ts';
import { evaluateStructure } from '../../worker/kernel-client/evaluate.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { importCheckpoint } from '../../worker/models/mace/import-checkpoint.ts';
import { writeStructure } from '../../worker/structures/write-structure.ts';
import { machineLoad, median, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { writeMediumModel } from './mace-model.ts';

const PEER = resolve(import.meta.dirname, '..', 'peers', 'mace_torch.py');
const N_THREADS = 2;
const N_WARM_UP = 2;
const N_REPEATS = 7;
/** It is slower by far. */
const N_PEER_REPEATS = 3;
export const PRECISIONS = ['float32', 'float64'] as const;
export type Precision = (typeof PRECISIONS)[number];
const MIB_PER_KIB = 1 / 1024;
const MS_PER_S = 1000;

const peerSchema = z.object({
  version: z.string(),
  torch_version: z.string(),
  n_edges: z.int(),
  energy_eV: z.number(),
  model_seconds: z.number(),
  neighbor_list_seconds: z.number(),
  peak_memory_KiB: z.number(),
});

interface Options {
  kernelPath: string;
  kernelVersion: string;
  structures: Readonly<Record<string, Structure>>;
}

export interface Model {
  /** Of the kernel. */
  folder: string;
  /** Of mace-torch; null without it. */
  checkpoint: string | null;
  python: string | null;
  import_seconds: number | null;
}

interface Ours {
  energy_eV: number;
  seconds: number;
  first_seconds: number;
  peak_memory_KiB: number;
}

/** The same model for both, where mace-torch can make it. */
export async function makeModel(folder: string): Promise<Model> {
  const python = findJudge();
  const modelFolder = join(folder, 'model');
  if (python === null) {
    writeMediumModel(modelFolder);
    return { folder: modelFolder, checkpoint: null, python, import_seconds: null };
  }
  const { maker } = await ModelMaker.start(python, folder, ['mp-medium', '--no-references']);
  const checkpoint = join(await maker.made('mp-medium'), 'model.model');
  await maker.stop();
  const start = performance.now();
  await importCheckpoint(checkpoint, modelFolder);
  return { folder: modelFolder, checkpoint, python, import_seconds: (performance.now() - start) / MS_PER_S };
}

function peakMemoryKiB(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN);
}

async function measureOurs(
  kernelPath: string,
  model: Model,
  structure: Structure,
  precision: Precision,
): Promise<Ours> {
  const start = performance.now();
  const kernel = await startKernel({ path: kernelPath, env: { OMP_NUM_THREADS: String(N_THREADS) } });
  try {
    const settings = {
      potential: { kind: 'mace' as const, options: { folder: model.folder } },
      device: 'cpu',
      precision,
    };
    const evaluate = () => evaluateStructure(kernel, structure, settings, { forces: true, stress: true });
    const { energy_eV } = await evaluate();
    const first_seconds = (performance.now() - start) / MS_PER_S;
    const seconds: number[] = [];
    for (let i = 0; i < N_WARM_UP + N_REPEATS; i += 1) seconds.push((await evaluate()).kernel_seconds);
    const peak_memory_KiB = peakMemoryKiB(kernel.pid);
    return { energy_eV, first_seconds, seconds: median(seconds.slice(N_WARM_UP)), peak_memory_KiB };
  } finally {
    await kernel.stop();
  }
}

function measurePeer(
  model: Model,
  structure: Structure,
  precision: Precision,
  folder: string,
): z.infer<typeof peerSchema> | null {
  if (model.python === null || model.checkpoint === null) return null;
  const file = join(folder, 'structure.xyz');
  writeFileSync(file, writeStructure(structure, 'xyz', 'structure'));
  const options = ['--precision', precision, '--threads', String(N_THREADS), '--repeat', String(N_PEER_REPEATS)];
  const out = execFileSync(model.python, [PEER, model.checkpoint, file, ...options], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: String(N_THREADS) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return peerSchema.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''));
}

function describe(
  options: Options,
  name: string,
  precision: Precision,
  ours: Ours,
  peer: z.infer<typeof peerSchema> | null,
  model: Model,
): Measurement[] {
  const nAtoms = options.structures[name]?.symbols.length ?? 0;
  const settings = {
    structure: name,
    n_atoms: nAtoms,
    precision,
    threads: N_THREADS,
    model: '128x0e + 128x1o, r_max 6 A',
    ...machineLoad(),
  };
  const figure = (unit: string, mine: number, theirs: number | null, notes: string[]): Measurement => ({
    case: 'mace_energy_forces_stress',
    unit,
    ours: { program: 'mofkernel', version: options.kernelVersion, value: rounded(mine) },
    peers:
      peer === null || theirs === null
        ? []
        : [
            {
              program: `mace-torch, eager, torch ${peer.torch_version}`,
              version: peer.version,
              value: rounded(theirs),
            },
          ],
    settings,
    notes: peer === null ? [NO_JUDGE, ...notes] : notes,
  });
  const timeNotes = [
    `median of ${N_REPEATS} requests with the neighbor list, after ${1 + N_WARM_UP}; first energy ${rounded(ours.first_seconds)} s after the start of the kernel`,
    ...(model.import_seconds === null ? [] : [`checkpoint imported in ${rounded(model.import_seconds)} s`]),
    ...(peer === null
      ? []
      : [
          `mace-torch without its neighbor list (${rounded(peer.neighbor_list_seconds * MS_PER_S)} ms), ${peer.n_edges} edges`,
          `energies differ by ${(Math.abs(peer.energy_eV - ours.energy_eV) / nAtoms).toExponential(1)} eV/atom`,
        ]),
  ];
  return [
    figure('ms', ours.seconds * MS_PER_S, peer === null ? null : peer.model_seconds * MS_PER_S, timeNotes),
    figure('MiB', ours.peak_memory_KiB * MIB_PER_KIB, peer === null ? null : peer.peak_memory_KiB * MIB_PER_KIB, [
      'largest resident set of the process (VmHWM)',
    ]),
  ];
}

export async function* measureMace(options: Options): AsyncGenerator<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-mace-'));
  try {
    const model = await makeModel(folder);
    for (const [name, structure] of Object.entries(options.structures)) {
      for (const precision of PRECISIONS) {
        const ours = await measureOurs(options.kernelPath, model, structure, precision);
        const peer = measurePeer(model, structure, precision, folder);
        yield* describe(options, name, precision, ours, peer, model);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
