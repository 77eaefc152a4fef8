// A zod failure of a request becomes the one code of the API that tells most about it, with every field and reason.
import type { z } from 'zod';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { ErrorCode } from '../../../contracts/error-code.ts';

type Issue = z.core.$ZodIssue;

/** @throws ServiceError 40002 | 40003 | 40004 | 40005 | 40006 | 42207 */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw toServiceError(parsed.error.issues, value);
}

function toServiceError(issues: readonly Issue[], value: unknown): ServiceError {
  const fields = issues.flatMap((issue) => fieldsOf(issue, value));
  const missing_fields = fields.filter(({ code }) => code === 40002).map(({ field }) => field);
  const code = missing_fields.length > 0 ? 40002 : (fields[0]?.code ?? 40003);
  const message = fields.map(({ field, reason }) => `${field}: ${reason}`).join('; ');
  return new ServiceError(code, {
    message,
    fields: fields.map(({ field, reason }) => ({ field, reason })),
    ...(missing_fields.length > 0 ? { missing_fields } : {}),
  });
}

interface FieldProblem {
  field: string;
  reason: string;
  code: ErrorCode;
}

function fieldsOf(issue: Issue, value: unknown): FieldProblem[] {
  const field = nameOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: nameOf([...issue.path, key]),
      reason: 'unknown field; remove it or correct its spelling',
      code: 40004,
    }));
  }
  // Each value may be right; schemas mark what does not go together.
  if (issue.code === 'custom' && issue.params?.combination === true)
    return [{ field, reason: issue.message, code: 42207 }];
  if (isMissing(issue, value)) return [{ field, reason: 'required, but missing', code: 40002 }];
  return [{ field, reason: issue.message, code: codeOf(issue) }];
}

function codeOf(issue: Issue): ErrorCode {
  const [first] = issue.path;
  if (first === 'priority') return 40006;
  if (first === 'structure') return 40005;
  return issue.code === 'invalid_type' ? 40003 : 40004;
}

/** zod reports an absent field as one of a wrong type (or, for the key of a union, as an invalid one). */
function isMissing(issue: Issue, value: unknown): boolean {
  if (issue.path.length === 0) return false;
  let at: unknown = value;
  for (const key of issue.path) {
    if (typeof at !== 'object' || at === null) return false;
    at = Object.entries(at).find(([name]) => name === String(key))?.[1];
  }
  return at === undefined;
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(body)' : path.map(String).join('.');
}
