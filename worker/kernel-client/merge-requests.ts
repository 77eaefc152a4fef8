// Requests of several tasks as one batch, and its messages, its answer and its warnings back to each of them. Pure.
import { elementAt } from './arrays.ts';
import type { ArrayValues, KernelArray } from './frame.ts';
import { KernelFailure } from './kernel-failure.ts';
import type { KernelAnswer, KernelRequestBody, KernelRequestType } from './kernel-requests.ts';

/** Their structures do not know of each other, and nothing else than structures differs between those of one kind. */
export type MergeableBody =
  (KernelRequestBody<'evaluate'> & { type: 'evaluate' }) | (KernelRequestBody<'relax'> & { type: 'relax' });
export type MergedAnswer = KernelAnswer<'evaluate'> | KernelAnswer<'relax'>;

/** By rows of what they are shaped: [n_structures]… and [atoms of all structures]…. */
const PER_STRUCTURE: readonly string[] = ['energies', 'energy_components', 'stress', 'cells'];
const PER_ATOM: readonly string[] = ['energies_per_atom', 'forces', 'positions'];
/** `structure 3: …` of a batch is `…` alone, and `structure 3 is …` is then `structure 0 is …`. */
const WARNING_OF_STRUCTURE = /^structure (\d+)(: | )/;

/** What keeps state, ends at a time of its own or shares a topology is asked alone. */
const ASKED_ALONE: readonly string[] = ['checkpoint', 'deadline_seconds', 'share_topology', 'topology'];

export function isMergeable(body: { type: KernelRequestType }): body is MergeableBody {
  const isOfKind = body.type === 'relax' || body.type === 'evaluate';
  return isOfKind && !ASKED_ALONE.some((member) => member in body);
}

/** Requests with the same key can be one. */
export function mergeKey(body: MergeableBody, arrays: readonly KernelArray[]): string {
  const kinds = arrays.map(({ name, shape, values }) => [name, values.constructor.name, ...shape.slice(1)]);
  return JSON.stringify([body, kinds]);
}

/** @param requests the arrays of each, same names in the same order; @returns them one behind another */
export function joinArrays(requests: readonly (readonly KernelArray[])[]): KernelArray[] {
  const [first = []] = requests;
  return first.map(({ name, shape }, i) => {
    const parts = requests.map((arrays) => elementAt(arrays, i, `array ${name} of request`));
    const n = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0);
    return { name, shape: [n, ...shape.slice(1)], values: joinValues(parts.map(({ values }) => values)) };
  });
}

function joinValues(parts: readonly ArrayValues[]): ArrayValues {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = emptyLike(parts[0], length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function emptyLike(model: ArrayValues | undefined, length: number): ArrayValues {
  if (model instanceof Float32Array) return new Float32Array(length);
  if (model instanceof Int32Array) return new Int32Array(length);
  if (model instanceof Uint8Array) return new Uint8Array(length);
  return new Float64Array(length);
}

/** Which structures and atoms of a batch came from one request. */
export interface BatchPart {
  first: number;
  n: number;
  first_atom: number;
  n_atoms: number;
}

/** @param requests the arrays of each */
export function partsOf(requests: readonly (readonly KernelArray[])[]): BatchPart[] {
  let [first, first_atom] = [0, 0];
  return requests.map((arrays) => {
    const counts = [...(arrays.find(({ name }) => name === 'n_atoms')?.values ?? [])];
    const part = { first, n: counts.length, first_atom, n_atoms: counts.reduce((sum, count) => sum + count, 0) };
    first += part.n;
    first_atom += part.n_atoms;
    return part;
  });
}

/** What the kernel would have answered to this part alone; its time is the part's share of it, by atoms. */
export function answerOfPart(answer: MergedAnswer, part: BatchPart, nAtoms: number): MergedAnswer {
  const { header, arrays: all } = answer;
  const arrays = all.map((array) => arrayOfPart(array, part));
  const ours = {
    kernel_seconds: (header.kernel_seconds * part.n_atoms) / nAtoms,
    warnings: header.warnings.flatMap((warning) => warningOfPart(warning, part)),
  };
  if (header.type === 'evaluate_result') return { header: { ...header, ...ours }, arrays };
  const structures = header.structures.slice(part.first, part.first + part.n);
  return { header: { ...header, ...ours, structures }, arrays };
}

function arrayOfPart({ name, shape: [, ...row], values }: KernelArray, part: BatchPart): KernelArray {
  const [first, n] = PER_ATOM.includes(name) ? [part.first_atom, part.n_atoms] : [part.first, part.n];
  if (!PER_ATOM.includes(name) && !PER_STRUCTURE.includes(name)) {
    throw new KernelFailure('protocol', `Nobody knows whose the rows of the array ${name} of a batch are.`);
  }
  const width = row.reduce((product, size) => product * size, 1);
  return { name, shape: [n, ...row], values: values.slice(first * width, (first + n) * width) };
}

/** What is said of no structure is told to all. */
function warningOfPart(warning: string, { first, n }: BatchPart): string[] {
  const match = WARNING_OF_STRUCTURE.exec(warning);
  if (match === null) return [warning];
  const structure = Number(match[1]) - first;
  if (structure < 0 || structure >= n) return [];
  const rest = warning.slice(match[0].length);
  if (match[2] === ': ' && n === 1) return [rest];
  return [`structure ${structure}${match[2] ?? ''}${rest}`];
}
