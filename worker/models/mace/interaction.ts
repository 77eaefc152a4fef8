// An interaction block: linear up, convolution, linear, and what its variant adds.
import { maceBlockSchema } from '../../../contracts/mace-model.ts';
import type { MaceBlock, MaceLayer } from '../../../contracts/mace-model.ts';
import type { Value } from '../checkpoint/values.ts';
import { functionName, normalizedActivation, scaleOf } from './activation.ts';
import { contentOf, isList, isNatural, parseIrreps, uniformIrreps, unnatural } from './irreps.ts';
import type { IrrepBlock, UniformIrreps } from './irreps.ts';
import { blockOf } from './model-builder.ts';
import type { ModelBuilder } from './model-builder.ts';
import { isTensor, join, moduleAt, shortName } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import { convolutionPaths } from './paths.ts';
import type { Path } from './paths.ts';
import { extractDensityWeight, extractFullyConnected, extractRadialMlp } from './radial.ts';
import type { NetworkShape } from './radial.ts';
import { assertConsistent, refusal } from './refusal.ts';
import { readAt, splitByDegree } from './weights.ts';
import type { FloatTensor } from './weights.ts';

/** e3nn rounds nothing here; older files may have gone through 32 bits. */
const PATH_WEIGHT_TOLERANCE = 1e-6;

export interface Interaction {
  readonly layer: Omit<MaceLayer, 'product'>;
  /** The block hands a residual to its product. */
  readonly has_residual: boolean;
  readonly l_max: number;
}

/** @param name of its tensors, such as `layers.0` */
export async function extractInteraction(
  builder: ModelBuilder,
  node: ModuleNode,
  n_basis: number,
  name: string,
): Promise<Interaction> {
  const block = maceBlockSchema.parse(shortName(node.class_name));
  const isNonLinear = block === 'RealAgnosticResidualNonLinearInteractionBlock';
  const input = uniform(node, 'linear_up', 'irreps_in');
  const edge = uniform(node, 'linear_up', 'irreps_out');
  const { paths, l_max } = checkedPaths(moduleAt(node, 'conv_tp'), edge);
  const message = uniformIrreps(
    irrepsAt(node, isNonLinear ? 'linear_2' : 'linear', 'irreps_out'),
    join(node.path, 'linear'),
  );
  assertConsistent(message.l_max === l_max, `the message of ${node.path} ends at l = ${message.l_max}, not ${l_max}.`);
  assertConsistent(edge.l_max <= input.l_max, `${node.path} has edge features of l that its input does not have.`);

  await putLinear(builder, moduleAt(node, 'linear_up'), join(name, 'linear_up'));
  const radial = isNonLinear
    ? await extractRadialMlp(builder, moduleAt(node, 'conv_tp_weights'), join(name, 'radial'))
    : await extractFullyConnected(builder, moduleAt(node, 'conv_tp_weights'), join(name, 'radial'));
  const n_in = isNonLinear ? n_basis + 2 * input.n_channels : n_basis;
  assertRadialShape(radial, n_in, paths.length * edge.n_channels, node);

  const gate = isNonLinear
    ? await extractNonLinear(builder, node, input, n_in, name)
    : await extractPlain(builder, node, block, name);
  return {
    layer: {
      block,
      n_input_channels: input.n_channels,
      input_l_max: input.l_max,
      n_edge_channels: edge.n_channels,
      edge_l_max: edge.l_max,
      paths,
      n_message_channels: message.n_channels,
      avg_num_neighbors: await averageNeighbors(builder, node, block),
      radial_activation: radial.activation,
      gate,
    },
    has_residual: block.includes('Residual'),
    l_max,
  };
}

/** Blocks without a gate: the linear map after the convolution, the skip by element, the density. */
async function extractPlain(builder: ModelBuilder, node: ModuleNode, block: MaceBlock, name: string): Promise<null> {
  await putLinear(builder, moduleAt(node, 'linear'), join(name, 'linear'));
  const skip = moduleAt(node, 'skip_tp');
  const elements = irrepsOf(skip, 'irreps_in2');
  assertConsistent(
    elements.length === 1 && elements[0]?.mul === builder.n_elements && elements[0].l === 0,
    `${skip.path} is not made for ${builder.n_elements} elements.`,
  );
  const weight = await readAt(builder.checkpoint, skip, 'weight');
  const [from, to] = [irrepsOf(skip, 'irreps_in1'), irrepsOf(skip, 'irreps_out')];
  putByDegree(builder, splitByDegree(weight, from, to, builder.n_elements, skip.path), join(name, 'skip'));
  if (block.includes('Density')) {
    await extractDensityWeight(builder, moduleAt(node, 'density_fn'), join(name, 'density.weight'));
  }
  return null;
}

async function extractNonLinear(
  builder: ModelBuilder,
  node: ModuleNode,
  input: UniformIrreps,
  n_in: number,
  name: string,
): Promise<NonNullable<MaceLayer['gate']>> {
  for (const [ours, theirs] of [
    ['linear', 'linear_1'],
    ['skip', 'skip_tp'],
    ['linear_res', 'linear_res'],
    ['linear_2', 'linear_2'],
  ] as const) {
    await putLinear(builder, moduleAt(node, theirs), join(name, ours));
  }
  for (const embedding of ['source_embedding', 'target_embedding']) {
    const shape = [builder.n_elements, input.n_channels];
    await builder.copy(join(name, embedding), moduleAt(node, embedding), 'weight', shape);
  }
  const density = await extractRadialMlp(builder, moduleAt(node, 'density_fn'), join(name, 'density'));
  assertRadialShape(density, n_in, 1, node);
  for (const parameter of ['alpha', 'beta']) await builder.copy(join(name, parameter), node, parameter, [1]);
  return gateOf(moduleAt(node, 'equivariant_nonlin'));
}

