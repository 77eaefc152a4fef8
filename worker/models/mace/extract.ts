// A checkpoint of mace-torch as what the kernel reads: model.json without its checksums, and the tensors beside it.
import { maceModelSchema } from '../../../contracts/mace-model.ts';
import type { MaceModel } from '../../../contracts/mace-model.ts';
import type { Checkpoint, Value } from '../checkpoint/values.ts';
import { extractInteraction, irrepsOf } from './interaction.ts';
import { isList } from './irreps.ts';
import { blockOf, createBuilder } from './model-builder.ts';
import type { ModelBuilder, ModelTensor } from './model-builder.ts';
import { allModules, listAt, moduleAt, shortName, tensorAt } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import { extractProduct } from './product.ts';
import { extractRadial, extractZbl, readCutoff } from './radial.ts';
import { extractReadout } from './readout.ts';
import { assertConsistent, refusal } from './refusal.ts';
import { unsupportedParts } from './supported.ts';
import { emptyLike, readAt, splitByDegree } from './weights.ts';

/** model.json before the files are written. */
export type MaceDescription = Omit<MaceModel, 'format' | 'format_version' | 'source' | 'tensors_sha256'> & {
  readonly class_name: MaceModel['source']['class_name'];
};

export interface ExtractedModel {
  readonly description: MaceDescription;
  /** By name; those of floating-point numbers all in `description.dtype`. */
  readonly tensors: ReadonlyMap<string, ModelTensor>;
}

/** In models from before heads had names. */
const ONLY_HEAD = 'Default';

/**
 * @param root of a tree that was pickled, or that was made up for a state dict
 * @throws ServiceError 42206 naming what is not supported, or what contradicts itself
 */
export async function extractMaceModel(checkpoint: Checkpoint, root: ModuleNode): Promise<ExtractedModel> {
  const unsupported = unsupportedParts(root);
  if (unsupported.length > 0) throw refusal(unsupported);
  const atomic_numbers = await readAtomicNumbers(checkpoint, root);
  const heads = headsOf(root.attributes.get('heads'));
  const builder = createBuilder(checkpoint, atomic_numbers.length, heads);

  const radial = await extractRadial(builder, root);
  const n_channels = await extractEmbedding(builder, root);
  await extractEnergies(builder, root);
  const { layers, l_max } = await extractLayers(builder, root, radial.n_basis);
  assertConsistent(
    layers[0]?.n_input_channels === n_channels,
    'the first layer does not take the embedding of the elements.',
  );
  assertHarmonics(moduleAt(root, 'spherical_harmonics'), l_max);
  const rest = {
    zbl: await extractZbl(builder, root),
    readouts: await extractReadouts(builder, root, layers),
    r_max_A: await readCutoff(checkpoint, root),
  };
  const { dtype, tensors } = inOneDtype(builder.tensors);
  const description = describedSchema.parse({
    dtype,
    n_parameters: countParameters(root),
    atomic_numbers,
    heads,
    l_max,
    n_channels,
    radial,
    layers,
    ...rest,
  });
  return { description: { ...description, class_name: classOf(root) }, tensors };
}

const describedSchema = maceModelSchema.omit({
  format: true,
  format_version: true,
  source: true,
  tensors_sha256: true,
});

function classOf(root: ModuleNode): MaceDescription['class_name'] {
  return maceModelSchema.shape.source.shape.class_name.parse(shortName(root.class_name));
}

export async function readAtomicNumbers(checkpoint: Checkpoint, root: ModuleNode): Promise<number[]> {
  const values = await checkpoint.readTensor(tensorAt(root, 'atomic_numbers'));
  const atomic_numbers = Array.from(values, Number);
  assertConsistent(
    atomic_numbers.length > 0 &&
      new Set(atomic_numbers).size === atomic_numbers.length &&
      atomic_numbers.every((z) => Number.isInteger(z) && z >= 1 && z <= 118),
    'its atomic_numbers are not different elements.',
  );
  return atomic_numbers;
}

export function headsOf(value: Value | undefined): string[] {
  if (value === undefined || value === null) return [ONLY_HEAD];
  const heads = isList(value) ? value.items.filter((item) => typeof item === 'string' && item !== '') : [];
  assertConsistent(
    isList(value) && heads.length === value.items.length && heads.length > 0 && new Set(heads).size === heads.length,
    'its heads are not a list of different names.',
  );
  return heads.map(String);
}

/** @returns channels of the embedding */
async function extractEmbedding(builder: ModelBuilder, root: ModuleNode): Promise<number> {
  const linear = moduleAt(root, 'node_embedding.linear');
  const weight = await readAt(builder.checkpoint, linear, 'weight');
  const split = splitByDegree(weight, irrepsOf(linear, 'irreps_in'), irrepsOf(linear, 'irreps_out'), null, linear.path);
  const embedding = blockOf(split, 0, linear.path);
  assertConsistent(
    embedding.shape[0] === builder.n_elements,
    `${linear.path} is not made for ${builder.n_elements} elements.`,
  );
  builder.put('node_embedding', embedding);
  return embedding.shape[1] ?? 0;
}

