// A running task on a terminal: one bar that moves, or plain lines when nobody watches.
import { Presets, SingleBar } from 'cli-progress';
import type { StepEvent, TaskEvent } from '../../contracts/event.ts';

/** Without a terminal: a line for step 0 and then at most one per this many per cent. */
const PLAIN_STRIDE_PERCENT = 10;

export interface TaskProgress {
  show: (event: TaskEvent) => void;
  /** Leaves the terminal as it was. Safe to call twice. */
  stop: () => void;
}

export function createTaskProgress(stream: NodeJS.WriteStream): TaskProgress {
  return stream.isTTY ? barProgress(stream) : plainProgress(stream);
}

function barProgress(stream: NodeJS.WriteStream): TaskProgress {
  const bar = new SingleBar(
    { stream, format: '{bar} {percentage}%  {state}', hideCursor: true, clearOnComplete: false, gracefulExit: false },
    Presets.shades_classic,
  );
  let isStopped = false;
  bar.start(100, 0, { state: '' });
  return {
    show: (event) => {
      if (event.type === 'progress') bar.update(event.progress);
      else if (event.type === 'step') bar.update({ state: describe(event) });
      else if (event.type === 'log' && event.level !== 'INFO' && event.level !== 'DEBUG') {
        stream.write(`\r\u001b[2K${event.level}: ${event.message}\n`);
      }
    },
    stop: () => {
      if (isStopped) return;
      isStopped = true;
      bar.stop();
    },
  };
}

function plainProgress(stream: NodeJS.WriteStream): TaskProgress {
  let next = 0;
  let step: StepEvent | null = null;
  return {
    show: (event) => {
      if (event.type === 'step') {
        if (step === null) stream.write(`  0 %  ${describe(event)}\n`);
        step = event;
      } else if (event.type === 'progress' && step !== null && event.progress >= next) {
        next = event.progress - (event.progress % PLAIN_STRIDE_PERCENT) + PLAIN_STRIDE_PERCENT;
        stream.write(`${String(event.progress).padStart(3)} %  ${describe(step)}\n`);
      } else if (event.type === 'log' && event.level !== 'DEBUG') {
        stream.write(`${event.level}: ${event.message}\n`);
      }
    },
    stop: () => undefined,
  };
}

function describe({ step, energy_eV, max_force_eV_A, temperature_k }: StepEvent): string {
  const force = max_force_eV_A === null ? '' : `  largest force ${max_force_eV_A.toPrecision(3)} eV/A`;
  const temperature = temperature_k === null ? '' : `  temperature ${temperature_k.toFixed(1)} K`;
  return `step ${step}  energy ${energy_eV.toFixed(4)} eV${force}${temperature}`;
}
