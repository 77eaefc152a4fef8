// Parsing what somebody uploaded: in another thread with bounded time and memory, so that no file can stop the service.
import type { Worker } from 'node:worker_threads';
import type { StructureSummary } from '../../contracts/structure.ts';
import { assertFileSize } from './parse-structure.ts';
import type { ParseReport, ParseRequest } from './parse-worker.ts';
import { DEFAULT_PARSE_LIMITS } from './parsed-structure.ts';
import type { ParsedStructure, ParseLimits } from './parsed-structure.ts';
import { keepThread, stopListening, takeThread } from './parse-threads.ts';
import { StructureError, quoteText } from './structure-error.ts';

export interface UntrustedParseLimits extends ParseLimits {
  /** For parsing and the summary without the space group. */
  readonly timeoutMs: number;
  /** For the space group, which is left out with a warning when it takes longer (large supercells). */
  readonly symmetryTimeoutMs: number;
  /** JavaScript heap of the thread. */
  readonly memoryMiB: number;
}

export const DEFAULT_UNTRUSTED_LIMITS: UntrustedParseLimits = {
  ...DEFAULT_PARSE_LIMITS,
  timeoutMs: 20_000,
  symmetryTimeoutMs: 3_000,
  memoryMiB: 1024,
};

export interface ParsedUpload {
  /** In order of the file; at least one. */
  readonly structures: readonly [ParsedStructure, ...ParsedStructure[]];
  /** Of the first structure. */
  readonly summary: StructureSummary;
}

/**
 * Parse and summarise an untrusted file. The bytes are copied; the caller's array stays usable.
 *
 * @throws StructureError as parseStructure; parse_timeout | parse_memory | parser_failed
 */
export async function parseUntrusted(
  bytes: Uint8Array,
  filename: string,
  limits: UntrustedParseLimits = DEFAULT_UNTRUSTED_LIMITS,
): Promise<ParsedUpload> {
  assertFileSize(bytes.length, limits);
  // A copy of exactly these bytes: cloning a view would take its whole buffer along.
  const copy = new Uint8Array(bytes);
  const request: ParseRequest = { bytes: copy, filename, limits };
  const worker = takeThread(limits.memoryMiB);
  let isUsable = false;
  try {
    const reports = collectReports(worker, filename, limits);
    worker.postMessage(request, [copy.buffer]);
    const outcome = await reports;
    isUsable = outcome.isIdle;
    if ('refusal' in outcome) throw outcome.refusal;
    return outcome.parsed;
  } finally {
    stopListening(worker);
    if (isUsable) keepThread(worker, limits.memoryMiB);
    else await worker.terminate();
  }
}

type Outcome = ({ parsed: ParsedUpload } | { refusal: StructureError }) & {
  /** The thread waits for the next file; otherwise it has died or is stuck in the search for a space group. */
  isIdle: boolean;
};

function collectReports(worker: Worker, filename: string, limits: UntrustedParseLimits): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let parsed: ParsedUpload | undefined;
    let refusal: StructureError | undefined;
    let warning: string | null = null;
    const finish = (spaceGroupWarning: string | null, isIdle = false): void => {
      clearTimeout(timer);
      if (refusal !== undefined) {
        resolve({ refusal, isIdle });
      } else if (parsed === undefined) {
        reject(
          new StructureError(
            'parser_failed',
            `Reading ${quoteText(filename)} ended without a result; please report the file.`,
          ),
        );
      } else if (spaceGroupWarning === null) {
        resolve({ parsed, isIdle });
      } else {
        const warnings = [...parsed.summary.warnings, `The space group was not determined: ${spaceGroupWarning}`];
        resolve({ parsed: { ...parsed, summary: { ...parsed.summary, warnings } }, isIdle });
      }
    };
    const onTimeout = (): void => {
      if (parsed !== undefined) finish(`it takes longer than ${limits.symmetryTimeoutMs / 1000} s.`);
      else {
        reject(
          new StructureError(
            'parse_timeout',
            `Reading ${quoteText(filename)} took longer than ${limits.timeoutMs / 1000} s and was stopped; upload a smaller file.`,
          ),
        );
      }
    };
    let timer = setTimeout(onTimeout, limits.timeoutMs);
    worker.on('message', (report: ParseReport) => {
      switch (report.kind) {
        case 'parsed': {
          const [first, ...rest] = report.structures;
          if (first === undefined) break;
          parsed = { structures: [first, ...rest], summary: report.summary };
          clearTimeout(timer);
          timer = setTimeout(onTimeout, limits.symmetryTimeoutMs);
          break;
        }
        case 'space_group':
          if (parsed !== undefined) {
            const { number, symbol } = report.spaceGroup;
            parsed = { ...parsed, summary: { ...parsed.summary, space_group: symbol, space_group_number: number } };
          }
          break;
        case 'no_space_group':
          warning = report.why;
          break;
        case 'refused':
          refusal = new StructureError(report.reason, report.message, report.facts);
          break;
        case 'done':
          finish(warning, true);
          break;
      }
    });
    worker.on('error', (error: Error & { readonly code?: string }) => {
      clearTimeout(timer);
      const isOutOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (parsed !== undefined) finish(isOutOfMemory ? 'it needs too much memory.' : 'the search failed.');
      else if (isOutOfMemory) {
        reject(
          new StructureError(
            'parse_memory',
            `Reading ${quoteText(filename)} needs more than ${limits.memoryMiB} MiB of memory and was stopped; upload a smaller file.`,
          ),
        );
      } else {
        reject(
          new StructureError(
            'parser_failed',
            `Reading ${quoteText(filename)} failed; please report the file.`,
            {},
            { cause: error },
          ),
        );
      }
    });
    worker.on('exit', () => {
      finish(null);
    });
  });
}