async function extractEnergies(builder: ModelBuilder, root: ModuleNode): Promise<void> {
  const n_heads = builder.heads.length;
  const energies = moduleAt(root, 'atomic_energies_fn');
  await builder.copy('atomic_energies', energies, 'atomic_energies', [n_heads, builder.n_elements]);
  const scaleShift = root.children.get('scale_shift');
  assertConsistent(
    (scaleShift !== undefined) === (classOf(root) === 'ScaleShiftMACE'),
    'scale_shift does not fit its class.',
  );
  if (scaleShift === undefined) return;
  for (const name of ['scale', 'shift']) {
    const { values } = await readAt(builder.checkpoint, scaleShift, name);
    assertConsistent(
      values.length === 1 || values.length === n_heads,
      `scale_shift.${name} has ${values.length} numbers for ${n_heads} heads.`,
    );
    const forHeads = emptyLike(values, n_heads).map((_, head) => values[values.length === 1 ? 0 : head] ?? 0);
    builder.put(name, { shape: [n_heads], values: forHeads });
  }
}

async function extractLayers(
  builder: ModelBuilder,
  root: ModuleNode,
  n_basis: number,
): Promise<{ layers: MaceModel['layers']; l_max: number }> {
  const [interactions, products] = [listAt(root, 'interactions'), listAt(root, 'products')];
  assertConsistent(
    interactions.length === products.length && products.length > 0,
    `it has ${interactions.length} interactions and ${products.length} products.`,
  );
  const layers: MaceModel['layers'] = [];
  let l_max = 0;
  for (const [t, node] of interactions.entries()) {
    const interaction = await extractInteraction(builder, node, n_basis, `layers.${t}`);
    const product = await extractProduct(builder, moduleAt(root, `products.${t}`), interaction, `layers.${t}.product`);
    assertFollows(interaction.layer, layers.at(-1), t);
    assertConsistent(
      t === 0 || interaction.l_max === l_max,
      `layer ${t} has harmonics up to another l than the first.`,
    );
    l_max = interaction.l_max;
    layers.push({ ...interaction.layer, product });
  }
  return { layers, l_max };
}

function assertFollows(
  layer: Pick<MaceModel['layers'][number], 'n_input_channels' | 'input_l_max'>,
  before: MaceModel['layers'][number] | undefined,
  t: number,
): void {
  const { n_output_channels, output_l_max } = before?.product ?? {
    n_output_channels: layer.n_input_channels,
    output_l_max: 0,
  };
  assertConsistent(
    layer.n_input_channels === n_output_channels && layer.input_l_max === output_l_max,
    `layer ${t} does not take what comes before it.`,
  );
}

async function extractReadouts(
  builder: ModelBuilder,
  root: ModuleNode,
  layers: MaceModel['layers'],
): Promise<MaceModel['readouts']> {
  const nodes = listAt(root, 'readouts');
  assertConsistent(
    nodes.length === layers.length || nodes.length === 1,
    `it has ${nodes.length} readouts for ${layers.length} layers.`,
  );
  const readouts: MaceModel['readouts'] = [];
  for (const [i, node] of nodes.entries()) {
    // A single one reads the last layer.
    const layer = nodes.length === 1 ? layers.length - 1 : i;
    const n_channels = layers[layer]?.product.n_output_channels ?? 0;
    readouts.push(await extractReadout(builder, node, layer, n_channels, `readouts.${i}`));
  }
  return readouts;
}

/** The kernel computes these harmonics and no others. */
function assertHarmonics({ attributes, path }: ModuleNode, l_max: number): void {
  assertConsistent(
    attributes.get('_lmax') === l_max &&
      attributes.get('normalize') === true &&
      attributes.get('normalization') === 'component' &&
      attributes.get('_is_range_lmax') !== false,
    `${path} is not normalised by component for l = 0 to ${l_max}.`,
  );
}

/** As torch counts them: each tensor of `_parameters` once, however often it is used. */
export function countParameters(root: ModuleNode): number {
  const seen = new Set<string>();
  let n_parameters = 0;
  for (const { parameters } of allModules(root)) {
    for (const { storage, offset, shape } of parameters.values()) {
      const key = `${storage} ${offset} ${shape.join('x')}`;
      if (seen.has(key)) continue;
      seen.add(key);
      n_parameters += shape.reduce((product, size) => product * size, 1);
    }
  }
  return n_parameters;
}

/** 64 bits when any of them has 64 bits: nothing is lost. Couplings are sums of ours, in 64 bits always. */
function inOneDtype(tensors: ReadonlyMap<string, ModelTensor>): {
  dtype: MaceDescription['dtype'];
  tensors: Map<string, ModelTensor>;
} {
  const isStored = ([name]: readonly [string, ModelTensor]): boolean => !name.endsWith('.coupling');
  const isDouble = [...tensors].filter(isStored).some(([, { values }]) => values instanceof Float64Array);
  const widened = [...tensors].map(([name, { shape, values }]): [string, ModelTensor] => [
    name,
    { shape, values: isDouble && values instanceof Float32Array ? new Float64Array(values) : values },
  ]);
  return { dtype: isDouble ? 'float64' : 'float32', tensors: new Map(widened) };
}
