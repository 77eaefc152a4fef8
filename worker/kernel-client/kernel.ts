// One running mofkernel: starts it, matches answers to requests, cancels, and turns its death into errors.
import { KERNEL_PROTOCOL_VERSION, kernelResponseSchema } from '../../contracts/kernel-message.ts';
import type { KernelResponse } from '../../contracts/kernel-message.ts';
import { startProcess } from '../processes/start-process.ts';
import type { OutsideProcess, ProcessExit } from '../processes/start-process.ts';
import { FrameDecoder, encodeFrame } from './frame.ts';
import type { Frame, KernelArray } from './frame.ts';
import { KernelFailure } from './kernel-failure.ts';
import { answerTo, listenerOf } from './kernel-requests.ts';
import type {
  AnyMessageListener,
  KernelAnswer,
  KernelHello,
  KernelMessage,
  KernelRequestBody,
  KernelRequestOptions,
  KernelRequests,
  KernelRequestType,
} from './kernel-requests.ts';

const HELLO_TIMEOUT_MS = 15_000;
const CANCEL_GRACE_MS = 5_000;
const STOP_GRACE_MS = 3_000;

export interface KernelOptions {
  path: string;
  /** Arguments before `serve`; only needed when `path` is an interpreter. */
  leadingArgs?: readonly string[];
  env?: Readonly<Record<string, string>>;
  helloTimeoutMs?: number;
  cancelGraceMs?: number;
}

interface OpenRequest {
  type: KernelRequestType;
  /** Where it is computed; null for requests that compute nothing. */
  device: string | null;
  onMessage: AnyMessageListener;
  resolve: (answer: Frame<KernelResponse>) => void;
  reject: (failure: unknown) => void;
}

/** Starts a kernel and waits for its hello. @throws KernelFailure start_failed */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  let child: OutsideProcess;
  try {
    child = await startProcess({
      path: options.path,
      args: [...(options.leadingArgs ?? []), 'serve'],
      ...(options.env === undefined ? {} : { env: options.env }),
    });
  } catch (cause) {
    throw new KernelFailure('start_failed', messageOf(cause), { path: options.path }, { cause });
  }
  const kernel = new Kernel(child, options.cancelGraceMs ?? CANCEL_GRACE_MS);
  await kernel.greet(options.helloTimeoutMs ?? HELLO_TIMEOUT_MS);
  return kernel;
}

export class Kernel implements KernelRequests {
  readonly #child: OutsideProcess;
  readonly #cancelGraceMs: number;
  readonly #open = new Map<string, OpenRequest>();
  readonly #pings = new Map<string, PromiseWithResolvers<void>>();
  readonly #hello = Promise.withResolvers<KernelHello>();
  #lastId = 0;
  #writing: Promise<void> = Promise.resolve();
  #end: KernelFailure | null = null;
  #stopAsked = false;
  #greeting: KernelHello | null = null;

  constructor(child: OutsideProcess, cancelGraceMs: number) {
    this.#child = child;
    this.#cancelGraceMs = cancelGraceMs;
    // greet() reports a failed hello; without a caller it must not become an unhandled rejection.
    this.#hello.promise.catch(() => undefined);
    void this.#read();
  }

