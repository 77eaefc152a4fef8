// The radial part of a MACE: basis, cutoff, transform of the distance, ZBL, and the networks that make weights of them.
import type { MaceActivation, MaceModel } from '../../../contracts/mace-model.ts';
import { maceZblSchema } from '../../../contracts/mace-model.ts';
import type { Checkpoint } from '../checkpoint/values.ts';
import { NO_ACTIVATION, PLAIN_SILU, normalizedActivation } from './activation.ts';
import type { ModelBuilder } from './model-builder.ts';
import { listAt, moduleAt, shortName, tensorAt } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import { assertConsistent, refusal } from './refusal.ts';
import { readAt, readNumber, transposed } from './weights.ts';

const N_COVALENT_RADII = 119;
const LAYER_NORM_EPSILON = 1e-5;

export async function extractRadial(builder: ModelBuilder, root: ModuleNode): Promise<MaceModel['radial']> {
  const embedding = moduleAt(root, 'radial_embedding');
  const basis = await extractBasis(builder, moduleAt(embedding, 'bessel_fn'));
  return {
    ...basis,
    cutoff_exponent: await readNumber(builder.checkpoint, moduleAt(embedding, 'cutoff_fn'), 'p'),
    is_cutoff_in_basis: embedding.attributes.get('apply_cutoff') !== false,
    transform: await extractTransform(builder, embedding.children.get('distance_transform')),
  };
}

type Basis = Pick<MaceModel['radial'], 'basis' | 'n_basis' | 'prefactor' | 'coefficient'>;

async function extractBasis(builder: ModelBuilder, node: ModuleNode): Promise<Basis> {
  const { checkpoint } = builder;
  switch (shortName(node.class_name)) {
    case 'BesselBasis': {
      const weights = await readAt(checkpoint, node, 'bessel_weights');
      builder.put('radial.weights', weights);
      const prefactor = await readNumber(checkpoint, node, 'prefactor');
      return { basis: 'bessel', n_basis: weights.values.length, prefactor, coefficient: null };
    }
    case 'GaussianBasis': {
      const weights = await readAt(checkpoint, node, 'gaussian_weights');
      builder.put('radial.weights', weights);
      const coefficient = node.attributes.get('coeff');
      assertConsistent(typeof coefficient === 'number', `${node.path}.coeff is not a number.`);
      return { basis: 'gaussian', n_basis: weights.values.length, prefactor: null, coefficient };
    }
    case 'ChebychevBasis': {
      const { values } = await readAt(checkpoint, node, 'n');
      assertConsistent(
        values.every((n, i) => n === i + 1),
        `${node.path}.n is not 1, 2, 3, …`,
      );
      return { basis: 'chebyshev', n_basis: values.length, prefactor: null, coefficient: null };
    }
    default:
      throw refusal(
        `The radial basis ${shortName(node.class_name)} is not supported; Bessel, Gaussian and Chebyshev are.`,
      );
  }
}

async function extractTransform(
  builder: ModelBuilder,
  node: ModuleNode | undefined,
): Promise<MaceModel['radial']['transform']> {
  if (node === undefined) return { kind: 'none' };
  const number = (name: string): Promise<number> => readNumber(builder.checkpoint, node, name);
  const name = shortName(node.class_name);
  if (name !== 'AgnesiTransform' && name !== 'SoftTransform') {
    throw refusal(`The distance transform ${name} is not supported; Agnesi and Soft are.`);
  }
  await builder.copy('transform.covalent_radii', node, 'covalent_radii', [N_COVALENT_RADII]);
  if (name === 'SoftTransform') return { kind: 'soft', alpha: await number('alpha') };
  return { kind: 'agnesi', q: await number('q'), p: await number('p'), a: await number('a') };
}

export async function extractZbl(builder: ModelBuilder, root: ModuleNode): Promise<MaceModel['zbl']> {
  const node = root.children.get('pair_repulsion_fn');
  if (node === undefined) return null;
  if (shortName(node.class_name) !== 'ZBLBasis') {
    throw refusal(`The pair repulsion ${shortName(node.class_name)} is not supported; ZBL is.`);
  }
  await builder.copy('zbl.covalent_radii', node, 'covalent_radii', [N_COVALENT_RADII]);
  return maceZblSchema.parse({
    coefficients: [...(await readAt(builder.checkpoint, node, 'c')).values],
    cutoff_exponent: await readNumber(builder.checkpoint, node, 'p'),
    a_exponent: await readNumber(builder.checkpoint, node, 'a_exp'),
    a_prefactor: await readNumber(builder.checkpoint, node, 'a_prefactor'),
  });
}

/** What a network says of itself. */
export interface NetworkShape {
  readonly n_in: number;
  readonly n_out: number;
  /** Of its hidden layers. */
  readonly activation: MaceActivation;
}

