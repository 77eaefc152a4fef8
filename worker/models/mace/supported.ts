// What of a checkpoint the kernel cannot compute, each by its name and with what its user can do. Empty: it can.
import { maceBlockSchema } from '../../../contracts/mace-model.ts';
import type { Value } from '../checkpoint/values.ts';
import { isNatural, parseIrreps, unnatural } from './irreps.ts';
import { allModules, entriesOf, isObject, join, shortName } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';

export const MODEL_CLASSES = ['ScaleShiftMACE', 'MACE'] as const;
export type ModelClass = (typeof MODEL_CLASSES)[number];

const READOUTS: readonly string[] = ['LinearReadoutBlock', 'NonLinearReadoutBlock', 'NonLinearBiasReadoutBlock'];
const BLOCKS: readonly string[] = maceBlockSchema.options;

const ENERGY_ONLY = 'This program computes energies, forces and stress of ScaleShiftMACE and MACE.';
const OTHER_MODELS: Readonly<Record<string, string>> = {
  AtomicDipolesMACE: `It is an AtomicDipolesMACE, which predicts dipoles and no energy. ${ENERGY_ONLY}`,
  AtomicDielectricMACE: `It is an AtomicDielectricMACE, which predicts dipoles and polarizabilities. ${ENERGY_ONLY}`,
  EnergyDipolesMACE: `It is an EnergyDipolesMACE, whose energies come with dipoles in a network of its own. ${ENERGY_ONLY}`,
  PolarMACE: `It is a PolarMACE (MACE-POLAR), whose electrostatics are solved with its charges. ${ENERGY_ONLY}`,
  MACELES: `It is a MACELES, whose long-range part (latent Ewald summation) is not supported. ${ENERGY_ONLY}`,
};

/** Python modules whose classes a model of mace-torch is made of. */
const KNOWN_MODULES = /^(mace\.modules\.|mace\.tools\.|e3nn\.|torch\.nn\.modules\.|torch\.fx\.|torch\.nn\.parameter)/;
const LORA = /(^|\.)lora\.|LoRA/;
const CUEQUIVARIANCE = /^(cuequivariance|cuequivariance_torch)(\.|$)/;
const OPENEQUIVARIANCE = /^openequivariance(\.|$)/;

const TO_E3NN =
  'Convert it on the machine that has it: mace_cueq_to_e3nn FILE --output_model OUT (comes with mace-torch), and import OUT.';

const FROM_OPENEQUIVARIANCE =
  'Convert it on the machine that has it: python -m mace.cli.convert_oeq_e3nn FILE --output_model OUT, and import OUT.';

/** @returns sentences, without doubles */
export function unsupportedParts(root: ModuleNode): string[] {
  const found = new Set<string>();
  const rootReason = unsupportedRoot(root);
  if (rootReason !== null) return [rootReason];
  for (const node of allModules(root)) for (const reason of unsupportedModule(node)) found.add(reason);
  // With use_so3 every parity is even, which has been said.
  if (root.attributes.get('use_so3') !== true) for (const reason of unsupportedIrreps(root)) found.add(reason);
  return [...found];
}

function unsupportedRoot({ class_name, children }: ModuleNode): string | null {
  const name = shortName(class_name);
  if (MODEL_CLASSES.some((known) => known === name)) return null;
  const other = OTHER_MODELS[name];
  if (other !== undefined) return other;
  if (children.has('module')) {
    return `It is a ${name} around a model; save the model inside it: torch.save(model.module, FILE).`;
  }
  return `It is a ${class_name}, which is no model of mace-torch. ${ENERGY_ONLY}`;
}

function* unsupportedModule(node: ModuleNode): Generator<string> {
  const { class_name, path, attributes, children } = node;
  const name = shortName(class_name);
  const parent = path.split('.').at(-2);
  if (LORA.test(class_name)) {
    yield 'It has LoRA adapters that were not merged; merge them (mace.modules.lora.merge_lora_weights) and save the model again.';
  } else if (CUEQUIVARIANCE.test(class_name)) {
    yield `It was converted for cuEquivariance (${name}). ${TO_E3NN}`;
  } else if (OPENEQUIVARIANCE.test(class_name)) {
    yield `It was converted for OpenEquivariance (${name}). ${FROM_OPENEQUIVARIANCE}`;
  } else if (parent === 'interactions' && !BLOCKS.includes(name)) {
    yield `Its interaction block ${name} is not supported; supported are ${BLOCKS.join(', ')}.`;
  } else if (parent === 'readouts' && !READOUTS.includes(name)) {
    yield `Its readout ${name} is not supported; supported are ${READOUTS.join(', ')}.`;
  } else if (!KNOWN_MODULES.test(class_name)) {
    yield `Its part ${path === '' ? 'at the top' : path} is of the class ${class_name}, which is not one of mace-torch, e3nn or PyTorch.`;
  }
  if (path === '') {
    if (attributes.get('use_so3') === true) {
      yield 'It was trained with use_so3, whose couplings are not supported; train it without.';
    }
    for (const child of ['joint_embedding', 'embedding_readout']) {
      if (children.has(child)) {
        yield `It has a ${child} (charge, spin or other inputs per structure, as in MACE-OMOL), which is not supported.`;
      }
    }
  }
  if (isEnabled(attributes.get('cueq_config'))) yield `It is set up for cuEquivariance (cueq_config). ${TO_E3NN}`;
  if (isEnabled(attributes.get('oeq_config'))) {
    yield `It is set up for OpenEquivariance (oeq_config). ${FROM_OPENEQUIVARIANCE}`;
  }
}

/** Hidden features and harmonics; everything else follows from them. */
function* unsupportedIrreps(root: ModuleNode): Generator<string> {
  for (const node of allModules(root)) {
    const list = node.path.split('.').at(-2);
    const child = list === 'products' ? 'linear' : list === 'interactions' ? 'conv_tp' : null;
    const attribute = child === 'linear' ? 'irreps_out' : 'irreps_in2';
    const value = child === null ? undefined : node.children.get(child)?.attributes.get(attribute);
    if (value === undefined) continue;
    const wrong = parseIrreps(value, join(node.path, attribute)).filter((block) => !isNatural(block));
    if (wrong.length > 0) yield unnatural(wrong, `The part ${node.path}`);
  }
}

function isEnabled(config: Value | undefined): boolean {
  if (!isObject(config)) return false;
  const fields = entriesOf(config.state);
  return fields.get('enabled') === true || fields.get('layout_str') === 'ir_mul';
}
