// What a running workflow tells the world: events of the task, with the clock and the thinning in one place.
import type { FrameEvent, StepEvent, TaskEvent } from '../../contracts/event.ts';
import type { LogLevel } from '../../contracts/log.ts';

const FRAME_INTERVAL_MS = 100;

export interface Clock {
  /** Milliseconds since an arbitrary start, never falling. */
  monotonic(): number;
  now(): Date;
}

export const systemClock: Clock = { monotonic: () => performance.now(), now: () => new Date() };

export class Reporter {
  readonly #emit: (event: TaskEvent) => void;
  readonly #clock: Clock;
  #progress = 0;
  #lastFrameAt = Number.NEGATIVE_INFINITY;
  #stage: string | null = null;
  #computed: { n_steps: number; first: number; last: number } = { n_steps: 0, first: 0, last: 0 };

  constructor(emit: (event: TaskEvent) => void, clock: Clock = systemClock) {
    this.#emit = emit;
    this.#clock = clock;
  }

  log(level: LogLevel, message: string, context: Record<string, unknown> = {}): void {
    this.#emit({ type: 'log', timestamp: this.#clock.now().toISOString(), level, message, context });
  }

  /** Per cent; a smaller value than before, or the same whole number, is not told. */
  progress(percent: number): void {
    const whole = Math.floor(percent);
    if (whole <= this.#progress) return;
    this.#progress = whole;
    this.#emit({ type: 'progress', progress: whole });
  }

  /** One of the stages of the task's type; the same again is not told. */
  stage(stage: string): void {
    if (stage === this.#stage) return;
    this.#stage = stage;
    this.#emit({ type: 'stage', stage });
  }

  step(step: Omit<StepEvent, 'type'>): void {
    const now = this.#clock.monotonic();
    if (this.#computed.n_steps === 0) this.#computed.first = now;
    this.#computed.last = now;
    this.#computed.n_steps += 1;
    this.repeatStep(step);
  }

  /** A step that an earlier attempt has computed: the service may have been gone before it heard of it. */
  repeatStep(step: Omit<StepEvent, 'type'>): void {
    this.#emit({ type: 'step', ...step });
  }

  /** From the first to the last step of this attempt, ms per step; null with fewer than two. */
  averageStepTimeMs(): number | null {
    const { n_steps, first, last } = this.#computed;
    return n_steps < 2 ? null : (last - first) / (n_steps - 1);
  }

  /** At most ten per second pass, and besides those the ones that must be seen: the first and the last. */
  frame(frame: Omit<FrameEvent, 'type'>, options: { mustBeSeen: boolean }): void {
    const now = this.#clock.monotonic();
    if (!options.mustBeSeen && now - this.#lastFrameAt < FRAME_INTERVAL_MS) return;
    this.#lastFrameAt = now;
    this.#emit({ type: 'frame', ...frame });
  }
}
