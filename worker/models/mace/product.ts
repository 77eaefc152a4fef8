// A product block: the symmetric contraction and the linear map after it.
import type { MaceLayer } from '../../../contracts/mace-model.ts';
import { irrepsOf, putLinear } from './interaction.ts';
import type { Interaction } from './interaction.ts';
import { uniformIrreps } from './irreps.ts';
import type { ModelBuilder } from './model-builder.ts';
import { join, listAt, moduleAt, optionalTensorAt, tensorAt } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import { monomialsOf } from './monomials.ts';
import { assertConsistent } from './refusal.ts';
import { readAt, readFloats, reshaped } from './weights.ts';

/** @param name of its tensors, such as `layers.0.product` */
export async function extractProduct(
  builder: ModelBuilder,
  node: ModuleNode,
  { layer, has_residual, l_max }: Interaction,
  name: string,
): Promise<MaceLayer['product']> {
  const linear = moduleAt(node, 'linear');
  const output = uniformIrreps(irrepsOf(linear, 'irreps_out'), join(linear.path, 'irreps_out'));
  const contractions = listAt(moduleAt(node, 'symmetric_contractions'), 'contractions');
  assertConsistent(
    contractions.length === output.l_max + 1,
    `${node.path} has ${contractions.length} contractions for the degrees 0 to ${output.l_max}.`,
  );
  const is_element_agnostic = node.attributes.get('use_agnostic_product') === true;
  const n_sets = is_element_agnostic ? 1 : builder.n_elements;
  const correlation = correlationOf(contractions);
  for (const [degree, contraction] of contractions.entries()) {
    const shape = { n_harmonics: (l_max + 1) ** 2, n_sets, n_channels: layer.n_message_channels };
    await extractContraction(builder, contraction, { ...shape, degree, correlation }, join(name, String(degree)));
  }
  await putLinear(builder, linear, join(name, 'linear'));
  return {
    correlation,
    output_l_max: output.l_max,
    n_output_channels: output.n_channels,
    has_residual: has_residual && node.attributes.get('use_sc') !== false,
    is_element_agnostic,
  };
}

interface ContractionShape {
  /** Of the output. */
  readonly degree: number;
  readonly correlation: number;
  readonly n_harmonics: number;
  /** Sets of weights: elements, or one. */
  readonly n_sets: number;
  readonly n_channels: number;
}

async function extractContraction(
  builder: ModelBuilder,
  node: ModuleNode,
  { degree, correlation, n_harmonics, n_sets, n_channels }: ContractionShape,
  name: string,
): Promise<void> {
  const n_components = 2 * degree + 1;
  for (let nu = 1; nu <= correlation; nu += 1) {
    const u = await readAt(builder.checkpoint, node, `U_matrix_${nu}`);
    const { index, coupling } = monomialsOf(u, nu, n_components, `${node.path}.U_matrix_${nu}`);
    assertConsistent(
      u.shape.at(-2) === n_harmonics,
      `${node.path}.U_matrix_${nu} is not made for ${n_harmonics} harmonics.`,
    );
    builder.put(`${name}.${nu}.index`, index);
    builder.put(`${name}.${nu}.coupling`, coupling);
    const weight = nu === correlation ? 'weights_max' : `weights.${correlation - 1 - nu}`;
    const parts = weight.split('.');
    const owner = parts.length === 1 ? node : moduleAt(node, 'weights');
    const values = await readFloats(builder.checkpoint, tensorAt(owner, parts.at(-1) ?? ''), join(node.path, weight));
    const shape = [n_sets, u.shape.at(-1) ?? 0, n_channels];
    builder.put(`${name}.${nu}.weight`, reshaped(values, shape, join(node.path, weight)));
  }
}

function correlationOf(contractions: readonly ModuleNode[]): number {
  const orders = contractions.map((node) => {
    let order = 0;
    while (optionalTensorAt(node, `U_matrix_${order + 1}`) !== null) order += 1;
    return order;
  });
  const [correlation = 0] = orders;
  assertConsistent(
    correlation > 0 && orders.every((order) => order === correlation),
    `the contractions have the correlations ${orders.join(', ')}.`,
  );
  return correlation;
}
