import { describe, expect, test } from 'vitest';
import { temporaryCheckpoints } from '../checkpoint/testing/temporary-checkpoints.ts';
import * as py from '../checkpoint/testing/pickle-writer.ts';
import { extractMaceModel } from './extract.ts';
import type { ExtractedModel } from './extract.ts';
import { moduleTreeOf } from './read-checkpoint-model.ts';
import { stateDictDetailsSchema } from '../../../contracts/mace-model.ts';
import { at, checkpointOf, instruction, irreps, module, smallMace, stateDictOf } from './testing/small-mace.ts';
import type { PyModule, SmallMaceOptions } from './testing/small-mace.ts';

const { withCheckpoint } = temporaryCheckpoints();

function extract(bytes: Uint8Array, details?: object): Promise<ExtractedModel> {
  const said = details === undefined ? undefined : stateDictDetailsSchema.parse(details);
  return withCheckpoint(bytes, async (checkpoint) =>
    extractMaceModel(checkpoint, await moduleTreeOf(checkpoint, said)),
  );
}

async function refusalOf(root: PyModule): Promise<string> {
  const error: unknown = await extract(checkpointOf(root)).catch((refused: unknown) => refused);
  expect(error).toMatchObject({ code: 42206 });
  return (error as { details: { message: string } }).details.message;
}

/** The tensors as plain lists. */
function numbersOf({ tensors }: ExtractedModel): Record<string, number[]> {
  return Object.fromEntries([...tensors].map(([name, { values }]) => [name, [...values]]));
}

