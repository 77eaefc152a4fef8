import { expect, test, vi } from 'vitest';

vi.mock('electron', () => ({ app: { on: vi.fn(), quit: vi.fn() } }));
const { within } = await import('./quit.ts');

test('draining_ends_with_the_work', async () => {
  await expect(within(Promise.resolve(), 60_000)).resolves.toBeUndefined();
});

test('a_failed_stop_still_lets_the_application_end', async () => {
  await expect(within(Promise.reject(new Error('stuck')), 60_000)).resolves.toBeUndefined();
});

test('draining_never_takes_longer_than_its_limit', async () => {
  vi.useFakeTimers();
  const waiting = within(new Promise(() => undefined), 15_000);
  await vi.advanceTimersByTimeAsync(15_000);
  await expect(waiting).resolves.toBeUndefined();
  vi.useRealTimers();
});
