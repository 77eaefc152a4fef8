import { expect, test } from 'vitest';
import { createEventRing } from './event-ring.ts';

const START = new Date('2026-01-01T00:00:00Z');
const FIRST = START.getTime() * 1000;

test('what_was_missed_comes_in_order_and_nothing_of_it_twice', () => {
  const ring = createEventRing<string>(START, 10);
  for (const item of ['a', 'b', 'c']) ring.append(item);
  expect(ring.since(FIRST)?.map(({ item }) => item)).toEqual(['a', 'b', 'c']);
  expect(ring.since(FIRST + 2)?.map(({ number, item }) => [number, item])).toEqual([[FIRST + 3, 'c']]);
  expect(ring.since(ring.lastNumber())).toEqual([]);
});

test('numbers_that_are_too_old_or_were_never_given_are_not_known', () => {
  const ring = createEventRing<number>(START, 10);
  expect(ring.since(FIRST)).toEqual([]);
  expect(ring.since(FIRST + 1)).toBeNull();
  for (let i = 1; i <= 1000; i++) ring.append(i);
  expect(ring.since(FIRST)).toBeNull();
  expect(ring.since(FIRST + 1001)).toBeNull();
  expect(ring.since(FIRST + 990)?.map(({ item }) => item)).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1000]);
});

test('an_earlier_run_has_smaller_numbers_than_any_of_this_one', () => {
  const earlier = createEventRing<number>(START, 10);
  for (let i = 0; i < 500; i++) earlier.append(i);
  const later = createEventRing<number>(new Date(START.getTime() + 1000), 10);
  expect(later.since(earlier.lastNumber())).toBeNull();
});

test('the_latest_are_kept_and_no_more_than_twice_as_many', () => {
  const ring = createEventRing<number>(START, 10);
  for (let i = 1; i <= 1000; i++) ring.append(i);
  expect(ring.latest(3).map(({ item }) => item)).toEqual([998, 999, 1000]);
  expect(ring.latest(1000).length).toBeLessThanOrEqual(20);
  expect(ring.latest(1000).length).toBeGreaterThanOrEqual(10);
});

test('a_listener_that_left_hears_nothing', () => {
  const ring = createEventRing<string>(START, 10);
  const heard: string[] = [];
  const leave = ring.subscribe(({ item }) => heard.push(item));
  ring.append('a');
  leave();
  ring.append('b');
  expect(heard).toEqual(['a']);
});