describe('a whole model', () => {
  test('says what it is', async () => {
    const { description } = await extract(checkpointOf(smallMace()));
    expect(description).toMatchObject({
      class_name: 'ScaleShiftMACE',
      dtype: 'float64',
      atomic_numbers: [1, 8],
      r_max_A: 4,
      heads: ['Default'],
      l_max: 1,
      n_channels: 2,
      radial: { basis: 'bessel', n_basis: 3, prefactor: 0.5, cutoff_exponent: 5, is_cutoff_in_basis: true },
      zbl: null,
      readouts: [
        { kind: 'linear', layer: 0, n_hidden: 0 },
        { kind: 'nonlinear', layer: 1, n_hidden: 3, activation: { name: 'silu', scale: 1.6791767923989418 } },
      ],
    });
    expect(description.layers.map(({ paths }) => paths.map((path) => path.join('')).join(' '))).toEqual([
      '000 011',
      '000 110 011 101',
    ]);
    expect(description.layers.map(({ product }) => [product.output_l_max, product.has_residual])).toEqual([
      [1, true],
      [0, true],
    ]);
  });

  test('has every tensor of the format in its shape, and no other', async () => {
    const { tensors } = await extract(checkpointOf(smallMace({ first: 'RealAgnosticDensityInteractionBlock' })));
    const shapes = [...tensors].map(([name, { shape }]) => `${name} ${shape.join('x')}`).sort();
    expect(shapes).toMatchInlineSnapshot(`
      [
        "atomic_energies 1x2",
        "layers.0.density.weight 3",
        "layers.0.linear.0 2x2",
        "layers.0.linear.1 2x2",
        "layers.0.linear_up.0 2x2",
        "layers.0.product.0.1.coupling 4x2",
        "layers.0.product.0.1.index 4x2",
        "layers.0.product.0.1.weight 2x2x2",
        "layers.0.product.0.2.coupling 10x2",
        "layers.0.product.0.2.index 10x3",
        "layers.0.product.0.2.weight 2x2x2",
        "layers.0.product.1.1.coupling 12x2",
        "layers.0.product.1.1.index 12x2",
        "layers.0.product.1.1.weight 2x2x2",
        "layers.0.product.1.2.coupling 30x2",
        "layers.0.product.1.2.index 30x3",
        "layers.0.product.1.2.weight 2x2x2",
        "layers.0.product.linear.0 2x2",
        "layers.0.product.linear.1 2x2",
        "layers.0.radial.0.weight 3x4",
        "layers.0.radial.1.weight 4x4",
        "layers.0.skip.0 2x2x2",
        "layers.0.skip.1 2x2x2",
        "layers.1.linear.0 4x2",
        "layers.1.linear.1 4x2",
        "layers.1.linear_up.0 2x2",
        "layers.1.linear_up.1 2x2",
        "layers.1.product.0.1.coupling 4x2",
        "layers.1.product.0.1.index 4x2",
        "layers.1.product.0.1.weight 2x2x2",
        "layers.1.product.0.2.coupling 10x2",
        "layers.1.product.0.2.index 10x3",
        "layers.1.product.0.2.weight 2x2x2",
        "layers.1.product.linear.0 2x2",
        "layers.1.radial.0.weight 3x4",
        "layers.1.radial.1.weight 4x8",
        "layers.1.skip.0 2x2x2",
        "node_embedding 2x2",
        "radial.weights 3",
        "readouts.0.linear 2x1",
        "readouts.1.linear_1 2x3",
        "readouts.1.linear_2 3x1",
        "scale 1",
        "shift 1",
      ]
    `);
  });

  test('weights of a degree are stacked path by path, elements in the middle of a skip', async () => {
    const root = smallMace();
    const { tensors } = await extract(checkpointOf(root));
    const linear = at(root, 'interactions.1.linear').parameters.weight!.values;
    // Paths 00 and 11 into l = 0, then 01 and 10 into l = 1; [2][2] each.
    expect([...tensors.get('layers.1.linear.0')!.values]).toEqual(linear.slice(0, 8));
    expect([...tensors.get('layers.1.linear.1')!.values]).toEqual(linear.slice(8));
    const skip = at(root, 'interactions.1.skip_tp').parameters.weight!.values;
    expect(tensors.get('layers.1.skip.0')!.shape).toEqual([2, 2, 2]);
    expect([...tensors.get('layers.1.skip.0')!.values]).toEqual(skip);
    expect(tensors.has('layers.1.skip.1')).toBe(false);
  });

  test('the weights of the highest correlation are weights_max, those below come the other way round', async () => {
    const root = smallMace();
    const { tensors } = await extract(checkpointOf(root));
    const contraction = at(root, 'products.0.symmetric_contractions.contractions.1');
    expect([...tensors.get('layers.0.product.1.2.weight')!.values]).toEqual(contraction.parameters.weights_max!.values);
    expect([...tensors.get('layers.0.product.1.1.weight')!.values]).toEqual(
      contraction.children.weights!.parameters['0']!.values,
    );
  });

  test('one scale and one shift are repeated for every head', async () => {
    const { description, tensors } = await extract(checkpointOf(smallMace({ heads: ['pbe', 'r2scan', 'spice'] })));
    expect(description.heads).toEqual(['pbe', 'r2scan', 'spice']);
    expect([...tensors.get('scale')!.values]).toEqual([0.75, 0.75, 0.75]);
    expect([...tensors.get('shift')!.values]).toEqual([0.125, 0.125, 0.125]);
    expect(tensors.get('atomic_energies')!.shape).toEqual([3, 2]);
    expect(tensors.get('readouts.1.linear_2')!.shape).toEqual([9, 3]);
  });

  test('a model in 32 bits stays in 32 bits; one tensor in 64 bits widens all', async () => {
    const single = await extract(checkpointOf(smallMace({ type: 'FloatStorage' })));
    expect(single.description.dtype).toBe('float32');
    expect(single.tensors.get('scale')!.values).toBeInstanceOf(Float32Array);
    const root = smallMace({ type: 'FloatStorage' });
    at(root, 'atomic_energies_fn').buffers.atomic_energies!.type = 'DoubleStorage';
    const mixed = await extract(checkpointOf(root));
    expect(mixed.description.dtype).toBe('float64');
    expect(mixed.tensors.get('scale')!.values).toBeInstanceOf(Float64Array);
    expect(mixed.tensors.get('layers.0.product.0.1.index')!.values).toBeInstanceOf(Int32Array);
  });

  test('a non-linear block keeps torch weights input first, and its gate', async () => {
    const block = 'RealAgnosticResidualNonLinearInteractionBlock';
    const root = smallMace({ first: block, rest: block });
    const { description, tensors } = await extract(checkpointOf(root));
    expect(description.layers[1]).toMatchObject({
      gate: { scalars: { name: 'silu' }, gates: { name: 'sigmoid', scale: 1.8467055342154763 } },
      radial_activation: { name: 'silu', scale: 1 },
    });
    const { shape, values } = at(root, 'interactions.1.conv_tp_weights.net.0').parameters.weight!;
    const [out = 0, n_in = 0] = shape;
    const turned = Array.from({ length: n_in * out }, (_, i) => values[(i % out) * n_in + Math.floor(i / out)]);
    expect(tensors.get('layers.1.radial.0.weight')!.shape).toEqual([n_in, out]);
    expect([...tensors.get('layers.1.radial.0.weight')!.values]).toEqual(turned);
    expect(tensors.get('layers.1.linear.0')!.shape).toEqual([4, 4]);
    expect(tensors.get('layers.1.radial.0.norm_bias')!.shape).toEqual([4]);
    expect(tensors.has('layers.1.radial.1.norm_bias')).toBe(false);
  });

  test('the gate of e3nn, which mace-torch used before it had its own, is the same one', async () => {
    const block = 'RealAgnosticResidualNonLinearInteractionBlock';
    const root = smallMace({ first: block, rest: block });
    const own = await extract(checkpointOf(root));
    const acts = (name: string, cst: number): PyModule => {
      const attributes = { f: py.global('torch.nn.functional', name), cst: py.float(cst), _is_id: 'NEWFALSE' as const };
      const children = { '0': module('e3nn.math._normalize_activation.normalize2mom', { attributes }) };
      return module('e3nn.nn._activation.Activation', {
        children: { acts: module('torch.nn.modules.container.ModuleList', { children }) },
      });
    };
    for (const layer of ['0', '1']) {
      at(root, `interactions.${layer}`).children.equivariant_nonlin = module('e3nn.nn._gate.Gate', {
        children: { act_scalars: acts('silu', 1.6791767923989418), act_gates: acts('sigmoid', 1.8467055342154763) },
      });
    }
    expect((await extract(checkpointOf(root))).description).toEqual(own.description);
  });

  test('class MACE has no scale and no shift', async () => {
    const root = smallMace();
    root.class_name = 'mace.modules.models.MACE';
    delete root.children.scale_shift;
    const { description, tensors } = await extract(checkpointOf(root));
    expect(description.class_name).toBe('MACE');
    expect(tensors.has('scale')).toBe(false);
  });

  test('an exponent of the cutoff that an old file keeps as a float is the same one', async () => {
    const root = smallMace();
    at(root, 'radial_embedding.cutoff_fn').buffers.p = { shape: [], values: [6], type: 'FloatStorage' };
    expect((await extract(checkpointOf(root))).description.radial.cutoff_exponent).toBe(6);
  });
});

