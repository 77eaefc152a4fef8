// A MACE of a few numbers as torch.save writes it, made without Python: enough of every module for the importer, and nothing that
// computes. Real models are made and compared in tests/parity.
import { checkpointArchive } from '../../checkpoint/testing/archive-writer.ts';
import * as py from '../../checkpoint/testing/pickle-writer.ts';
import type { Code } from '../../checkpoint/testing/pickle-writer.ts';
import { convolutionPaths } from '../paths.ts';

/** A module before it is pickled; tests change what they are about. */
export interface PyModule {
  class_name: string;
  attributes: Record<string, Code>;
  parameters: Record<string, PyTensor>;
  buffers: Record<string, PyTensor>;
  children: Record<string, PyModule>;
}

export interface PyTensor {
  shape: number[];
  values: number[];
  type: 'DoubleStorage' | 'FloatStorage' | 'LongStorage' | 'IntStorage';
}

export interface SmallMaceOptions {
  first?: string;
  rest?: string;
  heads?: string[];
  type?: 'DoubleStorage' | 'FloatStorage';
}

export const ELEMENTS = [1, 8];
export const CHANNELS = 2;
export const L_MAX = 1;
export const N_BASIS = 3;
const N_HIDDEN = 4;
const N_HARMONICS = (L_MAX + 1) ** 2;
const N_COUPLINGS = 2;
const RESIDUAL = 'RealAgnosticResidualInteractionBlock';

