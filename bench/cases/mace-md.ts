// Molecular dynamics at constant energy with a MACE model: time of a step, neighbor list included, beside the time of an evaluation of energy and forces
// in the same program, and beside ASE with mace-torch.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Structure } from '../../contracts/structure.ts';
import { NO_JUDGE } from '../../tests/parity/judge.ts';
import { writeStructure } from '../../worker/structures/write-structure.ts';
import { machineLoad, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { runAndMeasure } from '../run-and-measure.ts';
import { makeModel, PRECISIONS, type Model, type Precision } from './mace.ts';

const PEER = resolve(import.meta.dirname, '..', 'peers', 'mace_torch_md.py');
const N_THREADS = 2;
const TEMPERATURE_K = 300;
const TIMESTEP_FS = 0.5;
/** Evaluations and steps take turns; the fastest round of each counts, because whatever else runs on the machine only slows. */
const N_ROUNDS = 3;
const N_STEPS = 60;
const N_EVALUATIONS = 20;
const N_PEER_STEPS = 3;
const MS_PER_NS = 1e-6;
const MS_PER_S = 1000;

const stepsSchema = z.object({ type: z.literal('md_summary'), ns_per_atom_step: z.number(), n_list_builds: z.int() });
const evaluationSchema = z.object({ timing: z.object({ mean_ns_per_atom: z.number() }) });
const peerSchema = z.object({
  version: z.string(),
  torch_version: z.string(),
  ase_version: z.string(),
  step_seconds: z.number(),
});

interface Ours {
  step_ms: number;
  evaluation_ms: number;
  n_list_builds: number;
}

function lastLine(text: string): unknown {
  return JSON.parse(text.trim().split('\n').at(-1) ?? '');
}

function measureOurs(kernelPath: string, model: Model, file: string, nAtoms: number, precision: Precision): Ours {
  const common = ['--mace', model.folder, '--precision', precision, '--threads', String(N_THREADS)];
  const run = (command: string, options: readonly string[]): unknown => {
    const { status, stdout, stderr } = runAndMeasure([kernelPath, command, file, ...common, ...options]);
    if (status !== 0) throw new Error(`mofkernel ${command} failed: ${stderr.trim()}`);
    return lastLine(stdout);
  };
  const dynamics = ['--ensemble', 'nve', '--temperature', String(TEMPERATURE_K), '--timestep', String(TIMESTEP_FS)];
  const ours: Ours = { step_ms: Infinity, evaluation_ms: Infinity, n_list_builds: 0 };
  for (let round = 0; round < N_ROUNDS; round += 1) {
    const evaluations = evaluationSchema.parse(run('evaluate', ['--repeat', String(N_EVALUATIONS), '--json']));
    const steps = stepsSchema.parse(run('md', [...dynamics, '--steps', String(N_STEPS), '--sample', String(N_STEPS)]));
    ours.evaluation_ms = Math.min(ours.evaluation_ms, evaluations.timing.mean_ns_per_atom * nAtoms * MS_PER_NS);
    ours.step_ms = Math.min(ours.step_ms, steps.ns_per_atom_step * nAtoms * MS_PER_NS);
    ours.n_list_builds = steps.n_list_builds;
  }
  return ours;
}

function measurePeer(model: Model, file: string, precision: Precision): z.infer<typeof peerSchema> | null {
  if (model.python === null || model.checkpoint === null) return null;
  const settings = ['--timestep-fs', String(TIMESTEP_FS), '--temperature-k', String(TEMPERATURE_K)];
  const options = ['--precision', precision, '--threads', String(N_THREADS), '--steps', String(N_PEER_STEPS)];
  const out = execFileSync(model.python, [PEER, model.checkpoint, file, ...options, ...settings], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: String(N_THREADS) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return peerSchema.parse(lastLine(out));
}

export async function* measureMaceMd(options: {
  kernelPath: string;
  kernelVersion: string;
  structures: Readonly<Record<string, Structure>>;
}): AsyncGenerator<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-bench-mace-md-'));
  try {
    const model = await makeModel(folder);
    for (const [name, structure] of Object.entries(options.structures)) {
      const file = join(folder, 'structure.xyz');
      writeFileSync(file, writeStructure(structure, 'xyz', name));
      const nAtoms = structure.symbols.length;
      for (const precision of PRECISIONS) {
        const ours = measureOurs(options.kernelPath, model, file, nAtoms, precision);
        const peer = measurePeer(model, file, precision);
        const percent = (ours.step_ms / ours.evaluation_ms - 1) * 100;
        yield {
          case: 'mace_nve',
          unit: 'ms/step',
          ours: { program: 'mofkernel', version: options.kernelVersion, value: rounded(ours.step_ms) },
          peers:
            peer === null
              ? []
              : [
                  {
                    program: `ASE ${peer.ase_version}, mace-torch, torch ${peer.torch_version}`,
                    version: peer.version,
                    value: rounded(peer.step_seconds * MS_PER_S),
                  },
                ],
          settings: {
            structure: name,
            n_atoms: nAtoms,
            precision,
            threads: N_THREADS,
            n_steps: N_STEPS,
            ...machineLoad(),
          },
          notes: [
            `a step is ${percent.toFixed(1)} % above an evaluation of energy and forces (${rounded(ours.evaluation_ms)} ms): asked for are 15 %; ${ours.n_list_builds} lists built`,
            ...(peer === null ? [NO_JUDGE] : []),
          ],
        };
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