/** e3nn's FullyConnectedNet: layer0, layer1, …, each [in][out] without a bias, as `<name>.i.weight`. */
export async function extractFullyConnected(
  builder: ModelBuilder,
  node: ModuleNode,
  name: string,
): Promise<NetworkShape> {
  const layers = Array.from(node.children.keys(), (_, i) => moduleAt(node, `layer${i}`));
  const widths: number[] = [];
  for (const [i, layer] of layers.entries()) {
    const weight = await readAt(builder.checkpoint, layer, 'weight');
    assertMatrix(weight.shape, widths.at(-1), layer.path);
    assertUnitVariance(layer);
    widths.push(...(i === 0 ? weight.shape : weight.shape.slice(1)));
    builder.put(`${name}.${i}.weight`, weight);
  }
  assertConsistent(
    layers.at(-1)?.children.get('act') === undefined,
    `the last layer of ${node.path} has an activation.`,
  );
  const [first] = layers;
  const activation =
    layers.length < 2 || first === undefined ? NO_ACTIVATION : normalizedActivation(first.children.get('act'));
  return { n_in: widths[0] ?? 0, n_out: widths.at(-1) ?? 0, activation };
}

/** RadialMLP: Linear, LayerNorm, SiLU, …, Linear; torch keeps the weights [out][in]. */
export async function extractRadialMlp(builder: ModelBuilder, node: ModuleNode, name: string): Promise<NetworkShape> {
  const members = listAt(node, 'net');
  const widths: number[] = [];
  let layer = -1;
  for (const [i, member] of members.entries()) {
    const expected = ['Linear', 'LayerNorm', 'SiLU'][i % 3];
    assertConsistent(
      shortName(member.class_name) === expected,
      `${member.path} is a ${shortName(member.class_name)} in the place of a ${expected ?? ''}.`,
    );
    if (expected === 'Linear') {
      layer += 1;
      const weight = transposed(await readAt(builder.checkpoint, member, 'weight'));
      assertMatrix(weight.shape, widths.at(-1), member.path);
      widths.push(...(i === 0 ? weight.shape : weight.shape.slice(1)));
      builder.put(`${name}.${layer}.weight`, weight);
      await builder.copy(`${name}.${layer}.bias`, member, 'bias', weight.shape.slice(1));
    } else if (expected === 'LayerNorm') {
      const epsilon = member.attributes.get('eps') ?? LAYER_NORM_EPSILON;
      assertConsistent(epsilon === LAYER_NORM_EPSILON, `${member.path}.eps is not ${LAYER_NORM_EPSILON}.`);
      await builder.copy(`${name}.${layer}.norm_weight`, member, 'weight', widths.slice(-1));
      await builder.copy(`${name}.${layer}.norm_bias`, member, 'bias', widths.slice(-1));
    }
  }
  assertConsistent(members.length % 3 === 1, `${node.path} does not end with a Linear.`);
  return { n_in: widths[0] ?? 0, n_out: widths.at(-1) ?? 0, activation: PLAIN_SILU };
}

/** The density of the density blocks: one layer from the basis to one number. */
export async function extractDensityWeight(builder: ModelBuilder, node: ModuleNode, name: string): Promise<void> {
  const { size } = node.children;
  assertConsistent(size === 1, `${node.path} has ${size} layers instead of one.`);
  const layer = moduleAt(node, 'layer0');
  assertUnitVariance(layer);
  await builder.copy(name, layer, 'weight', tensorAt(layer, 'weight').shape.slice(0, 1));
}

/** Numbers that model.json keeps and that the file has as a tensor. */
export async function readCutoff(checkpoint: Checkpoint, root: ModuleNode): Promise<number> {
  const r_max_A = await readNumber(checkpoint, root, 'r_max');
  const cutoff = await readNumber(checkpoint, moduleAt(root, 'radial_embedding.cutoff_fn'), 'r_max');
  assertConsistent(cutoff === r_max_A, `r_max is ${r_max_A} and that of the cutoff function ${cutoff}.`);
  return r_max_A;
}

function assertMatrix(shape: readonly number[], n_before: number | undefined, where: string): void {
  assertConsistent(
    shape.length === 2 && (n_before === undefined || shape[0] === n_before),
    `the weight of ${where} has the shape ${shape.join(' x ')}, which does not follow the layer before.`,
  );
}

/** e3nn can scale a layer by variances that mace-torch never sets. */
function assertUnitVariance(layer: ModuleNode): void {
  for (const name of ['var_in', 'var_out']) {
    assertConsistent((layer.attributes.get(name) ?? 1) === 1, `${layer.path}.${name} is not 1.`);
  }
}