/** Two layers, 2x0e+2x1o, harmonics to l = 1, correlation 2. */
export function smallMace({
  first = RESIDUAL,
  rest = RESIDUAL,
  heads,
  type = 'DoubleStorage',
}: SmallMaceOptions = {}): PyModule {
  // Every number differs from every other, so that none can be in another's place unseen.
  let next = 0;
  const numbers = (...shape: number[]): PyTensor => {
    const n = shape.reduce((product, size) => product * size, 1);
    return { shape, type, values: Array.from({ length: n }, () => (next += 1) / 1024) };
  };
  const scalar = (value: number): PyTensor => ({ shape: [], type, values: [value] });
  const nHeads = heads?.length ?? 1;
  const hidden = `${CHANNELS}x0e+${CHANNELS}x1o`;
  const scalars = `${CHANNELS}x0e`;
  const interaction = (block: string, input: string, output: string): PyModule => {
    const inputDegree = input === hidden ? 1 : 0;
    const paths = convolutionPaths(inputDegree, L_MAX);
    const middle = paths.map(([, , l3]) => `${CHANNELS}x${l3}${l3 === 0 ? 'e' : 'o'}`).join('+');
    const isResidual = block.includes('Residual');
    const common = isResidual ? Math.min(inputDegree, output === hidden ? 1 : 0) + 1 : L_MAX + 1;
    const shared = {
      linear_up: linear(input, input, numbers((inputDegree + 1) * CHANNELS ** 2)),
      conv_tp: module('e3nn.o3._tensor_product._tensor_product.TensorProduct', {
        attributes: {
          irreps_in1: irreps(input),
          irreps_in2: irreps('1x0e+1x1o'),
          irreps_out: irreps(middle),
          instructions: py.list(...paths.map(([l1, l2, l3], i) => instruction(l1, l2, i, l3))),
        },
      }),
    };
    const attributes = { avg_num_neighbors: py.float(2.5) };
    if (block.includes('NonLinear')) {
      const ungated = `${CHANNELS * (L_MAX + 1)}x0e+${CHANNELS}x1o`;
      const nIn = N_BASIS + 2 * CHANNELS;
      const nUngated = CHANNELS * (L_MAX + 2);
      return module(`mace.modules.blocks.${block}`, {
        attributes,
        parameters: { alpha: numbers(), beta: numbers() },
        children: {
          ...shared,
          source_embedding: linear(`${ELEMENTS.length}x0e`, scalars, numbers(ELEMENTS.length * CHANNELS)),
          target_embedding: linear(`${ELEMENTS.length}x0e`, scalars, numbers(ELEMENTS.length * CHANNELS)),
          conv_tp_weights: radialMlp(numbers, nIn, paths.length * CHANNELS),
          density_fn: radialMlp(numbers, nIn, 1),
          // Paths into l = 0 and into l = 1 are as many.
          linear_1: linear(middle, ungated, numbers((paths.length / 2) * CHANNELS * nUngated)),
          linear_res: linear(
            input,
            ungated,
            numbers(CHANNELS * (inputDegree === 0 ? CHANNELS * (L_MAX + 1) : nUngated)),
          ),
          linear_2: linear(hidden, hidden, numbers(2 * CHANNELS ** 2)),
          skip_tp: linear(input, output, numbers(common * CHANNELS ** 2)),
          equivariant_nonlin: module('mace.modules.gate.GatedEquivariantBlock', {
            attributes: {
              _act_scalar: py.global('torch.nn.functional', 'silu'),
              _scalar_cst: py.float(1.6791767923989418),
              _act_gate: py.global('torch.nn.functional', 'sigmoid'),
              _gate_cst: py.float(1.8467055342154763),
            },
          }),
        },
      });
    }
    return module(`mace.modules.blocks.${block}`, {
      attributes,
      children: {
        ...shared,
        conv_tp_weights: module('e3nn.nn._fc.FullyConnectedNet', {
          children: {
            layer0: layer(numbers(N_BASIS, N_HIDDEN), activation('silu')),
            layer1: layer(numbers(N_HIDDEN, paths.length * CHANNELS), null),
          },
        }),
        linear: linear(middle, hidden, numbers(paths.length * CHANNELS ** 2)),
        skip_tp: module('e3nn.o3._tensor_product._sub.FullyConnectedTensorProduct', {
          attributes: {
            irreps_in1: irreps(isResidual ? input : hidden),
            irreps_in2: irreps(`${ELEMENTS.length}x0e`),
            irreps_out: irreps(isResidual ? output : hidden),
          },
          parameters: { weight: numbers(common * CHANNELS * ELEMENTS.length * CHANNELS) },
        }),
        ...(block.includes('Density')
          ? {
              density_fn: module('e3nn.nn._fc.FullyConnectedNet', {
                children: { layer0: layer(numbers(N_BASIS, 1), null) },
              }),
            }
          : {}),
      },
    });
  };
  const product = (output: string, useResidual: boolean): PyModule => {
    const degrees = output === hidden ? [0, 1] : [0];
    return module('mace.modules.blocks.EquivariantProductBasisBlock', {
      attributes: { use_sc: useResidual ? 'NEWTRUE' : 'NEWFALSE' },
      children: {
        linear: linear(output, output, numbers(degrees.length * CHANNELS ** 2)),
        symmetric_contractions: module('mace.modules.symmetric_contraction.SymmetricContraction', {
          children: {
            contractions: list(
              degrees.map((degree) =>
                module('mace.modules.symmetric_contraction.Contraction', {
                  parameters: { weights_max: numbers(ELEMENTS.length, N_COUPLINGS, CHANNELS) },
                  buffers: Object.fromEntries(
                    [1, 2].map((nu) => [
                      `U_matrix_${nu}`,
                      numbers(
                        ...(degree === 0 ? [] : [2 * degree + 1]),
                        ...Array<number>(nu).fill(N_HARMONICS),
                        N_COUPLINGS,
                      ),
                    ]),
                  ),
                  children: {
                    weights: module('torch.nn.modules.container.ParameterList', {
                      parameters: { '0': numbers(ELEMENTS.length, N_COUPLINGS, CHANNELS) },
                    }),
                  },
                }),
              ),
            ),
          },
        }),
      },
    });
  };
  return module('mace.modules.models.ScaleShiftMACE', {
    attributes: heads === undefined ? {} : { heads: py.list(...heads.map(py.text)) },
    buffers: {
      atomic_numbers: { shape: [ELEMENTS.length], values: ELEMENTS, type: 'LongStorage' },
      r_max: scalar(4),
      num_interactions: { shape: [], values: [2], type: 'LongStorage' },
    },
    children: {
      node_embedding: module('mace.modules.blocks.LinearNodeEmbeddingBlock', {
        children: { linear: linear(`${ELEMENTS.length}x0e`, scalars, numbers(ELEMENTS.length * CHANNELS)) },
      }),
      radial_embedding: module('mace.modules.blocks.RadialEmbeddingBlock', {
        children: {
          bessel_fn: module('mace.modules.radial.BesselBasis', {
            buffers: { bessel_weights: numbers(N_BASIS), prefactor: scalar(0.5), r_max: scalar(4) },
          }),
          cutoff_fn: module('mace.modules.radial.PolynomialCutoff', {
            buffers: { p: { shape: [], values: [5], type: 'IntStorage' }, r_max: scalar(4) },
          }),
        },
      }),
      spherical_harmonics: module('e3nn.o3._spherical_harmonics.SphericalHarmonics', {
        attributes: { _lmax: py.int(L_MAX), normalize: 'NEWTRUE', normalization: py.text('component') },
      }),
      atomic_energies_fn: module('mace.modules.blocks.AtomicEnergiesBlock', {
        buffers: { atomic_energies: nHeads === 1 ? numbers(ELEMENTS.length) : numbers(nHeads, ELEMENTS.length) },
      }),
      interactions: list([interaction(first, scalars, hidden), interaction(rest, hidden, scalars)]),
      products: list([product(hidden, first.includes('Residual')), product(scalars, true)]),
      readouts: list([
        module('mace.modules.blocks.LinearReadoutBlock', {
          children: { linear: linear(hidden, `${nHeads}x0e`, numbers(CHANNELS * nHeads)) },
        }),
        module('mace.modules.blocks.NonLinearReadoutBlock', {
          children: {
            linear_1: linear(scalars, `${3 * nHeads}x0e`, numbers(CHANNELS * 3 * nHeads)),
            linear_2: linear(`${3 * nHeads}x0e`, `${nHeads}x0e`, numbers(3 * nHeads * nHeads)),
            non_linearity: module('e3nn.nn._activation.Activation', { children: { acts: list([activation('silu')]) } }),
          },
        }),
      ]),
      scale_shift: module('mace.modules.blocks.ScaleShiftBlock', {
        buffers: { scale: scalar(0.75), shift: scalar(0.125) },
      }),
    },
  });
}