describe('refused by name', () => {
  const changes: [string, RegExp, (root: PyModule) => void][] = [
    [
      'a model of dipoles',
      /AtomicDipolesMACE, which predicts dipoles/,
      (root) => (root.class_name = 'mace.modules.models.AtomicDipolesMACE'),
    ],
    ['MACE-POLAR', /PolarMACE/, (root) => (root.class_name = 'mace.modules.extensions.PolarMACE')],
    [
      'latent Ewald sums',
      /MACELES, whose long-range part/,
      (root) => (root.class_name = 'mace.modules.extensions.MACELES'),
    ],
    ['something else', /no model of mace-torch/, (root) => (root.class_name = 'torch.nn.modules.linear.Linear')],
    ['use_so3', /use_so3/, (root) => (root.attributes.use_so3 = 'NEWTRUE')],
    [
      'charge and spin',
      /joint_embedding .* MACE-OMOL/,
      (root) => (root.children.joint_embedding = module('mace.modules.embeddings.GenericJointEmbedding')),
    ],
    [
      'an attention block',
      /RealAgnosticAttResidualInteractionBlock is not supported/,
      (root) => (at(root, 'interactions.1').class_name = 'mace.modules.blocks.RealAgnosticAttResidualInteractionBlock'),
    ],
    [
      'a readout of dipoles',
      /readout NonLinearDipoleReadoutBlock/,
      (root) => (at(root, 'readouts.1').class_name = 'mace.modules.blocks.NonLinearDipoleReadoutBlock'),
    ],
    [
      'LoRA',
      /LoRA adapters that were not merged/,
      (root) => (at(root, 'interactions.0.linear_up').class_name = 'mace.modules.lora.LoRAO3Linear'),
    ],
    [
      'unnatural parity',
      /2x1e.*parities other than/,
      (root) => (at(root, 'products.0.linear').attributes.irreps_out = irreps('2x0e+2x1e')),
    ],
    [
      'a configuration for cuEquivariance',
      /cueq_config.*mace_cueq_to_e3nn/,
      (root) =>
        (at(root, 'products.0').attributes.cueq_config = py.object(
          'mace.modules.wrapper_ops',
          'CuEquivarianceConfig',
          py.dict([py.text('enabled'), 'NEWTRUE']),
        )),
    ],
    [
      'weights in the layout of cuEquivariance',
      /converted for cuEquivariance \(Linear\)\..*mace_cueq_to_e3nn/,
      (root) => (at(root, 'interactions.0.linear_up').class_name = 'cuequivariance_torch.operations.linear.Linear'),
    ],
    [
      'weights in the layout of OpenEquivariance',
      /converted for OpenEquivariance .*convert_oeq_e3nn/,
      (root) => (at(root, 'interactions.0.conv_tp').class_name = 'openequivariance.TensorProductConv'),
    ],
    [
      'a layer of a stranger',
      /torch\.optim\.Thing, which is not one of mace-torch/,
      (root) => (at(root, 'readouts.0.linear').class_name = 'torch.optim.Thing'),
    ],
    [
      'another radial basis',
      /radial basis OwnBasis/,
      (root) => (at(root, 'radial_embedding.bessel_fn').class_name = 'mace.modules.radial.OwnBasis'),
    ],
    [
      'a function of its own',
      /activation .*gelu/,
      (root) => (at(root, 'readouts.1.non_linearity.acts.0').attributes.f = py.global('torch.nn.functional', 'gelu')),
    ],
  ];
  test.each(changes)('%s', async (_, expected, change) => {
    const root = smallMace();
    change(root);
    expect(await refusalOf(root)).toMatch(expected);
  });

  test('everything at once, so that nobody has to try again and again', async () => {
    const root = smallMace();
    root.attributes.use_so3 = 'NEWTRUE';
    at(root, 'interactions.0').class_name = 'mace.modules.blocks.RealAgnosticAttResidualInteractionBlock';
    expect(await refusalOf(root)).toMatch(/Att.*use_so3|use_so3.*Att/);
  });
});

