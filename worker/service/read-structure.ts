// From a structure file to what the viewer and a task need, in a thread with limits on time and memory.
import { DEFAULT_UNTRUSTED_LIMITS, parseUntrusted } from '../structures/parse-in-worker.ts';
import type { ReadStructure } from './structure-library.ts';

const PARSE_TIMEOUT_MS = 10_000;

/** @throws StructureError */
export async function readUntrustedStructure(bytes: Uint8Array, filename: string): Promise<ReadStructure> {
  const limits = { ...DEFAULT_UNTRUSTED_LIMITS, timeoutMs: PARSE_TIMEOUT_MS };
  const { structures, summary } = await parseUntrusted(bytes, filename, limits);
  const [first, ...others] = structures;
  const unread = others.length === 0 ? [] : [`The file holds ${structures.length} structures; the first one is used.`];
  const warnings = [...summary.warnings, ...unread];
  return { name: first.name, format: first.format, structure: first.structure, summary: { ...summary, warnings } };
}
