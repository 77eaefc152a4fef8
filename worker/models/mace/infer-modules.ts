// Classes and attributes of the modules of a MACE, from the names and shapes of its weights and from what its user says.
import type { MaceActivation, MaceBlock, StateDictDetails } from '../../../contracts/mace-model.ts';
import type { Checkpoint, ListValue, Value } from '../checkpoint/values.ts';
import { convolutionPaths } from './paths.ts';
import type { Path } from './paths.ts';
import { assertConsistent, refusal } from './refusal.ts';
import type { StateDict } from './state-dict.ts';
import { stateDictDetailsSchema } from '../../../contracts/mace-model.ts';

export interface Inferred {
  readonly class_name: string;
  readonly attributes?: Readonly<Record<string, Value>>;
}
type Modules = Map<string, Inferred>;

/** normalize2mom of e3nn 0.4.4: from the same million random numbers every time. */
const SECOND_MOMENT_SCALES: Readonly<Record<Exclude<MaceActivation['name'], 'none'>, number>> = {
  silu: 1.6791767923989418,
  tanh: 1.5937334472592695,
  abs: 1.001110600838467,
  sigmoid: 1.8467055342154763,
};

/** Sizes that hold for the whole model. */
interface Sizes {
  readonly n_elements: number;
  readonly n_channels: number;
  readonly n_heads: number;
  readonly l_max: number;
  readonly n_layers: number;
}

interface LayerSizes {
  readonly n_input: number;
  readonly input_l_max: number;
  readonly n_edge: number;
  readonly edge_l_max: number;
  readonly n_message: number;
  readonly n_output: number;
  readonly output_l_max: number;
}

/** @returns by path @throws ServiceError 42206 naming what has to be said beside the weights */
export async function inferModules(
  checkpoint: Checkpoint,
  weights: StateDict,
  details: StateDictDetails = stateDictDetailsSchema.parse({}),
): Promise<Modules> {
  const shapes = new Shapes(weights);
  const sizes = sizesOf(shapes);
  const layers = layerSizesOf(shapes, sizes);
  const blocks = layers.map((layer, t) => blockOf(shapes, sizes, layer, t, details.blocks?.[t]));
  assertSaid(blocks, sizes, details);

  const modules: Modules = new Map();
  const isScaled = shapes.has('scale_shift.scale');
  const heads = list(details.heads ?? ['Default']);
  modules.set('', { class_name: `mace.modules.models.${isScaled ? 'ScaleShiftMACE' : 'MACE'}`, attributes: { heads } });
  const harmonics = { _lmax: sizes.l_max, normalize: true, normalization: 'component' };
  modules.set('spherical_harmonics', {
    class_name: 'e3nn.o3._spherical_harmonics.SphericalHarmonics',
    attributes: harmonics,
  });
  addLinear(modules, 'node_embedding.linear', scalars(sizes.n_elements), scalars(sizes.n_channels));
  await addRadial(modules, checkpoint, weights, details);
  layers.forEach((layer, t) => {
    const block = blocks[t] ?? 'RealAgnosticResidualInteractionBlock';
    addInteraction(modules, shapes, sizes, layer, block, t, details);
    addProduct(modules, shapes, sizes, layer, t);
  });
  addReadouts(modules, shapes, sizes, layers, details.gate);
  return modules;
}

class Shapes {
  readonly #weights: StateDict;

  constructor(weights: StateDict) {
    this.#weights = weights;
  }

  has(name: string): boolean {
    return this.#weights.has(name);
  }

  of(name: string): readonly number[] {
    const tensor = this.#weights.get(name);
    if (tensor === undefined) throw refusal(`The weights have no ${name}, which every MACE has.`);
    return tensor.shape;
  }

  /** How many numbers. */
  size(name: string): number {
    return this.of(name).reduce((product, size) => product * size, 1);
  }

  /** How many of `prefix`0, `prefix`1, … there are, each with `name` behind it. */
  count(prefix: string, ...names: string[]): number {
    let n = 0;
    while (names.some((name) => this.has(`${prefix}${n}${name}`))) n += 1;
    return n;
  }
}

function sizesOf(shapes: Shapes): Sizes {
  const n_elements = shapes.size('atomic_numbers');
  const n_channels = shapes.size('node_embedding.linear.weight') / n_elements;
  const [n_harmonics = 0] = shapes.of('products.0.symmetric_contractions.contractions.0.U_matrix_1');
  return {
    n_elements,
    n_channels,
    n_heads: shapes.size('atomic_energies_fn.atomic_energies') / n_elements,
    l_max: Math.sqrt(n_harmonics) - 1,
    n_layers: shapes.count('interactions.', '.linear_up.weight'),
  };
}

