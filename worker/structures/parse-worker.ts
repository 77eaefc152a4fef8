// Body of the thread that parses untrusted files, one after another; parse-threads.ts starts it, parse-in-worker.ts sends the
// files and waits for the reports.
import { parentPort } from 'node:worker_threads';
import type { StructureSummary } from '../../contracts/structure.ts';
import { summarizeStructure } from './inspect-structure.ts';
import { parseStructure } from './parse-structure.ts';
import type { ParsedStructure, ParseLimits } from './parsed-structure.ts';
import { StructureError } from './structure-error.ts';
import type { StructureErrorReason } from './structure-error.ts';
import { findSpaceGroup } from './symmetry.ts';
import type { SpaceGroup } from './symmetry.ts';

export interface ParseRequest {
  readonly bytes: Uint8Array;
  readonly filename: string;
  readonly limits: ParseLimits;
}

export type ParseReport =
  /** Everything but the space group, which may take long for large supercells. */
  | { readonly kind: 'parsed'; readonly structures: readonly ParsedStructure[]; readonly summary: StructureSummary }
  | { readonly kind: 'space_group'; readonly spaceGroup: SpaceGroup }
  | { readonly kind: 'no_space_group'; readonly why: string }
  /** Last: the next file may come. */
  | { readonly kind: 'done' }
  | {
      readonly kind: 'refused';
      readonly reason: StructureErrorReason;
      readonly message: string;
      readonly facts: Readonly<Record<string, unknown>>;
    };

function report(message: ParseReport): void {
  parentPort?.postMessage(message);
}

function toRefusal(error: unknown): ParseReport {
  if (!(error instanceof StructureError)) throw error;
  return { kind: 'refused', reason: error.reason, message: error.message, facts: error.details };
}

function parseAndReport({ bytes, filename, limits }: ParseRequest): void {
  let structures: ReturnType<typeof parseStructure>;
  try {
    structures = parseStructure(bytes, filename, limits);
  } catch (error) {
    report(toRefusal(error));
    return;
  }
  const [{ structure, warnings }] = structures;
  report({ kind: 'parsed', structures, summary: summarizeStructure(structure, null, warnings) });
  if (structure.cell === null || !structure.pbc.every(Boolean)) return;
  try {
    report({ kind: 'space_group', spaceGroup: findSpaceGroup(structure) });
  } catch (error) {
    if (!(error instanceof StructureError)) throw error;
    report({ kind: 'no_space_group', why: error.message });
  }
}

// The one sender is parse-in-worker.ts, with this very type.
parentPort?.on('message', (request: ParseRequest) => {
  parseAndReport(request);
  report({ kind: 'done' });
});
