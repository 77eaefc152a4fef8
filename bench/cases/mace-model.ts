// A MACE model of the published medium shape with random weights, for machines without mace-torch: the couplings of a small model of
// the kernel's tests, every other number made up. Its energies mean nothing; its cost is that of the real ones.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MACE_MODEL_FILE, MACE_TENSOR_FILE, maceModelSchema } from '../../contracts/mace-model.ts';
import type { MaceModel } from '../../contracts/mace-model.ts';
import { readTensors } from '../../tests/parity/safetensors-file.ts';
import type { StoredTensor } from '../../tests/parity/safetensors-file.ts';
import type { ModelTensor } from '../../worker/models/mace/model-builder.ts';
import { safetensorsParts } from '../../worker/models/mace/safetensors.ts';

/** Two residual blocks, L = 1, harmonics up to 3, correlation 3. */
const FIXTURE = resolve(import.meta.dirname, '../../worker/kernel/tests/reference/mace/fixture-residual');
const MEDIUM_CHANNELS = 128;
const N_BASIS = 10;
const HIDDEN = [64, 64, 64];
const N_READOUT = 16;
const R_MAX_A = 6;
const ATOMIC_NUMBERS = Array.from({ length: 94 }, (_, i) => i + 1).filter((z) => z < 84 || z > 88);

/** Uniform in [-sqrt(3), sqrt(3)): variance 1, as torch's weights; the same numbers in every run (Knuth's MMIX generator). */
function randomNumbers(): () => number {
  let state = 7n;
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return (Number(state >> 11n) / 2 ** 53 - 0.5) * Math.sqrt(12);
  };
}

/** Sizes of one layer's tensors, by the end of their names; docs/mace-model.md. */
function shapesOf(model: MaceModel): Map<string, number[]> {
  const [nZ, C] = [ATOMIC_NUMBERS.length, model.n_channels];
  const shapes = new Map<string, number[]>([
    ['node_embedding', [nZ, C]],
    ['atomic_energies', [1, nZ]],
    ['scale', [1]],
    ['shift', [1]],
    ['readouts.0.linear', [C, 1]],
    ['readouts.1.linear_1', [C, N_READOUT]],
    ['readouts.1.linear_2', [N_READOUT, 1]],
  ]);
  for (const [t, { paths, input_l_max, product }] of model.layers.entries()) {
    const widths = [N_BASIS, ...HIDDEN, paths.length * C];
    for (const [i, width] of widths.slice(1).entries())
      shapes.set(`layers.${t}.radial.${i}.weight`, [widths[i] ?? 0, width]);
    for (let l = 0; l <= input_l_max; l += 1) shapes.set(`layers.${t}.linear_up.${l}`, [C, C]);
    for (let l = 0; l <= model.l_max; l += 1) {
      shapes.set(`layers.${t}.linear.${l}`, [paths.filter(([, , l3]) => l3 === l).length * C, C]);
    }
    for (let l = 0; l <= product.output_l_max; l += 1) shapes.set(`layers.${t}.product.linear.${l}`, [C, C]);
    for (let l = 0; l <= Math.min(input_l_max, product.output_l_max); l += 1)
      shapes.set(`layers.${t}.skip.${l}`, [C, nZ, C]);
  }
  return shapes;
}

/** Index rows and couplings as they are; weights for more elements and channels. */
function productTensors(
  fixture: ReadonlyMap<string, StoredTensor>,
  nChannels: number,
  fill: (shape: number[]) => ModelTensor,
): Map<string, ModelTensor> {
  const tensors = new Map<string, ModelTensor>();
  for (const [name, { shape, bytes }] of fixture) {
    // A copy, because the bytes need not begin at a multiple of a number's size.
    const buffer = new Uint8Array(bytes).buffer;
    if (name.endsWith('.index')) tensors.set(name, { shape, values: new Int32Array(buffer) });
    else if (name.endsWith('.coupling')) tensors.set(name, { shape, values: new Float64Array(buffer) });
    else if (/\.product\.\d+\.\d+\.weight$/.test(name)) {
      tensors.set(name, fill([ATOMIC_NUMBERS.length, shape[1] ?? 0, nChannels]));
    }
  }
  return tensors;
}

function describe(fixture: MaceModel, n_channels: number): Omit<MaceModel, 'tensors_sha256'> {
  return {
    ...fixture,
    source: { ...fixture.source, file_name: 'random-medium.model' },
    atomic_numbers: ATOMIC_NUMBERS,
    r_max_A: R_MAX_A,
    n_channels,
    radial: { ...fixture.radial, n_basis: N_BASIS, prefactor: Math.sqrt(2 / R_MAX_A) },
    layers: fixture.layers.map((layer) => ({
      ...layer,
      n_input_channels: n_channels,
      n_edge_channels: n_channels,
      n_message_channels: n_channels,
      product: { ...layer.product, n_output_channels: n_channels },
    })),
    readouts: fixture.readouts.map((readout) =>
      readout.kind === 'linear' ? readout : { ...readout, n_hidden: N_READOUT },
    ),
  };
}

/** Writes model.json and model.safetensors to `folder`: 128x0e + 128x1o (or fewer channels), 89 elements, cutoff 6 A, float64. */
export function writeMediumModel(folder: string, nChannels = MEDIUM_CHANNELS): void {
  const fixture = maceModelSchema.parse(JSON.parse(readFileSync(join(FIXTURE, MACE_MODEL_FILE), 'utf8')));
  const model = describe(fixture, nChannels);
  const random = randomNumbers();
  const fill = (shape: number[]): ModelTensor => ({
    shape,
    values: Float64Array.from({ length: shape.reduce((product, n) => product * n, 1) }, random),
  });
  const tensors = productTensors(readTensors(join(FIXTURE, MACE_TENSOR_FILE)), nChannels, fill);
  for (const [name, shape] of shapesOf({ ...fixture, n_channels: nChannels })) tensors.set(name, fill(shape));
  const frequencies = Float64Array.from({ length: N_BASIS }, (_, n) => ((n + 1) * Math.PI) / R_MAX_A);
  tensors.set('radial.weights', { shape: [N_BASIS], values: frequencies });
  const file = Buffer.concat(safetensorsParts(tensors));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MACE_TENSOR_FILE), file);
  const text = { ...model, tensors_sha256: createHash('sha256').update(file).digest('hex') };
  writeFileSync(join(folder, MACE_MODEL_FILE), JSON.stringify(maceModelSchema.parse(text)));
}
