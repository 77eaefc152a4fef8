// Test support: `mofsim` as a user runs it, a process of its own.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ENTRY = join(import.meta.dirname, '..', 'mofsim.ts');

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningMofsim {
  finished: Promise<Finished>;
  /** Settles with everything printed so far as soon as stdout or stderr contains `text`. */
  until: (text: string) => Promise<string>;
  interrupt: () => void;
}

export function startMofsim(args: readonly string[], env: Readonly<Record<string, string>>): RunningMofsim {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const waiting: { text: string; resolve: (all: string) => void }[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      const all = output.stdout + output.stderr;
      for (const { text: wanted, resolve } of waiting) if (all.includes(wanted)) resolve(all);
    });
  }
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, ...output });
    });
  });
  return {
    finished,
    until: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({ text, resolve });
        void finished.then(({ stdout, stderr }) => {
          reject(new Error(`mofsim ended without "${text}": ${stdout}${stderr}`));
        });
      }),
    interrupt: () => {
      child.kill('SIGINT');
    },
  };
}

export async function runMofsim(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  return startMofsim(args, env).finished;
}
