// What a kernel can be asked, and what comes back, as types. Whoever computes needs `KernelRequests` only: a kernel of its own
// (kernel.ts), or its part of one that several tasks share.
import type {
  KernelProgress,
  KernelRequest,
  KernelResponse,
  MdSample,
  RelaxStep,
} from '../../contracts/kernel-message.ts';
import type { Frame, KernelArray } from './frame.ts';
import { KernelFailure } from './kernel-failure.ts';

export type ResponseOf<Type extends KernelResponse['type']> = Extract<KernelResponse, { type: Type }>;
export type KernelHello = ResponseOf<'hello'>;

/** Request type -> header of its answer. */
interface AnswerHeaders {
  devices: ResponseOf<'devices_result'>;
  topology: ResponseOf<'topology_result'>;
  evaluate: ResponseOf<'evaluate_result'>;
  relax: ResponseOf<'relax_result'>;
  md: ResponseOf<'md_result'>;
  force_constants: ResponseOf<'force_constants_result'>;
  insertions: ResponseOf<'insertions_result'>;
}
export type KernelRequestType = keyof AnswerHeaders;
export type KernelAnswer<T extends KernelRequestType> = Frame<AnswerHeaders[T]>;

const ANSWER_TYPES: { readonly [T in KernelRequestType]: AnswerHeaders[T]['type'] } = {
  devices: 'devices_result',
  topology: 'topology_result',
  evaluate: 'evaluate_result',
  relax: 'relax_result',
  md: 'md_result',
  force_constants: 'force_constants_result',
  insertions: 'insertions_result',
};

/** Request type -> header of what the kernel sends on the way to the answer. */
interface MessageHeaders {
  devices: never;
  topology: never;
  evaluate: never;
  relax: RelaxStep;
  md: MdSample;
  force_constants: KernelProgress;
  insertions: KernelProgress;
}
export type KernelMessage = MessageHeaders[KernelRequestType];

const MESSAGE_TYPES: { readonly [T in KernelRequestType]: MessageHeaders[T]['type'] | null } = {
  devices: null,
  topology: null,
  evaluate: null,
  relax: 'step',
  md: 'md_sample',
  force_constants: 'progress',
  insertions: 'progress',
};

type BodyOf<Type extends KernelRequest['type']> = Omit<
  Extract<KernelRequest, { type: Type }>,
  'id' | 'arrays' | 'payload_bytes'
>;

/** Request type -> what is asked. A table and no formula of the type: only so can TypeScript compare two kernels. */
interface RequestBodies {
  devices: BodyOf<'devices'>;
  topology: BodyOf<'topology'>;
  evaluate: BodyOf<'evaluate'>;
  relax: BodyOf<'relax'>;
  md: BodyOf<'md'>;
  force_constants: BodyOf<'force_constants'>;
  insertions: BodyOf<'insertions'>;
}
/** A request without the parts that the client fills in. */
export type KernelRequestBody<T extends KernelRequestType> = RequestBodies[T];

export interface KernelRequestOptions<T extends KernelRequestType = KernelRequestType> {
  arrays?: readonly KernelArray[];
  /** Asks the kernel to stop between two steps; a kernel that does not answer within the grace time is killed. */
  signal?: AbortSignal;
  /** Deadline for the whole request; treated like a cancellation, and reported as `timeout`. */
  timeoutMs?: number;
  /**
   * Called in order for every step, sample or progress message of this request. The kernel's output is not read on before
   * a returned promise has settled.
   */
  onMessage?: (message: MessageHeaders[T], arrays: readonly KernelArray[]) => void | Promise<void>;
}

export interface KernelRequests {
  /** What the kernel said about itself. */
  readonly hello: KernelHello;
  /** @throws KernelFailure with the kernel's code, or one of ours */
  request<T extends KernelRequestType>(
    body: KernelRequestBody<T> & { type: T },
    options?: KernelRequestOptions<T>,
  ): Promise<KernelAnswer<T>>;
}

/** What the options of a request hear of any message. */
export type AnyMessageListener = (frame: Frame<KernelMessage>) => void | Promise<void>;

/** The listener of a request, for messages of every type. @throws KernelFailure protocol, from the listener, for another type */
export function listenerOf<T extends KernelRequestType>(
  type: T,
  { onMessage }: Pick<KernelRequestOptions<T>, 'onMessage'>,
): AnyMessageListener {
  return (frame) => {
    if (!isMessageOf(type, frame)) throw unexpected(frame.header);
    return onMessage?.(frame.header, frame.arrays);
  };
}

/** @throws KernelFailure protocol when it does not answer a request of this type */
export function answerTo<T extends KernelRequestType>(type: T, frame: Frame<KernelResponse>): KernelAnswer<T> {
  if (!isAnswerTo(type, frame)) throw unexpected(frame.header);
  return frame;
}

function isAnswerTo<T extends KernelRequestType>(type: T, frame: Frame<KernelResponse>): frame is KernelAnswer<T> {
  return frame.header.type === ANSWER_TYPES[type];
}

function isMessageOf<T extends KernelRequestType>(
  type: T,
  frame: Frame<KernelMessage>,
): frame is Frame<MessageHeaders[T]> {
  return frame.header.type === MESSAGE_TYPES[type];
}

function unexpected(header: KernelResponse): KernelFailure {
  return new KernelFailure('protocol', `The kernel answered with ${header.type}, which is not what was asked for.`);
}