function layerSizesOf(shapes: Shapes, { n_channels, l_max, n_layers }: Sizes): LayerSizes[] {
  const layers: LayerSizes[] = [];
  for (let t = 0; t < n_layers; t += 1) {
    const before = layers.at(-1);
    const [n_input, input_l_max] = [before?.n_output ?? n_channels, before?.output_l_max ?? 0];
    const product = `products.${t}.`;
    const contraction = `${product}symmetric_contractions.contractions.`;
    const output_l_max = shapes.count(contraction, '.weights_max') - 1;
    const n_message = shapes.of(`${contraction}0.weights_max`).at(-1) ?? 0;
    const n_output = shapes.size(`${product}linear.weight`) / (n_message * (output_l_max + 1));
    const edge = edgeSizes(shapes, `interactions.${t}.`, n_input, input_l_max, l_max);
    layers.push({ n_input, input_l_max, ...edge, n_message, n_output, output_l_max });
  }
  return layers;
}

/** The pair of channels and degree that fits the linear map up and the radial network; where several do, that of the input. */
function edgeSizes(
  shapes: Shapes,
  name: string,
  n_input: number,
  input_l_max: number,
  l_max: number,
): Pick<LayerSizes, 'n_edge' | 'edge_l_max'> {
  const n_radial = radialOutputs(shapes, `${name}conv_tp_weights.`);
  const mask = `${name}linear_up.output_mask`;
  const fits = Array.from({ length: input_l_max + 1 }, (_, edge_l_max) => {
    const n_edge = shapes.size(`${name}linear_up.weight`) / (n_input * (edge_l_max + 1));
    return { n_edge, edge_l_max };
  }).filter(
    ({ n_edge, edge_l_max }) =>
      n_edge * convolutionPaths(edge_l_max, l_max).length === n_radial &&
      (!shapes.has(mask) || shapes.size(mask) === n_edge * (edge_l_max + 1) ** 2),
  );
  const usual = fits.find(({ n_edge, edge_l_max }) => n_edge === n_input && edge_l_max === input_l_max);
  const [first, second] = fits;
  if (usual !== undefined) return usual;
  if (first !== undefined && second === undefined) return first;
  throw refusal(`The shapes of ${name}linear_up and of its radial network do not tell the edge features.`);
}

function radialOutputs(shapes: Shapes, name: string): number {
  const n_layers = shapes.count(`${name}layer`, '.weight');
  if (n_layers > 0) return shapes.of(`${name}layer${n_layers - 1}.weight`)[1] ?? 0;
  let last = 0;
  while (shapes.has(`${name}net.${last + 3}.weight`)) last += 3;
  return shapes.of(`${name}net.${last}.weight`)[0] ?? 0;
}

function blockOf(
  shapes: Shapes,
  { n_elements, l_max }: Sizes,
  layer: LayerSizes,
  t: number,
  said?: MaceBlock,
): MaceBlock {
  if (said !== undefined) return said;
  const name = `interactions.${t}.`;
  if (shapes.has(`${name}alpha`)) return 'RealAgnosticResidualNonLinearInteractionBlock';
  const hasDensity = shapes.has(`${name}density_fn.layer0.weight`);
  const n = shapes.size(`${name}skip_tp.weight`);
  const isPlain = n === layer.n_message ** 2 * n_elements * (l_max + 1);
  const common = Math.min(layer.input_l_max, layer.output_l_max) + 1;
  const isResidual = n === layer.n_input * layer.n_output * n_elements * common;
  if (isPlain === isResidual) {
    throw refusal(`The shapes of ${name}skip_tp leave open which block it is; say it as "blocks" in the details.`);
  }
  if (isResidual)
    return hasDensity ? 'RealAgnosticDensityResidualInteractionBlock' : 'RealAgnosticResidualInteractionBlock';
  return hasDensity ? 'RealAgnosticDensityInteractionBlock' : 'RealAgnosticInteractionBlock';
}

function assertSaid(blocks: readonly MaceBlock[], { n_heads }: Sizes, details: StateDictDetails): void {
  const missing: string[] = [];
  const dividing: readonly MaceBlock[] = ['RealAgnosticInteractionBlock', 'RealAgnosticResidualInteractionBlock'];
  if (details.avg_num_neighbors === undefined && blocks.some((block) => dividing.includes(block))) {
    missing.push('avg_num_neighbors (printed by the training)');
  }
  if (details.heads === undefined && n_heads > 1) missing.push(`heads (the names of its ${n_heads} heads)`);
  if (details.apply_cutoff === undefined && blocks.some((block) => block.includes('NonLinear'))) {
    missing.push('apply_cutoff (true or false, as it was trained)');
  }
  if (missing.length === 0) return;
  throw refusal(
    `It holds weights without their model, which do not say ${missing.join(', ')}. ` +
      'Give them in a file of JSON (--details FILE), or import the .model file that the training wrote.',
  );
}

