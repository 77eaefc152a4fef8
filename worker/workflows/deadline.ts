// The computation that is left to a task, counted on the monotonic clock: a wall clock that jumps changes nothing.
import { systemClock } from './reporter.ts';
import type { Clock } from './reporter.ts';

export class Deadline {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #endsAt: number;

  /** @param seconds from now on; null = none */
  constructor(seconds: number | null, clock: Pick<Clock, 'monotonic'> = systemClock) {
    this.#clock = clock;
    this.#endsAt = seconds === null ? Number.POSITIVE_INFINITY : clock.monotonic() + 1000 * seconds;
  }

  get hasPassed(): boolean {
    return this.#clock.monotonic() >= this.#endsAt;
  }

  /** What is left, s, at least 1 ms; null without a deadline. */
  remainingSeconds(): number | null {
    if (this.#endsAt === Number.POSITIVE_INFINITY) return null;
    return Math.max(0.001, (this.#endsAt - this.#clock.monotonic()) / 1000);
  }
}
