// From an untrusted file to what the viewer and a task need, in a worker thread with limits on time and memory.
import { inspectStructure } from '../structures/inspect-structure.ts';
import { parseStructure } from '../structures/parse-structure.ts';
import type { ReadStructure } from './structure-library.ts';

export async function readUntrustedStructure(bytes: Uint8Array, filename: string): Promise<ReadStructure> {
  const [first, ...others] = parseStructure(bytes, filename);
  const several = others.length === 0 ? [] : [`The file holds ${others.length + 1} structures; the first one is used.`];
  const summary = inspectStructure(first.structure, [...several, ...first.warnings]);
  return { name: first.name, format: first.format, structure: first.structure, summary };
}