async function addRadial(
  modules: Modules,
  checkpoint: Checkpoint,
  weights: StateDict,
  { apply_cutoff = true }: StateDictDetails,
): Promise<void> {
  const name = 'radial_embedding';
  const add = (path: string, className: string, attributes: Inferred['attributes'] = {}): void => {
    modules.set(path, { class_name: `mace.modules.${className}`, attributes });
  };
  add(name, 'blocks.RadialEmbeddingBlock', { apply_cutoff });
  const gaussian = weights.get(`${name}.bessel_fn.gaussian_weights`);
  if (gaussian !== undefined) {
    // Centers from 0 to r_max; the coefficient is that of their distance.
    const centers = Array.from(await checkpoint.readTensor(gaussian), Number);
    const coeff = -0.5 / ((centers.at(-1) ?? 0) / (centers.length - 1)) ** 2;
    add(`${name}.bessel_fn`, 'radial.GaussianBasis', { coeff });
  } else {
    const isBessel = weights.has(`${name}.bessel_fn.bessel_weights`);
    add(`${name}.bessel_fn`, isBessel ? 'radial.BesselBasis' : 'radial.ChebychevBasis');
  }
  const transform = `${name}.distance_transform`;
  if (weights.has(`${transform}.q`)) add(transform, 'radial.AgnesiTransform');
  else if (weights.has(`${transform}.alpha`)) add(transform, 'radial.SoftTransform');
  if (weights.has('pair_repulsion_fn.c')) add('pair_repulsion_fn', 'radial.ZBLBasis');
}

function addInteraction(
  modules: Modules,
  shapes: Shapes,
  { n_elements, l_max }: Sizes,
  layer: LayerSizes,
  block: MaceBlock,
  t: number,
  { avg_num_neighbors }: StateDictDetails,
): void {
  const name = `interactions.${t}`;
  const average = Array.isArray(avg_num_neighbors) ? (avg_num_neighbors[t] ?? null) : (avg_num_neighbors ?? null);
  modules.set(name, { class_name: `mace.modules.blocks.${block}`, attributes: { avg_num_neighbors: average } });
  const input = irreps(layer.n_input, layer.input_l_max);
  const edge = irreps(layer.n_edge, layer.edge_l_max);
  const message = irreps(layer.n_message, l_max);
  const output = irreps(layer.n_output, layer.output_l_max);
  const paths = convolutionPaths(layer.edge_l_max, l_max);
  const middle = paths.map(([, , l3]) => irrep(layer.n_edge, l3)).join('+');
  addLinear(modules, `${name}.linear_up`, input, edge);
  modules.set(`${name}.conv_tp`, {
    class_name: 'e3nn.o3._tensor_product._tensor_product.TensorProduct',
    attributes: {
      irreps_in1: edge,
      irreps_in2: irreps(1, l_max),
      irreps_out: middle,
      instructions: instructionsOf(paths),
    },
  });
  if (block === 'RealAgnosticResidualNonLinearInteractionBlock') {
    // e3nn joins the scalars and the gates into one block.
    const gated = Array.from({ length: l_max }, (_, i) => irrep(layer.n_message, i + 1));
    const ungated = [irrep(layer.n_message * (l_max + 1), 0), ...gated].join('+');
    addLinear(modules, `${name}.linear_1`, middle, ungated);
    addLinear(modules, `${name}.linear_res`, edge, ungated);
    addLinear(modules, `${name}.linear_2`, message, message);
    addLinear(modules, `${name}.skip_tp`, input, output);
    addGate(modules, `${name}.equivariant_nonlin`);
    for (const network of ['conv_tp_weights', 'density_fn']) addRadialMlp(modules, shapes, `${name}.${network}`);
    return;
  }
  addLinear(modules, `${name}.linear`, middle, message);
  const [from, to] = block.includes('Residual') ? [input, output] : [message, message];
  modules.set(`${name}.skip_tp`, {
    class_name: 'e3nn.o3._tensor_product._sub.FullyConnectedTensorProduct',
    attributes: { irreps_in1: from, irreps_in2: scalars(n_elements), irreps_out: to },
  });
  const n_networks = shapes.count(`${name}.conv_tp_weights.layer`, '.weight');
  for (let i = 0; i < n_networks - 1; i += 1) addActivation(modules, `${name}.conv_tp_weights.layer${i}.act`, 'silu');
}