describe('a file that contradicts itself', () => {
  const changes: [string, RegExp, (root: PyModule) => void][] = [
    [
      'a number that is not finite',
      /layer0\.weight\[1\] is NaN/,
      (root) => (at(root, 'interactions.0.conv_tp_weights.layer0').parameters.weight!.values[1] = Number.NaN),
    ],
    [
      'paths in another order',
      /path 0 of interactions\.1\.conv_tp is not 0 x 0 -> 0/,
      (root) =>
        (at(root, 'interactions.1.conv_tp').attributes.instructions = py.list(
          instruction(1, 1, 0, 0),
          instruction(0, 0, 1, 0),
          instruction(0, 1, 2, 1),
          instruction(1, 0, 3, 1),
        )),
    ],
    [
      'another weight of a path',
      /path 2 of interactions\.1/,
      (root) =>
        (at(root, 'interactions.1.conv_tp').attributes.instructions = py.list(
          instruction(0, 0, 0, 0),
          instruction(1, 1, 1, 0),
          instruction(0, 1, 2, 0),
          instruction(1, 0, 3, 1),
        )),
    ],
    [
      'harmonics in another normalisation',
      /not normalised by component/,
      (root) => (at(root, 'spherical_harmonics').attributes.normalization = py.text('norm')),
    ],
    [
      'a weight that is too short',
      /linear has 7 numbers where its irreps need 8/,
      (root) => {
        const weight = at(root, 'interactions.0.linear').parameters.weight!;
        weight.values.pop();
        weight.shape = [7];
      },
    ],
    [
      'an average of neighbors below zero',
      /avg_num_neighbors is not a positive number/,
      (root) => (at(root, 'interactions.1').attributes.avg_num_neighbors = py.float(-1)),
    ],
    ['an element twice', /not different elements/, (root) => (root.buffers.atomic_numbers!.values = [8, 8])],
    [
      'a head twice',
      /list of different names/,
      (root) => (root.attributes.heads = py.list(py.text('a'), py.text('a'))),
    ],
    [
      'another number of readouts',
      /3 readouts for 2 layers/,
      (root) => (at(root, 'readouts').children['2'] = at(root, 'readouts.0')),
    ],
    [
      'two cutoffs',
      /r_max is 4 and that of the cutoff function 5/,
      (root) => (at(root, 'radial_embedding.cutoff_fn').buffers.r_max!.values = [5]),
    ],
    [
      'no couplings',
      /correlations 0/,
      (root) => {
        for (const name of ['0', '1']) at(root, `products.0.symmetric_contractions.contractions.${name}`).buffers = {};
      },
    ],
    [
      'a missing module',
      /no interactions\.0\.linear_up/,
      (root) => delete at(root, 'interactions.0').children.linear_up,
    ],
  ];
  test.each(changes)('%s', async (_, expected, change) => {
    const root = smallMace();
    change(root);
    expect(await refusalOf(root)).toMatch(expected);
  });
});

