import { expect, test } from 'vitest';
import { takeKeyFromFragment } from './session.ts';

test.each([
  ['#key=abc', { key: 'abc', rest: '' }],
  ['#key=a%2Bb&/tasks/task_1', { key: 'a+b', rest: '#/tasks/task_1' }],
  ['#/tasks/task_1', { key: null, rest: '#/tasks/task_1' }],
  ['', { key: null, rest: '' }],
])('%s_is_taken_apart', (fragment, parts) => {
  expect(takeKeyFromFragment(fragment)).toEqual(parts);
});
