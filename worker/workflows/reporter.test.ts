import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../contracts/event.ts';
import { Reporter } from './reporter.ts';

function reporterAt() {
  const events: TaskEvent[] = [];
  const clock = { ms: 0 };
  const reporter = new Reporter((event) => events.push(event), {
    monotonic: () => clock.ms,
    now: () => new Date(Date.UTC(2026, 0, 2)),
  });
  return { events, clock, reporter };
}

describe('Reporter', () => {
  it('progress_never_falls_and_is_told_in_whole_per_cent', () => {
    const { events, reporter } = reporterAt();
    [0.4, 1.2, 1.9, 40, 12, 40.5, 99.9, 100].forEach((percent) => {
      reporter.progress(percent);
    });
    expect(events.map((event) => event.type === 'progress' && event.progress)).toEqual([1, 40, 99, 100]);
  });

  it('ten_frames_per_second_pass_and_the_first_and_the_last_always', () => {
    const { events, clock, reporter } = reporterAt();
    const frame = (step: number, mustBeSeen = false) => {
      reporter.frame({ step, cell: null, positions: [] }, { mustBeSeen });
    };
    frame(0, true);
    for (let step = 1; step <= 1000; step++) {
      clock.ms += 1;
      frame(step);
    }
    frame(1001, true);
    const steps = events.map((event) => event.type === 'frame' && event.step);
    expect(steps).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1001]);
  });

  it('a_stage_is_told_once', () => {
    const { events, reporter } = reporterAt();
    for (const stage of ['relax', 'relax', 'analyze']) reporter.stage(stage);
    expect(events).toEqual([
      { type: 'stage', stage: 'relax' },
      { type: 'stage', stage: 'analyze' },
    ]);
  });

  it('the_time_per_step_counts_the_steps_of_this_attempt', () => {
    const { events, clock, reporter } = reporterAt();
    const step = (n: number) => ({ step: n, energy_eV: 0, max_force_eV_A: 1, volume_A3: null, temperature_k: null });
    reporter.repeatStep(step(0));
    clock.ms += 10_000;
    reporter.step(step(1));
    expect(reporter.averageStepTimeMs()).toBeNull();
    clock.ms += 30;
    reporter.step(step(2));
    clock.ms += 50;
    reporter.step(step(3));
    expect(reporter.averageStepTimeMs()).toBe(40);
    expect(events).toHaveLength(4);
  });

  it('log_lines_carry_the_time_and_their_context', () => {
    const { events, reporter } = reporterAt();
    reporter.log('WARNING', 'text', { step: 3 });
    expect(events).toEqual([
      { type: 'log', timestamp: '2026-01-02T00:00:00.000Z', level: 'WARNING', message: 'text', context: { step: 3 } },
    ]);
  });
});
