// Irreps of e3nn: "128x0e+128x1o" as text, or the nested tuples that its class pickles to.
import type { Value } from '../checkpoint/values.ts';
import { isObject } from './module-tree.ts';
import { assertConsistent, refusal } from './refusal.ts';

export interface IrrepBlock {
  readonly mul: number;
  readonly l: number;
  /** 1 even, -1 odd. */
  readonly parity: number;
}

/** @param where whose they are, for the message @throws ServiceError 42206 */
export function parseIrreps(value: Value | undefined, where: string): IrrepBlock[] {
  const blocks = typeof value === 'string' ? parseText(value) : isObject(value) ? parseNode(value) : null;
  if (blocks === null) throw refusal(`The irreps of ${where} cannot be read.`);
  return blocks.filter(({ mul }) => mul > 0);
}

/** Channels of features that have the same number for every l from 0 on, and the highest l. */
export interface UniformIrreps {
  readonly n_channels: number;
  readonly l_max: number;
}

/** @param blocks of natural parity @throws ServiceError 42206 for a missing l, or channels that differ */
export function uniformIrreps(blocks: readonly IrrepBlock[], where: string): UniformIrreps {
  const n_channels = blocks[0]?.mul ?? 0;
  const isUniform = blocks.every(({ mul, l }, i) => mul === n_channels && l === i);
  assertConsistent(
    isUniform && n_channels > 0,
    `${where} has the irreps ${formatIrreps(blocks)}; this program needs one number of channels for every l from 0 on.`,
  );
  return { n_channels, l_max: blocks.length - 1 };
}

export function isNatural({ l, parity }: IrrepBlock): boolean {
  return parity === (l % 2 === 0 ? 1 : -1);
}

export function unnatural(blocks: readonly IrrepBlock[], where: string): string {
  return (
    `${where} uses ${formatIrreps(blocks)}: parities other than 0e, 1o, 2e, … are not supported. ` +
    'Train the model with hidden_irreps of natural parity, such as 128x0e+128x1o.'
  );
}

export function formatIrreps(blocks: readonly IrrepBlock[]): string {
  return blocks.map(({ mul, l, parity }) => `${mul}x${l}${parity === 1 ? 'e' : 'o'}`).join('+');
}

function parseText(text: string): IrrepBlock[] | null {
  if (text.trim() === '') return [];
  const blocks: IrrepBlock[] = [];
  for (const part of text.split('+')) {
    const match = /^\s*(?:(\d{1,6})\s*x\s*)?(\d{1,2})([eo])\s*$/.exec(part);
    if (match === null) return null;
    const [, mul = '1', l, letter] = match;
    blocks.push({ mul: Number(mul), l: Number(l), parity: letter === 'e' ? 1 : -1 });
  }
  return blocks;
}

/** Irreps, _MulIr and Irrep are tuples whose class was kept; each holds its content in one more tuple. */
function parseNode(value: Value): IrrepBlock[] | null {
  const blocks: IrrepBlock[] = [];
  for (const block of contentOf(value)) {
    const [mul, irrep = null] = contentOf(block);
    const [l, parity] = contentOf(irrep);
    if (!isCount(mul) || !isCount(l) || (parity !== 1 && parity !== -1)) return null;
    blocks.push({ mul, l, parity });
  }
  return blocks;
}

function isCount(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1_000_000;
}

/** Of a tuple, plain or with its class. */
export function contentOf(value: Value): readonly Value[] {
  const items = isObject(value) ? value.args : isList(value) ? value.items : [];
  const [only] = items;
  return items.length === 1 && isList(only) ? only.items : items;
}

export function isList(value: Value | undefined): value is Extract<Value, { kind: 'list' }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'list';
}
