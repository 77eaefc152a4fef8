// From a structure file to what the viewer and a task need. The readers are loaded when the first file comes, because the
// service should answer before that.
import type { StructureSummary } from '../../contracts/structure.ts';
import type { ParsedStructure } from '../structures/parsed-structure.ts';
import type { ReadStructure } from './structure-library.ts';

const PARSE_TIMEOUT_MS = 10_000;

/** What a user sent: in a thread with limits on time and memory. @throws StructureError */
export async function readUntrustedStructure(bytes: Uint8Array, filename: string): Promise<ReadStructure> {
  const { DEFAULT_UNTRUSTED_LIMITS, parseUntrusted } = await import('../structures/parse-in-worker.ts');
  const limits = { ...DEFAULT_UNTRUSTED_LIMITS, timeoutMs: PARSE_TIMEOUT_MS };
  const { structures, summary } = await parseUntrusted(bytes, filename, limits);
  return firstOf(structures, summary);
}

/** What we ship: here, because starting a thread takes several times as long as reading a few hundred atoms. */
export async function readOwnStructure(bytes: Uint8Array, filename: string): Promise<ReadStructure> {
  const { parseStructure } = await import('../structures/parse-structure.ts');
  const { inspectStructure } = await import('../structures/inspect-structure.ts');
  const structures = parseStructure(bytes, filename);
  const [{ structure, warnings }] = structures;
  return firstOf(structures, inspectStructure(structure, warnings));
}

function firstOf(
  [first, ...others]: readonly [ParsedStructure, ...ParsedStructure[]],
  summary: StructureSummary,
): ReadStructure {
  const n_structures = others.length + 1;
  const unread =
    others.length === 0
      ? []
      : [
          `The file holds ${n_structures} structures; the first one is used; a single-point energy takes all with all_frames.`,
        ];
  const warnings = [...summary.warnings, ...unread];
  return { name: first.name, format: first.format, structure: first.structure, summary: { ...summary, warnings } };
}
