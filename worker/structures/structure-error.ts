// Every refusal of a structure: a reason to branch on, a sentence for people, and the API's error code.
import { ServiceError } from '../../contracts/error-code.ts';
import type { ErrorCode } from '../../contracts/error-code.ts';

const CODE_BY_REASON = {
  unsupported_format: 40009,
  file_too_large: 40010,
  bad_repeats: 40004,
  empty_file: 42201,
  no_atoms: 42201,
  too_many_atoms: 42201,
  too_many_structures: 42201,
  invalid_syntax: 42201,
  missing_field: 42201,
  invalid_value: 42201,
  no_charges: 42201,
  unknown_element: 42201,
  unknown_space_group: 42201,
  invalid_symmetry: 42201,
  unresolved_disorder: 42201,
  parse_timeout: 42201,
  parse_memory: 42201,
  parser_failed: 50001,
  atoms_overlap: 42204,
  bad_cell: 42205,
  not_periodic: 42205,
} as const satisfies Record<string, ErrorCode>;

export type StructureErrorReason = keyof typeof CODE_BY_REASON;

export class StructureError extends ServiceError {
  readonly reason: StructureErrorReason;

  /**
   * @param message what happened, to what, and what to do next; it reaches the user as `details.message`
   * @param facts   further values for `details`, all of them cloneable
   */
  constructor(
    reason: StructureErrorReason,
    message: string,
    facts: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(CODE_BY_REASON[reason], { reason, message, ...facts }, options);
    this.name = 'StructureError';
    this.message = message;
    this.reason = reason;
  }
}

/** At most `limit` names, then how many more there are: messages stay readable for any file. */
export function listNames(names: readonly string[], limit = 8): string {
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}

/** A piece of an untrusted file inside a message: control characters escaped, cut to a readable length. */
export function quoteText(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
