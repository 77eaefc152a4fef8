// What tests expect of an error of the API.
import { expect } from 'vitest';
import { errorResponseSchema } from '../../../../contracts/envelope.ts';
import { ERROR_CODES } from '../../../../contracts/error-code.ts';
import type { ApiAnswer } from '../../../service/testing/test-service.ts';

/** The answer is an error of exactly this code, in the documented shape. */
export function expectError(answer: ApiAnswer, code: keyof typeof ERROR_CODES): ApiAnswer['error'] {
  const { error } = errorResponseSchema.parse(answer.body);
  expect(typeof error.details.message, JSON.stringify(error)).toBe('string');
  expect(error.code, JSON.stringify(error)).toBe(code);
  expect(answer.status).toBe(ERROR_CODES[code].status);
  return error;
}