export function module(className: string, parts: Partial<Omit<PyModule, 'class_name'>> = {}): PyModule {
  return { class_name: className, attributes: {}, parameters: {}, buffers: {}, children: {}, ...parts };
}

/** The module at a dotted path. */
export function at(root: PyModule, path: string): PyModule {
  return path.split('.').reduce((node, name) => {
    const child = node.children[name];
    if (child === undefined) throw new Error(`The small model has no ${path}.`);
    return child;
  }, root);
}

/** @param change what happens to the pickle before it is packed, with the right checksum */
export function checkpointOf(root: PyModule, change: (pickle: Buffer) => Buffer = (pickle) => pickle): Buffer {
  const storages: Record<string, Uint8Array> = {};
  return checkpointArchive(change(py.pickle(codeOf(root, storages))), storages);
}

/** As a training writes it: the weights without the model. */
export function stateDictOf(root: PyModule): Buffer {
  const storages: Record<string, Uint8Array> = {};
  const entries = (node: PyModule, path: string): [Code, Code][] => [
    ...Object.entries({ ...node.parameters, ...node.buffers }).map(([name, tensor]): [Code, Code] => [
      py.text(path + name),
      tensorCode(tensor, storages),
    ]),
    ...Object.entries(node.children).flatMap(([name, child]) => entries(child, `${path}${name}.`)),
  ];
  const code = py.dict([py.text('model'), py.dict(...entries(root, ''))], [py.text('epoch'), py.int(3)]);
  return checkpointArchive(py.pickle(code), storages);
}

/** Irreps as e3nn pickles them. */
export function irreps(text: string): Code {
  const blocks = text.split('+').map((part) => {
    const [, mul = '1', l = '0', parity] = /^(\d+)x(\d)([eo])$/.exec(part) ?? [];
    const irrep = tupleObject('e3nn.o3._irreps', 'Irrep', py.int(Number(l)), py.int(parity === 'e' ? 1 : -1));
    return tupleObject('e3nn.o3._irreps', '_MulIr', py.int(Number(mul)), irrep);
  });
  return tupleObject('e3nn.o3._irreps', 'Irreps', ...blocks);
}

