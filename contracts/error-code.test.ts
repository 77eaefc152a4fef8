import { describe, expect, test } from 'vitest';
import { ERROR_CODES, ServiceError } from './error-code.ts';

/** From the service whose clients call this API, and 40501, which it leaves open. */
const SPECIFIED = [
  [40001, 40010],
  [40101, 40104],
  [40301, 40305],
  [40401, 40406],
  [40501, 40501],
  [40901, 40905],
  [42201, 42207],
  [42901, 42903],
  [50001, 50005],
  [50301, 50304],
] as const;

test('the_codes_are_those_that_are_specified', () => {
  const codes = SPECIFIED.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  expect(Object.keys(ERROR_CODES).map(Number)).toEqual(codes);
});

describe.each(Object.entries(ERROR_CODES))('%s', (code, { status, zh, en }) => {
  test('its_status_is_its_first_three_digits', () => {
    expect(status).toBe(Math.floor(Number(code) / 100));
  });

  test('it_has_words_of_its_own_in_both_languages', () => {
    const same = Object.values(ERROR_CODES).filter((other) => other.zh === zh || other.en === en);
    expect(same).toHaveLength(1);
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(en).not.toMatch(/\p{Script=Han}/u);
  });
});

test('an_error_keeps_its_cause_and_its_details', () => {
  const cause = new Error('disk');
  const error = new ServiceError(50004, { message: 'The disk is full.' }, { cause });
  expect(error).toMatchObject({ code: 50004, details: { message: 'The disk is full.' }, cause });
});
