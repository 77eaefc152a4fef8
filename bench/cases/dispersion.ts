// D3(BJ) dispersion beside simple-dftd3: energy, forces and virial with PBE within 40 bohr. The kernel has it on top of a MACE model, so ours is
// the difference of the times with and without.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Structure } from '../../contracts/structure.ts';
import { writeStructure } from '../../worker/structures/write-structure.ts';
import { machineLoad, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { writeMediumModel } from './mace-model.ts';

const PEER = resolve(import.meta.dirname, '..', 'peers', 'simple_dftd3.py');
/** A small model beside it, so that its own time does not drown that of the dispersion. */
const N_CHANNELS = 8;
const N_ROUNDS = 3;
const N_REPEATS = 10;
const N_PEER_REPEATS = 2;
const MS_PER_NS = 1e-6;
const MS_PER_S = 1000;

const oursSchema = z.object({
  energy_components_eV: z.record(z.string(), z.number()),
  timing: z.object({ min_ns_per_atom: z.number() }),
});
const peerSchema = z.object({ version: z.string(), energy_eV: z.number(), seconds: z.number() });

interface Evaluations {
  ms: number;
  dispersion_eV: number;
}

function evaluate(kernelPath: string, file: string, nAtoms: number, options: readonly string[]): Evaluations {
  const args = ['evaluate', file, ...options, '--threads', '1', '--repeat', String(N_REPEATS), '--json'];
  const run = spawnSync(kernelPath, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(`mofkernel ${args.join(' ')} failed: ${run.stderr.trim()}`);
  const { timing, energy_components_eV } = oursSchema.parse(JSON.parse(run.stdout));
  return {
    ms: timing.min_ns_per_atom * nAtoms * MS_PER_NS,
    dispersion_eV: energy_components_eV.dispersion ?? NaN,
  };
}

/** Asked of the Python that MOFSIM_D3_PYTHON names; null without it. */
function askPeer(file: string, options: readonly string[]): z.infer<typeof peerSchema> | null {
  const python = process.env.MOFSIM_D3_PYTHON;
  if (python === undefined || !existsSync(python)) return null;
  const out = execFileSync(python, [PEER, file, '--repeat', String(N_PEER_REPEATS), ...options], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return peerSchema.parse(JSON.parse(out));
}

export function* measureDispersion(options: {
  kernelPath: string;
  kernelVersion: string;
  structures: Readonly<Record<string, Structure>>;
}): Generator<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-d3-'));
  try {
    const model = join(folder, 'model');
    writeMediumModel(model, N_CHANNELS);
    for (const [name, structure] of Object.entries(options.structures)) {
      const file = join(folder, 'structure.xyz');
      writeFileSync(file, writeStructure(structure, 'xyz', name));
      const nAtoms = structure.symbols.length;
      const peer = askPeer(file, []);
      for (const precision of ['float32', 'float64'] as const) {
        const mace = ['--mace', model, '--precision', precision];
        const rounds = Array.from({ length: N_ROUNDS }, () => ({
          without: evaluate(options.kernelPath, file, nAtoms, mace),
          with: evaluate(options.kernelPath, file, nAtoms, [...mace, '--d3', 'pbe']),
        }));
        const least = (of: 'with' | 'without'): number => Math.min(...rounds.map((round) => round[of].ms));
        const energy_eV = rounds[0]?.with.dispersion_eV ?? NaN;
        yield {
          case: 'd3_bj_energy_forces',
          unit: 'ms',
          ours: {
            program: 'mofkernel',
            version: options.kernelVersion,
            value: rounded(least('with') - least('without')),
          },
          peers:
            peer === null
              ? []
              : [{ program: 'simple-dftd3', version: peer.version, value: rounded(peer.seconds * MS_PER_S) }],
          settings: { structure: name, n_atoms: nAtoms, precision, threads: 1, functional: 'pbe', ...machineLoad() },
          notes: [
            `with a MACE model ${rounded(least('with'))} ms, without dispersion ${rounded(least('without'))} ms; least of ${N_ROUNDS * N_REPEATS} each`,
            peer === null
              ? 'simple-dftd3 was not found: MOFSIM_D3_PYTHON names no Python that has it'
              : `energies differ by ${(Math.abs(peer.energy_eV - energy_eV) / nAtoms).toExponential(1)} eV/atom; simple-dftd3 computes in float64`,
          ],
        };
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