/** mace-torch has had a gate of its own since 0.3.15; before, it was that of e3nn. */
function gateOf(node: ModuleNode): NonNullable<MaceLayer['gate']> {
  const own = (kind: string) => ({
    name: functionName(node.attributes.get(`_act_${kind}`), node.path),
    scale: scaleOf(node.attributes.get(`_${kind}_cst`), node.path),
  });
  if (node.attributes.has('_scalar_cst')) return { scalars: own('scalar'), gates: own('gate') };
  const first = (list: string) => normalizedActivation(moduleAt(node, `${list}.acts.0`));
  return { scalars: first('act_scalars'), gates: first('act_gates') };
}

/** @throws ServiceError 42206 when the instructions are not those of the rule, which the kernel goes by */
function checkedPaths(conv: ModuleNode, edge: UniformIrreps): { paths: Path[]; l_max: number } {
  const { l_max } = uniformIrreps(irrepsOf(conv, 'irreps_in2'), join(conv.path, 'irreps_in2'));
  const expected = convolutionPaths(edge.l_max, l_max);
  const instructions = conv.attributes.get('instructions');
  assertConsistent(isList(instructions), `${conv.path} has no instructions.`);
  const blocks = irrepsOf(conv, 'irreps_out');
  assertConsistent(
    instructions.items.length === expected.length && blocks.length === expected.length,
    `${conv.path} has ${instructions.items.length} paths where ${expected.length} are possible.`,
  );
  instructions.items.forEach((item, i) => {
    const [l1, l2, l3] = expected[i] ?? [-1, -1, -1];
    const isExpected = isInstruction(item, [l1, l2, i], Math.sqrt(2 * l3 + 1)) && blocks[i]?.l === l3;
    assertConsistent(isExpected, `path ${i} of ${conv.path} is not ${l1} x ${l2} -> ${l3} as e3nn 0.4.4 makes it.`);
  });
  return { paths: expected, l_max };
}

function isInstruction(item: Value, inputs: readonly number[], pathWeight: number): boolean {
  const fields = contentOf(item);
  const [, , , mode, hasWeight, weight] = fields;
  return (
    inputs.every((index, i) => fields[i] === index) &&
    mode === 'uvu' &&
    hasWeight === true &&
    typeof weight === 'number' &&
    Math.abs(weight - pathWeight) < PATH_WEIGHT_TOLERANCE
  );
}

async function averageNeighbors(builder: ModelBuilder, node: ModuleNode, block: MaceBlock): Promise<number> {
  const value = node.attributes.get('avg_num_neighbors');
  const number = isTensor(value) ? Number((await builder.checkpoint.readTensor(value))[0]) : value;
  if (typeof number === 'number' && Number.isFinite(number) && number > 0) return number;
  // Only these divide by it.
  assertConsistent(
    block !== 'RealAgnosticInteractionBlock' && block !== 'RealAgnosticResidualInteractionBlock',
    `${node.path}.avg_num_neighbors is not a positive number.`,
  );
  return 1;
}

function assertRadialShape(
  { n_in, n_out }: NetworkShape,
  in_needed: number,
  out_needed: number,
  node: ModuleNode,
): void {
  assertConsistent(
    n_in === in_needed && n_out === out_needed,
    `a radial network of ${node.path} goes from ${n_in} to ${n_out} numbers instead of ${in_needed} to ${out_needed}.`,
  );
}

/** An o3.Linear as one matrix by degree. */
export async function putLinear(builder: ModelBuilder, node: ModuleNode, name: string): Promise<void> {
  putByDegree(builder, await splitLinear(builder, node), name);
}

export async function splitLinear(builder: ModelBuilder, node: ModuleNode): Promise<Map<number, FloatTensor>> {
  const weight = await readAt(builder.checkpoint, node, 'weight');
  return splitByDegree(weight, irrepsOf(node, 'irreps_in'), irrepsOf(node, 'irreps_out'), null, node.path);
}

/** @throws ServiceError 42206 for irreps of unnatural parity, which nothing here knows how to tell apart */
export function irrepsOf(node: ModuleNode, attribute: string): IrrepBlock[] {
  const where = join(node.path, attribute);
  const blocks = parseIrreps(node.attributes.get(attribute), where);
  const wrong = blocks.filter((block) => !isNatural(block));
  if (wrong.length > 0) throw refusal(unnatural(wrong, where));
  return blocks;
}

function irrepsAt(node: ModuleNode, child: string, attribute: string): IrrepBlock[] {
  return irrepsOf(moduleAt(node, child), attribute);
}

function uniform(node: ModuleNode, child: string, attribute: string): UniformIrreps {
  return uniformIrreps(irrepsAt(node, child, attribute), join(node.path, `${child}.${attribute}`));
}

function putByDegree(builder: ModelBuilder, split: ReadonlyMap<number, FloatTensor>, name: string): void {
  for (const [l, weight] of split) builder.put(join(name, String(l)), weight);
  blockOf(split, 0, name);
}
