// One kernel for the tasks of a group: each asks it as if it were alone. Requests go to the kernel one after another, and where
// merging pays, what the tasks ask alike goes as one batch.
import type { Frame } from './frame.ts';
import { askBatch, HeldRequest } from './held-request.ts';
import { KernelFailure } from './kernel-failure.ts';
import type { KernelFailureCode } from './kernel-failure.ts';
import { answerTo, listenerOf } from './kernel-requests.ts';
import type {
  KernelAnswer,
  KernelHello,
  KernelMessage,
  KernelRequestBody,
  KernelRequestOptions,
  KernelRequests,
  KernelRequestType,
} from './kernel-requests.ts';
import { answerOfPart, isMergeable, joinArrays, mergeKey, partsOf } from './merge-requests.ts';
import type { BatchPart } from './merge-requests.ts';

/** One structure is to blame, or too many of them: alone the others come to their end. */
const FAILURES_OF_ONE: readonly KernelFailureCode[] = ['bad_structure', 'atom_typing', 'non_finite', 'out_of_memory'];

/** The batch failed, perhaps through another one's structure, after steps of this one had been told: it has to begin anew. */
export class LostToOthers extends Error {
  constructor(cause: KernelFailure) {
    super(`The batch that computed the task with others failed: ${cause.message}`, { cause });
    this.name = 'LostToOthers';
  }
}

export interface Sharing {
  n_members: number;
  /** false: every request is sent as it is, in the order of asking. */
  isMerging: boolean;
}

export class SharedKernel implements KernelRequests {
  readonly #kernel: KernelRequests;
  readonly #isMerging: boolean;
  /** Members that may still ask for something: what is held waits for them. */
  #nWorking: number;
  #nMembers: number;
  #held: HeldRequest[] = [];
  /** Settles when everything asked so far is done. */
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(kernel: KernelRequests, { n_members, isMerging }: Sharing) {
    this.#kernel = kernel;
    this.#isMerging = isMerging;
    this.#nWorking = n_members;
    this.#nMembers = n_members;
  }

  get hello(): KernelHello {
    return this.#kernel.hello;
  }

  /** @throws KernelFailure, LostToOthers */
  async request<T extends KernelRequestType>(
    body: KernelRequestBody<T> & { type: T },
    options: KernelRequestOptions<T> = {},
  ): Promise<KernelAnswer<T>> {
    const { arrays = [], signal } = options;
    if (signal?.aborted === true) throw cancelled();
    if (!this.#isMerging || !isMergeable(body) || options.timeoutMs !== undefined) {
      return this.#askInTurn(() => this.#kernel.request(body, options), signal);
    }
    const held: HeldRequest = new HeldRequest(body, {
      arrays,
      ...(signal === undefined ? {} : { signal }),
      onMessage: listenerOf(body.type, options),
      onClosed: () => {
        this.#nWorking += 1;
        this.#held = this.#held.filter((other) => other !== held);
      },
    });
    this.#held.push(held);
    this.#stopWorking();
    return answerTo(body.type, await held.answer);
  }

  /** A member asks for nothing more. Settles at once; for the last one, when the kernel is at rest. */
  async leave(): Promise<void> {
    this.#nMembers -= 1;
    this.#stopWorking();
    if (this.#nMembers === 0) await this.#lastTurn;
  }

  #stopWorking(): void {
    this.#nWorking -= 1;
    if (this.#nWorking > 0 || this.#held.length === 0) return;
    const alike = Map.groupBy(this.#held, ({ body, arrays }) => mergeKey(body, arrays));
    this.#held = [];
    for (const requests of alike.values()) void this.#inTurn(() => this.#send(requests));
  }

  /** Never rejects: the requests are told how they ended. */
  async #send(held: readonly HeldRequest[]): Promise<void> {
    const requests = held.filter(({ isOpen }) => isOpen);
    if (requests.length > 1) {
      try {
        await this.#sendMerged(requests);
      } catch (error) {
        for (const request of requests) failInBatch(request, error);
      }
    }
    for (const request of requests) await request.askAlone(this.#kernel);
  }

  async #sendMerged(requests: readonly HeldRequest[]): Promise<void> {
    const [first] = requests;
    if (first === undefined) return;
    const arrays = requests.map((request) => request.arrays);
    const parts = partsOf(arrays);
    const abort = new AbortController();
    const abandon = (): void => {
      if (requests.every(({ isOpen }) => !isOpen)) abort.abort();
    };
    for (const request of requests) request.answer.then(abandon, abandon);
    const hear = (frame: Frame<KernelMessage>): Promise<void> => hearInBatch(requests, parts, frame);
    const answer = await askBatch(this.#kernel, first.body, {
      arrays: joinArrays(arrays),
      signal: abort.signal,
      hear,
    });
    const n_atoms = parts.reduce((sum, part) => sum + part.n_atoms, 0);
    const answers = parts.map((part) => answerOfPart(answer, part, n_atoms));
    requests.forEach((request, i) => {
      const mine = answers[i];
      if (mine !== undefined) request.resolve(mine);
    });
  }

  #inTurn<Result>(ask: () => Promise<Result>): Promise<Result> {
    const result = this.#lastTurn.then(ask);
    this.#lastTurn = result.catch(() => undefined);
    return result;
  }

  /** An abort before its turn is heard at once; afterwards it is the kernel's to stop. */
  async #askInTurn<Result>(ask: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    const aborted: PromiseWithResolvers<never> = Promise.withResolvers();
    const onAbort = (): void => {
      aborted.reject(cancelled());
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const asked = this.#inTurn(() => {
      signal?.removeEventListener('abort', onAbort);
      return ask();
    });
    return Promise.race([asked, aborted.promise]);
  }
}

/** It stays open, to be asked alone, where that can come to another end and nobody notices. */
function failInBatch(request: HeldRequest, error: unknown): void {
  const isOfOne = error instanceof KernelFailure && FAILURES_OF_ONE.includes(error.code);
  if (!isOfOne) request.fail(error);
  else if (request.hasHeard) request.fail(new LostToOthers(error));
}

async function hearInBatch(
  requests: readonly HeldRequest[],
  parts: readonly BatchPart[],
  { header, arrays }: Frame<KernelMessage>,
): Promise<void> {
  if (!('structure' in header)) return;
  const { structure } = header;
  const i = parts.findIndex(({ first, n }) => structure >= first && structure < first + n);
  const first = parts[i]?.first ?? 0;
  await requests[i]?.hear({ header: { ...header, structure: structure - first }, arrays });
}

function cancelled(): KernelFailure {
  return new KernelFailure('cancelled', 'Cancelled before the kernel was asked.');
}
