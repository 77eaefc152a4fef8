import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCampaignNews } from './campaign-news.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const STARTED_AT = new Date('2026-11-22T00:00:00Z');

function newsWith(telling: () => void = () => undefined, elapsedMs = () => 0) {
  const told: string[] = [];
  const news = createCampaignNews({
    startedAt: STARTED_AT,
    elapsedMs,
    onTold: (campaign_id) => {
      told.push(campaign_id);
      telling();
    },
  });
  return { news, told };
}

test('thousands_of_changes_are_told_once_at_their_begin_and_once_a_second', () => {
  const { news, told } = newsWith();
  for (let i = 0; i < 5000; i++) news.changed('a');
  expect(told).toEqual(['a']);
  vi.advanceTimersByTime(1000);
  expect(told).toEqual(['a', 'a']);
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual(['a', 'a']);
});

test('campaigns_do_not_wait_for_each_other', () => {
  const { news, told } = newsWith();
  news.changed('a');
  news.changed('b');
  expect(told).toEqual(['a', 'b']);
});

test('what_takes_long_to_tell_is_told_less_often', () => {
  let clock = 0;
  const { news, told } = newsWith(
    () => (clock += 200),
    () => clock,
  );
  news.changed('a');
  news.changed('a');
  vi.advanceTimersByTime(3999);
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(told).toHaveLength(2);
});

test('numbers_grow_over_all_campaigns_and_over_runs', () => {
  const { news } = newsWith();
  const before = news.numberOf('a');
  news.changed('a');
  news.changed('b');
  expect(news.numberOf('a')).toBe(before + 1);
  expect(news.numberOf('b')).toBe(before + 2);
  const later = createCampaignNews({ startedAt: new Date(STARTED_AT.getTime() + 1), onTold: () => undefined });
  expect(later.numberOf('a')).toBeGreaterThan(news.numberOf('b'));
});

test('the_end_is_told_without_waiting_and_to_those_who_listen_only', () => {
  const { news } = newsWith();
  const listener = vi.fn();
  news.changed('a');
  const unsubscribe = news.subscribe('a', listener);
  news.ended('a');
  expect(listener).toHaveBeenCalledTimes(1);
  unsubscribe();
  news.changed('a');
  expect(listener).toHaveBeenCalledTimes(1);
  news.stop();
});