/** mace-torch keeps the gate's constants in attributes. */
function addGate(modules: Modules, path: string): void {
  modules.set(path, {
    class_name: 'mace.modules.gate.GatedEquivariantBlock',
    attributes: {
      _act_scalar: 'silu',
      _scalar_cst: SECOND_MOMENT_SCALES.silu,
      _act_gate: 'sigmoid',
      _gate_cst: SECOND_MOMENT_SCALES.sigmoid,
    },
  });
}

/** Linear, LayerNorm, SiLU, …: only the first two have weights. */
function addRadialMlp(modules: Modules, shapes: Shapes, path: string): void {
  for (let i = 0; shapes.has(`${path}.net.${i}.weight`); i += 3) {
    modules.set(`${path}.net.${i}`, { class_name: 'torch.nn.modules.linear.Linear' });
    if (!shapes.has(`${path}.net.${i + 1}.weight`)) break;
    modules.set(`${path}.net.${i + 1}`, { class_name: 'torch.nn.modules.normalization.LayerNorm' });
    modules.set(`${path}.net.${i + 2}`, { class_name: 'torch.nn.modules.activation.SiLU' });
  }
}

function addProduct(modules: Modules, shapes: Shapes, { n_elements }: Sizes, layer: LayerSizes, t: number): void {
  const [n_sets] = shapes.of(`products.${t}.symmetric_contractions.contractions.0.weights_max`);
  const attributes = { use_agnostic_product: n_sets === 1 && n_elements > 1, use_sc: true };
  modules.set(`products.${t}`, { class_name: 'mace.modules.blocks.EquivariantProductBasisBlock', attributes });
  const [from, to] = [irreps(layer.n_message, layer.output_l_max), irreps(layer.n_output, layer.output_l_max)];
  addLinear(modules, `products.${t}.linear`, from, to);
}

function addReadouts(
  modules: Modules,
  shapes: Shapes,
  { n_heads, n_layers }: Sizes,
  layers: readonly LayerSizes[],
  gate: StateDictDetails['gate'],
): void {
  const n_readouts = shapes.count('readouts.', '.linear.weight', '.linear_1.weight');
  for (let i = 0; i < n_readouts; i += 1) {
    const name = `readouts.${i}`;
    const layer = layers[n_readouts === 1 ? n_layers - 1 : i];
    assertConsistent(layer !== undefined, `it has ${n_readouts} readouts for ${n_layers} layers.`);
    const [features, energies] = [irreps(layer.n_output, layer.output_l_max), scalars(n_heads)];
    if (shapes.has(`${name}.linear.weight`)) {
      modules.set(name, { class_name: 'mace.modules.blocks.LinearReadoutBlock' });
      addLinear(modules, `${name}.linear`, features, energies);
      continue;
    }
    const hasMiddle = shapes.has(`${name}.linear_mid.weight`);
    modules.set(name, { class_name: `mace.modules.blocks.NonLinear${hasMiddle ? 'Bias' : ''}ReadoutBlock` });
    const hidden = scalars(shapes.size(`${name}.linear_1.weight`) / layer.n_output);
    addLinear(modules, `${name}.linear_1`, features, hidden);
    if (hasMiddle) addLinear(modules, `${name}.linear_mid`, hidden, hidden);
    addLinear(modules, `${name}.linear_2`, hidden, energies);
    modules.set(`${name}.non_linearity.acts`, { class_name: 'torch.nn.modules.container.ModuleList' });
    if (gate !== 'none') addActivation(modules, `${name}.non_linearity.acts.0`, gate);
  }
}

function addActivation(modules: Modules, path: string, name: Exclude<MaceActivation['name'], 'none'>): void {
  modules.set(path, {
    class_name: 'e3nn.math._normalize_activation.normalize2mom',
    attributes: { f: name, cst: SECOND_MOMENT_SCALES[name], _is_id: false },
  });
}

function addLinear(modules: Modules, path: string, irreps_in: string, irreps_out: string): void {
  modules.set(path, { class_name: 'e3nn.o3._linear.Linear', attributes: { irreps_in, irreps_out } });
}

function instructionsOf(paths: readonly Path[]): ListValue {
  return list(paths.map(([l1, l2, l3], i) => list([l1, l2, i, 'uvu', true, Math.sqrt(2 * l3 + 1)])));
}

function list(items: readonly Value[]): ListValue {
  return { kind: 'list', items };
}

function irreps(n_channels: number, l_max: number): string {
  return Array.from({ length: l_max + 1 }, (_, l) => irrep(n_channels, l)).join('+');
}

function irrep(mul: number, l: number): string {
  return `${mul}x${l}${l % 2 === 0 ? 'e' : 'o'}`;
}

function scalars(n: number): string {
  return irrep(n, 0);
}
