// The one shape in which every failed request reaches a component: what happened, its code, what the service says about it.

export type FailureKind =
  /** The service answered with an error document. */
  | 'refused'
  /** No answer: the service has stopped or the network between is gone. */
  | 'unreachable'
  /** An answer that does not match the contract: page and service are of different versions. */
  | 'unreadable';

export class ApiFailure extends Error {
  readonly kind: FailureKind;
  readonly status: number | null;
  /** Five-digit code of contracts/error-code.ts; null when the service did not give one. */
  readonly code: number | null;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    kind: FailureKind,
    message: string,
    facts: { status?: number; code?: number; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = 'ApiFailure';
    this.kind = kind;
    this.status = facts.status ?? null;
    this.code = facts.code ?? null;
    this.details = facts.details ?? {};
  }

  /** Would the same request succeed later without a change by the user? */
  get isTransient(): boolean {
    return this.kind === 'unreachable' || this.status === 429 || this.status === 503;
  }
}

/** Why, in the words of whoever refused. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiFailure && typeof error.details.message === 'string') return error.details.message;
  return error instanceof Error ? error.message : String(error);
}
