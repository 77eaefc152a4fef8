// Parsing what somebody uploaded: in a thread of its own with bounded time and memory, so that no file can stop the service.
import { Worker } from 'node:worker_threads';
import type { StructureSummary } from '../../contracts/structure.ts';
import { assertFileSize } from './parse-structure.ts';
import type { ParseReport, ParseRequest } from './parse-worker.ts';
import { DEFAULT_PARSE_LIMITS } from './parsed-structure.ts';
import type { ParsedStructure, ParseLimits } from './parsed-structure.ts';
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
  const worker = new Worker(workerFile(), {
    workerData: request,
    transferList: [copy.buffer],
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMiB },
    stdin: false,
  });
  try {
    return await collectReports(worker, filename, limits);
  } finally {
    await worker.terminate();
  }
}

/** From source Node strips the types itself; in the bundle the worker is an entry of its own beside the caller's chunk. */
function workerFile(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./parse-worker.ts', import.meta.url)
    : new URL('./parse-worker.js', import.meta.url);
}

function collectReports(worker: Worker, filename: string, limits: UntrustedParseLimits): Promise<ParsedUpload> {
  return new Promise((resolve, reject) => {
    let parsed: ParsedUpload | undefined;
    const finish = (spaceGroupWarning: string | null): void => {
      clearTimeout(timer);
      if (parsed === undefined) {
        reject(
          new StructureError(
            'parser_failed',
            `Reading ${quoteText(filename)} ended without a result; please report the file.`,
          ),
        );
      } else if (spaceGroupWarning === null) {
        resolve(parsed);
      } else {
        const warnings = [...parsed.summary.warnings, `The space group was not determined: ${spaceGroupWarning}`];
        resolve({ ...parsed, summary: { ...parsed.summary, warnings } });
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
          finish(report.why);
          break;
        case 'refused':
          clearTimeout(timer);
          reject(new StructureError(report.reason, report.message, report.facts));
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
