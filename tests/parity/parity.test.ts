// Our importer and our kernel against mace-torch itself, on models of every variant that are made on the spot. Skipped, with the
// reason, where mace-torch is not installed.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Precision } from '../../contracts/kernel-message.ts';
import {
  MACE_MODEL_FILE,
  MACE_TENSOR_FILE,
  maceModelSchema,
  stateDictDetailsSchema,
} from '../../contracts/mace-model.ts';
import type { MaceModel, StateDictDetails } from '../../contracts/mace-model.ts';
import { evaluateStructures } from '../../worker/kernel-client/evaluate.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import type { Kernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { importCheckpoint } from '../../worker/models/mace/import-checkpoint.ts';
import { QUANTITIES, deviationsOf, largestOf } from './deviations.ts';
import type { Deviations } from './deviations.ts';
import { NO_JUDGE, findJudge } from './judge.ts';
import { ModelMaker } from './model-maker.ts';
import { readReference, structureOf } from './reference.ts';
import { readTensors } from './safetensors-file.ts';

/** Names of variants or groups, separated by commas; the rest of the full-size ones takes minutes more. */
const SELECTION = (process.env.MOFSIM_PARITY ?? 'small,mp-medium,mpa-0-medium').split(',');
const REPORT = resolve(import.meta.dirname, '..', '..', 'out', 'test-reports', 'parity.json');

const BOUNDS: Record<'float64' | 'float32', Deviations> = {
  float64: { energy_eV_per_atom: 1e-9, energies_eV: 1e-9, forces_eV_per_A: 1e-8, stress_eV_per_A3: 1e-9 },
  // Nothing is asked of the energies of single atoms; those of a random network are larger than their mean.
  float32: { energy_eV_per_atom: 1e-5, energies_eV: 5e-5, forces_eV_per_A: 1e-4, stress_eV_per_A3: 1e-5 },
};

const judge = findJudge();
const folder = mkdtempSync(join(tmpdir(), 'mofsim-parity-'));
const started = judge === null ? null : await ModelMaker.start(judge, folder, SELECTION);
const report: { model: string; precision: Precision; structure: string; deviations: Deviations }[] = [];

/** Without what tells of the file that it was written from and to. */
function whatItIs(model: MaceModel): unknown {
  return { ...model, tensors_sha256: null, source: model.source.class_name };
}

/** What a user would have to say of the weights of this model. */
function detailsOf({ layers, heads, readouts, radial }: MaceModel): StateDictDetails {
  const { activation } = readouts.find(({ kind }) => kind !== 'linear') ?? {};
  return stateDictDetailsSchema.parse({
    avg_num_neighbors: layers.map(({ avg_num_neighbors }) => avg_num_neighbors),
    heads,
    blocks: layers.map(({ block }) => block),
    ...(activation === undefined ? {} : { gate: activation.name }),
    apply_cutoff: radial.is_cutoff_in_basis,
  });
}

/** The model that the importer made of `exported`/`file` against what Python exported, tensor by tensor. */
async function assertImportedAsExported(exported: string, file: string, details?: StateDictDetails): Promise<void> {
  const imported = mkdtempSync(join(folder, 'imported-'));
  const target = join(imported, 'model');
  await importCheckpoint(join(exported, file), target, details === undefined ? {} : { details });
  expect(whatItIs(readModel(target))).toEqual(whatItIs(readModel(exported)));
  const ours = readTensors(join(target, MACE_TENSOR_FILE));
  const theirs = readTensors(join(exported, MACE_TENSOR_FILE));
  expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
  for (const [tensor, { dtype, shape, bytes }] of theirs) {
    const mine = ours.get(tensor);
    expect.soft({ dtype: mine?.dtype, shape: mine?.shape }, tensor).toEqual({ dtype, shape });
    expect.soft(mine?.bytes.equals(bytes), `numbers of ${tensor}`).toBe(true);
  }
  rmSync(imported, { recursive: true });
}

function readModel(path: string): MaceModel {
  return maceModelSchema.parse(JSON.parse(readFileSync(join(path, MACE_MODEL_FILE), 'utf8')));
}

/** Largest deviation over the structures of a model, each head's in one batch. */
async function compare(
  kernel: Kernel,
  model: string,
  path: string,
  precision: 'float64' | 'float32',
): Promise<Deviations> {
  const evaluations = readReference(path).structures;
  const all: Deviations[] = [];
  for (const head of new Set(evaluations.map((evaluation) => evaluation.head))) {
    const theirs = evaluations.filter((evaluation) => evaluation.head === head);
    const { structures: ours } = await evaluateStructures(
      kernel,
      theirs.map(structureOf),
      { potential: { kind: 'mace', options: { folder: path, head } }, device: 'cpu', precision },
      { forces: true, stress: true, per_atom: true },
    );
    for (const [i, reference] of theirs.entries()) {
      const deviations = deviationsOf(ours[i]!, reference);
      report.push({ model, precision, structure: reference.name, deviations });
      all.push(deviations);
    }
  }
  return largestOf(all);
}

function assertBelow(deviations: Deviations, bounds: Deviations): void {
  for (const quantity of QUANTITIES) expect.soft(deviations[quantity], quantity).toBeLessThan(bounds[quantity]);
}

afterAll(async () => {
  await started?.maker.stop();
  rmSync(folder, { recursive: true, force: true });
});

if (started === null) {
  test('mace_torch_judges', ({ skip }) => {
    skip(NO_JUDGE);
  });
} else {
  const { maker, names } = started;
  let kernel: Kernel | null = null;

  beforeAll(async () => {
    kernel = await startKernel({ path: locateKernel() });
  });
  afterAll(async () => {
    await kernel?.stop();
    mkdirSync(resolve(REPORT, '..'), { recursive: true });
    writeFileSync(REPORT, JSON.stringify(report));
  });

  describe.each(names)('%s', (name) => {
    test('the_imported_checkpoint_is_bit_for_bit_the_living_model', async () => {
      await assertImportedAsExported(await maker.made(name), 'model.model');
    });

    test('the_weights_of_a_training_run_are_bit_for_bit_the_living_model', async () => {
      const exported = await maker.made(name);
      await assertImportedAsExported(exported, 'weights.pt', detailsOf(readModel(exported)));
    });

    test.each(['float64', 'float32'] as const)('energies_forces_and_stresses_in_%s', async (precision) => {
      const path = await maker.made(name);
      assertBelow(await compare(kernel!, name, path, precision), BOUNDS[precision]);
    });
  });
}