  /** What the kernel said about itself. */
  get hello(): KernelHello {
    if (this.#greeting === null) throw new KernelFailure('start_failed', 'The kernel has not said hello yet.');
    return this.#greeting;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#end === null && !this.#stopAsked;
  }

  /** Waits for the hello frame. @throws KernelFailure start_failed */
  async greet(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#finish(new KernelFailure('timeout', `no hello within ${timeoutMs} ms`));
      this.#child.kill();
    }, timeoutMs);
    try {
      const hello = await this.#hello.promise;
      if (hello.protocol_version !== KERNEL_PROTOCOL_VERSION) {
        throw new KernelFailure(
          'start_failed',
          `mofkernel ${hello.kernel_version} speaks protocol ${hello.protocol_version}, this program needs ` +
            `${KERNEL_PROTOCOL_VERSION}. Build the kernel again with: npm run build:kernel`,
        );
      }
      this.#greeting = hello;
    } catch (cause) {
      await this.stop();
      if (cause instanceof KernelFailure && cause.code === 'start_failed') throw cause;
      throw new KernelFailure('start_failed', `The kernel did not start: ${messageOf(cause)}`, {}, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws KernelFailure with the kernel's code, or one of ours */
  async request<T extends KernelRequestType>(
    body: KernelRequestBody<T> & { type: T },
    options: KernelRequestOptions<T> = {},
  ): Promise<KernelAnswer<T>> {
    if (this.#end !== null) throw this.#end;
    if (this.#stopAsked) throw new KernelFailure('stopped', 'The kernel is being stopped.');
    if (options.signal?.aborted === true)
      throw new KernelFailure('cancelled', 'Cancelled before the kernel was asked.');

    const id = `r${++this.#lastId}`;
    const answer = Promise.withResolvers<Frame<KernelResponse>>();
    this.#open.set(id, {
      type: body.type,
      device: 'device' in body && typeof body.device === 'string' ? body.device : null,
      onMessage: listenerOf(body.type, options),
      resolve: answer.resolve,
      reject: answer.reject,
    });
    const watch = this.#watch(id, options);
    try {
      // Together: a kernel that dies while a long request is still being written rejects the answer first.
      const [frame] = await Promise.all([answer.promise, this.#send({ ...body, id }, options.arrays ?? [])]);
      if (watch.timedOut()) throw timeoutFailure(options.timeoutMs);
      return answerTo(body.type, frame);
    } catch (cause) {
      throw watch.timedOut() ? timeoutFailure(options.timeoutMs, cause) : cause;
    } finally {
      watch.release();
      this.#open.delete(id);
    }
  }

  /** Settles when the kernel has answered, which it does at once in the middle of a calculation, too. @throws KernelFailure */
  async ping(): Promise<void> {
    if (this.#end !== null) throw this.#end;
    const answer: PromiseWithResolvers<void> = Promise.withResolvers();
    const id = this.#cancel('nothing');
    this.#pings.set(id, answer);
    try {
      await answer.promise;
    } finally {
      this.#pings.delete(id);
    }
  }

  /** At once, without asking. */
  kill(): void {
    this.#stopAsked = true;
    this.#child.kill();
  }

  /** Closes the kernel's stdin, waits, kills what is left, and returns when it is gone. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopAsked = true;
    await this.#child.stop(STOP_GRACE_MS);
  }

  /** Turns an abort or the deadline into a cancel message, and silence after that into a kill. */
  #watch(
    id: string,
    options: Pick<KernelRequestOptions, 'signal' | 'timeoutMs'>,
  ): { timedOut: () => boolean; release: () => void } {
    let timedOut = false;
    let graceTimer: NodeJS.Timeout | undefined;
    const cancel = () => {
      graceTimer ??= setTimeout(() => {
        const silence = `The kernel did not stop within ${this.#cancelGraceMs} ms after it had been cancelled, and was killed.`;
        this.#finish(new KernelFailure('cancelled', silence));
        this.#child.kill();
      }, this.#cancelGraceMs);
      this.#cancel(id);
    };
    const { signal, timeoutMs } = options;
    const onDeadline = () => {
      timedOut = true;
      cancel();
    };
    const deadline = timeoutMs === undefined ? undefined : setTimeout(onDeadline, timeoutMs);
    signal?.addEventListener('abort', cancel, { once: true });
    const release = () => {
      signal?.removeEventListener('abort', cancel);
      clearTimeout(deadline);
      clearTimeout(graceTimer);
    };
    return { timedOut: () => timedOut, release };
  }

  /** @returns the id of the message */
  #cancel(target: string): string {
    const id = `c${++this.#lastId}`;
    void this.#send({ type: 'cancel', id, target }, []);
    return id;
  }

  /** Frames never interleave, and a full pipe makes the next one wait. */
  #send(header: Readonly<Record<string, unknown>>, arrays: readonly KernelArray[]): Promise<void> {
    const parts = encodeFrame(header, arrays);
    this.#writing = this.#writing.then(async () => {
      for (const part of parts) {
        if (this.#end !== null || this.#child.stdin.destroyed) return;
        if (!this.#child.stdin.write(part)) await this.#drained();
      }
    });
    return this.#writing;
  }

  #drained(): Promise<void> {
    const { stdin } = this.#child;
    return new Promise((resolve) => {
      const settle = () => {
        stdin.off('drain', settle);
        stdin.off('close', settle);
        resolve();
      };
      stdin.once('drain', settle);
      stdin.once('close', settle);
    });
  }

  async #read(): Promise<void> {
    const decoder = new FrameDecoder((json) => kernelResponseSchema.parse(json));
    try {
      for await (const chunk of this.#child.stdout) {
        if (!(chunk instanceof Uint8Array)) throw new TypeError('stdout is not a byte stream');
        for (const frame of decoder.push(chunk)) await this.#dispatch(frame);
      }
    } catch (cause) {
      this.#child.kill();
      this.#finish(protocolFailure(cause, await this.#child.exited));
      return;
    }
    this.#finish(this.#exitFailure(await this.#child.exited));
  }

  async #dispatch(frame: Frame<KernelResponse>): Promise<void> {
    const { header } = frame;
    switch (header.type) {
      case 'hello':
        this.#hello.resolve(header);
        return;
      case 'step':
      case 'md_sample':
      case 'progress':
        await this.#passMessage({ header, arrays: frame.arrays });
        return;
      case 'cancel_result':
        this.#pings.get(header.id)?.resolve();
        return;
      case 'error': {
        const failure = new KernelFailure(header.code, header.message, header.details);
        if (header.id === null) throw failure;
        this.#open.get(header.id)?.reject(failure);
        return;
      }
      case 'devices_result':
      case 'topology_result':
      case 'evaluate_result':
      case 'relax_result':
      case 'md_result':
      case 'force_constants_result':
      case 'insertions_result':
        this.#open.get(header.id)?.resolve(frame);
    }
  }

