// A readout: the scalars of a layer into one energy for every head.
import type { MaceModel } from '../../../contracts/mace-model.ts';
import { NO_ACTIVATION, normalizedActivation } from './activation.ts';
import { irrepsOf, splitLinear } from './interaction.ts';
import { blockOf } from './model-builder.ts';
import type { ModelBuilder } from './model-builder.ts';
import { join, moduleAt, shortName } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import { assertConsistent, refusal } from './refusal.ts';
import { reshaped } from './weights.ts';

type Readout = MaceModel['readouts'][number];

/**
 * @param layer whose output it reads, from 0
 * @param n_channels of that output
 * @param name of its tensors, such as `readouts.0`
 */
export async function extractReadout(
  builder: ModelBuilder,
  node: ModuleNode,
  layer: number,
  n_channels: number,
  name: string,
): Promise<Readout> {
  const n_heads = builder.heads.length;
  const put = async (child: string, n_in: number, n_out: number): Promise<void> => {
    const linear = moduleAt(node, child);
    const weight = blockOf(await splitLinear(builder, linear), 0, linear.path);
    builder.put(join(name, child), reshaped(weight, [n_in, n_out], linear.path));
  };
  const kind = shortName(node.class_name);
  switch (kind) {
    case 'LinearReadoutBlock':
      await put('linear', n_channels, n_heads);
      return { kind: 'linear', layer, n_hidden: 0, activation: NO_ACTIVATION };
    case 'NonLinearReadoutBlock':
    case 'NonLinearBiasReadoutBlock': {
      const n_hidden = hiddenUnits(moduleAt(node, 'linear_1'));
      await put('linear_1', n_channels, n_hidden);
      await put('linear_2', n_hidden, n_heads);
      const hasBias = kind === 'NonLinearBiasReadoutBlock';
      if (hasBias) {
        await put('linear_mid', n_hidden, n_hidden);
        await builder.copy(join(name, 'bias_mid'), moduleAt(node, 'linear_mid'), 'bias', [n_hidden]);
        await builder.copy(join(name, 'bias_2'), moduleAt(node, 'linear_2'), 'bias', [n_heads]);
      }
      const activation = normalizedActivation(moduleAt(node, 'non_linearity.acts').children.get('0'));
      return { kind: hasBias ? 'nonlinear_bias' : 'nonlinear', layer, n_hidden, activation };
    }
    default:
      throw refusal(`The readout ${kind} is not supported.`);
  }
}

function hiddenUnits(linear: ModuleNode): number {
  const blocks = irrepsOf(linear, 'irreps_out');
  assertConsistent(
    blocks.every(({ l, parity }) => l === 0 && parity === 1),
    `the hidden units of ${linear.path} are not scalars only (MLP_irreps must be such as 16x0e).`,
  );
  return blocks.reduce((sum, { mul }) => sum + mul, 0);
}
