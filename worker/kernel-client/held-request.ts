// A request that waits to be sent with those of others, until it has its answer or nobody wants it any more.
import type { AnyMessageListener, KernelRequestOptions, KernelRequests } from './kernel-requests.ts';
import type { Frame, KernelArray } from './frame.ts';
import { KernelFailure } from './kernel-failure.ts';
import type { KernelMessage } from './kernel-requests.ts';
import type { MergeableBody, MergedAnswer } from './merge-requests.ts';

export interface HeldOptions extends Pick<KernelRequestOptions, 'arrays' | 'signal'> {
  onMessage: AnyMessageListener;
  /** At once when it has been answered, has failed or was aborted, whichever comes first. */
  onClosed: () => void;
}

export class HeldRequest {
  readonly body: MergeableBody;
  readonly arrays: readonly KernelArray[];
  readonly #options: HeldOptions;
  readonly #answer = Promise.withResolvers<MergedAnswer>();
  #isOpen = true;
  #hasHeard = false;

  constructor(body: MergeableBody, options: HeldOptions) {
    this.body = body;
    this.arrays = options.arrays ?? [];
    this.#options = options;
    options.signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Something was told on the way to an answer: it cannot begin again unnoticed. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  get answer(): Promise<MergedAnswer> {
    return this.#answer.promise;
  }

  /** A listener that fails (a full disk) ends its own request and no other. */
  async hear(frame: Frame<KernelMessage>): Promise<void> {
    if (!this.#isOpen) return;
    this.#hasHeard = true;
    try {
      await this.#options.onMessage(frame);
    } catch (cause) {
      this.fail(cause);
    }
  }

  resolve(answer: MergedAnswer): void {
    this.#answer.resolve(answer);
    this.#close();
  }

  fail(cause: unknown): void {
    this.#answer.reject(cause);
    this.#close();
  }

  /** Settles when the kernel has answered. Never rejects. */
  async askAlone(kernel: KernelRequests): Promise<void> {
    if (!this.#isOpen) return;
    const { signal } = this.#options;
    const options = { arrays: this.arrays, ...(signal === undefined ? {} : { signal }) };
    try {
      this.resolve(await askBatch(kernel, this.body, { ...options, hear: (frame) => this.hear(frame) }));
    } catch (error) {
      this.fail(error);
    }
  }

  readonly #cancel = (): void => {
    this.fail(new KernelFailure('cancelled', 'The request was cancelled while it shared the kernel with others.'));
  };

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    this.#options.onClosed();
  }
}

export interface BatchOptions extends Pick<KernelRequestOptions, 'arrays' | 'signal'> {
  hear: (frame: Frame<KernelMessage>) => Promise<void>;
}

/** @throws KernelFailure */
export function askBatch(
  kernel: KernelRequests,
  body: MergeableBody,
  { hear, ...options }: BatchOptions,
): Promise<MergedAnswer> {
  if (body.type === 'evaluate') return kernel.request(body, options);
  return kernel.request(body, { ...options, onMessage: (header, arrays) => hear({ header, arrays }) });
}