describe('weights without their model', () => {
  const AVERAGE = { avg_num_neighbors: 2.5 };
  const variants: [string, SmallMaceOptions][] = [
    ['residual blocks', {}],
    ['a plain first block', { first: 'RealAgnosticInteractionBlock' }],
    [
      'density-normalised blocks',
      { first: 'RealAgnosticDensityInteractionBlock', rest: 'RealAgnosticDensityResidualInteractionBlock' },
    ],
  ];
  test.each(variants)('%s: the same model as with it', async (_, options) => {
    const root = smallMace(options);
    const whole = await extract(checkpointOf(root));
    const guessed = await extract(stateDictOf(root), AVERAGE);
    expect(guessed.description).toEqual(whole.description);
    expect(numbersOf(guessed)).toEqual(numbersOf(whole));
  });

  test('non-linear blocks: the same model, once it is said where the cutoff is', async () => {
    const block = 'RealAgnosticResidualNonLinearInteractionBlock';
    const root = smallMace({ first: block, rest: block });
    await expect(extract(stateDictOf(root))).rejects.toMatchObject({ code: 42206 });
    const guessed = await extract(stateDictOf(root), { ...AVERAGE, apply_cutoff: true });
    const whole = await extract(checkpointOf(root));
    expect(guessed.description).toEqual(whole.description);
    expect(numbersOf(guessed)).toEqual(numbersOf(whole));
  });

  test('density-normalised blocks need no average', async () => {
    const options = {
      first: 'RealAgnosticDensityInteractionBlock',
      rest: 'RealAgnosticDensityResidualInteractionBlock',
    };
    const { description } = await extract(stateDictOf(smallMace(options)));
    expect(description.layers.map(({ block }) => block)).toEqual([options.first, options.rest]);
  });

  test('what is missing is named', async () => {
    const bytes = stateDictOf(smallMace({ heads: ['a', 'b'] }));
    await expect(extract(bytes)).rejects.toMatchObject({
      details: {
        message: expect.stringMatching(/do not say avg_num_neighbors .* heads \(the names of its 2 heads\)/) as string,
      },
    });
    const { description } = await extract(bytes, { ...AVERAGE, heads: ['a', 'b'] });
    expect(description.heads).toEqual(['a', 'b']);
  });
});
