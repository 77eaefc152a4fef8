// Activations: which function, and the constant by which e3nn multiplies it. The constant is in the file: it comes from random
// numbers and not from the integral.
import type { MaceActivation } from '../../../contracts/mace-model.ts';
import type { Value } from '../checkpoint/values.ts';
import { isObject, shortName } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import { refusal } from './refusal.ts';

export const PLAIN_SILU: MaceActivation = { name: 'silu', scale: 1 };
export const NO_ACTIVATION: MaceActivation = { name: 'none', scale: 1 };

const NAMES: Readonly<Record<string, MaceActivation['name']>> = {
  silu: 'silu',
  SiLU: 'silu',
  tanh: 'tanh',
  Tanh: 'tanh',
  abs: 'abs',
  sigmoid: 'sigmoid',
  Sigmoid: 'sigmoid',
};

/** Of a `normalize2mom`; undefined for a place in a list that holds none. */
export function normalizedActivation(node: ModuleNode | undefined): MaceActivation {
  if (node === undefined) return NO_ACTIVATION;
  const called = node.attributes.get('f') ?? node.children.get('f')?.class_name;
  const name = functionName(called, node.path);
  if (node.attributes.get('_is_id') === true) return { name, scale: 1 };
  return { name, scale: scaleOf(node.attributes.get('cst'), node.path) };
}

export function functionName(value: Value | undefined, where: string): MaceActivation['name'] {
  const name = nameOf(value);
  const known = name === null ? undefined : NAMES[shortName(name)];
  if (known !== undefined) return known;
  throw refusal(
    `${where} uses the activation ${name ?? 'of a function of its own'}; known are silu, tanh, abs and sigmoid.`,
  );
}

export function scaleOf(value: Value | undefined, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw refusal(`The constant of the activation ${where} cannot be read.`);
}

/** A function is pickled by its name, or as getattr(its class, its name). */
function nameOf(value: Value | undefined): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'name') return value.name;
  if (!isObject(value)) return null;
  if (shortName(value.class_name) !== 'getattr') return value.class_name;
  const last = value.args.at(-1);
  return typeof last === 'string' ? last : null;
}