export function instruction(l1: number, l2: number, out: number, l3: number): Code {
  const fields = [
    py.int(l1),
    py.int(l2),
    py.int(out),
    py.text('uvu'),
    'NEWTRUE',
    py.float(Math.sqrt(2 * l3 + 1)),
  ] as const;
  const shape = py.tuple(py.int(CHANNELS), py.int(1));
  return [py.global('e3nn.o3._tensor_product._instruction', 'Instruction'), py.tuple(...fields, shape), 'NEWOBJ'];
}

/** A class that is a tuple: its content is its one argument. */
function tupleObject(module: string, name: string, ...content: Code[]): Code {
  return [py.global(module, name), py.tuple(py.tuple(...content)), 'NEWOBJ'];
}

function linear(from: string, to: string, weight: PyTensor): PyModule {
  const attributes = { irreps_in: irreps(from), irreps_out: irreps(to) };
  return module('e3nn.o3._linear.Linear', { attributes, parameters: { weight } });
}

/** Linear, LayerNorm, SiLU, Linear; torch keeps the weights [out][in]. */
function radialMlp(numbers: (...shape: number[]) => PyTensor, nIn: number, nOut: number): PyModule {
  const dense = (from: number, to: number): PyModule =>
    module('torch.nn.modules.linear.Linear', { parameters: { weight: numbers(to, from), bias: numbers(to) } });
  const norm = module('torch.nn.modules.normalization.LayerNorm', {
    attributes: { eps: py.float(1e-5) },
    parameters: { weight: numbers(N_HIDDEN), bias: numbers(N_HIDDEN) },
  });
  const silu = module('torch.nn.modules.activation.SiLU');
  return module('mace.modules.radial.RadialMLP', {
    children: { net: list([dense(nIn, N_HIDDEN), norm, silu, dense(N_HIDDEN, nOut)]) },
  });
}

function layer(weight: PyTensor, act: PyModule | null): PyModule {
  return module('e3nn.nn._fc._Layer', { parameters: { weight }, children: act === null ? {} : { act } });
}

function activation(name: string): PyModule {
  const attributes = {
    f: py.global('torch.nn.functional', name),
    cst: py.float(1.6791767923989418),
    _is_id: 'NEWFALSE' as const,
  };
  return module('e3nn.math._normalize_activation.normalize2mom', { attributes });
}

function list(members: PyModule[]): PyModule {
  return module('torch.nn.modules.container.ModuleList', {
    children: Object.fromEntries(members.map((member, i) => [String(i), member])),
  });
}

function codeOf(node: PyModule, storages: Record<string, Uint8Array>): Code {
  const dot = node.class_name.lastIndexOf('.');
  const tensors = (of: Record<string, PyTensor>): Code =>
    py.dict(...Object.entries(of).map(([name, tensor]): [Code, Code] => [py.text(name), tensorCode(tensor, storages)]));
  const state = py.dict(
    [py.text('training'), 'NEWFALSE'],
    [py.text('_parameters'), tensors(node.parameters)],
    [py.text('_buffers'), tensors(node.buffers)],
    [
      py.text('_modules'),
      py.dict(
        ...Object.entries(node.children).map(([name, child]): [Code, Code] => [py.text(name), codeOf(child, storages)]),
      ),
    ],
    ...Object.entries(node.attributes).map(([name, value]): [Code, Code] => [py.text(name), value]),
  );
  return py.object(node.class_name.slice(0, dot), node.class_name.slice(dot + 1), state);
}

const BYTES = {
  DoubleStorage: (values: number[]) => new Uint8Array(Float64Array.from(values).buffer),
  FloatStorage: (values: number[]) => new Uint8Array(Float32Array.from(values).buffer),
  LongStorage: (values: number[]) => new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  IntStorage: (values: number[]) => new Uint8Array(Int32Array.from(values).buffer),
};

function tensorCode({ shape, values, type }: PyTensor, storages: Record<string, Uint8Array>): Code {
  const key = String(Object.keys(storages).length);
  storages[key] = BYTES[type](values);
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, size) => product * size, 1));
  return py.tensor(py.storage(type, key, values.length), 0, shape, strides);
}