  /** A receiver that fails (a full disk) ends its own request, not the kernel. */
  async #passMessage(frame: Frame<KernelMessage>): Promise<void> {
    const { id } = frame.header;
    const request = this.#open.get(id);
    try {
      await request?.onMessage(frame);
    } catch (cause) {
      request?.reject(cause);
      this.#cancel(id);
    }
  }

  #exitFailure(exit: ProcessExit): KernelFailure {
    if (this.#stopAsked) return new KernelFailure('stopped', 'The kernel was stopped.');
    const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
    const lastWords = exit.stderrTail.length === 0 ? '' : ` Its last lines: ${exit.stderrTail.slice(-3).join(' | ')}`;
    return new KernelFailure('crashed', `The kernel ended unexpectedly (${how}).${lastWords}`, {
      exit_code: exit.code,
      signal: exit.signal,
      stderr: exit.stderrTail,
    });
  }

  /** The first reason counts; every open request gets it, with what it was about. */
  #finish(failure: KernelFailure): void {
    this.#end ??= failure;
    this.#hello.reject(this.#end);
    for (const request of this.#open.values()) request.reject(during(request, this.#end));
    for (const ping of this.#pings.values()) ping.reject(this.#end);
  }
}

function during({ type, device }: OpenRequest, failure: KernelFailure): KernelFailure {
  const what = device === null ? type : `${type} on ${device}`;
  const details = { ...failure.details, request: type, device };
  return new KernelFailure(failure.code, `${failure.message} It was busy with: ${what}.`, details, { cause: failure });
}

function timeoutFailure(timeoutMs: number | undefined, cause?: unknown): KernelFailure {
  return new KernelFailure('timeout', `The kernel did not answer within ${timeoutMs ?? 0} ms.`, {}, { cause });
}

function protocolFailure(cause: unknown, exit: ProcessExit): KernelFailure {
  const details = { stderr: exit.stderrTail };
  return new KernelFailure('protocol', `The kernel broke the protocol: ${messageOf(cause)}`, details, { cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
