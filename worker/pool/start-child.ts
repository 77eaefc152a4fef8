// How a slot's task process is started: one seam, two implementations. Plain Node forks; the Electron shell passes one
// over `utilityProcess`, because its packaged binary cannot fork.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ToTaskProcess } from '../../contracts/task-process-message.ts';

export interface ChildExit {
  code: number | null;
  signal: string | null;
}

export interface TaskProcessChild {
  /** A message to a child that has ended is dropped: its exit is told through onExit. */
  send(message: ToTaskProcess): void;
  /** Unparsed, as they come from the other side. */
  onMessage(listener: (message: unknown) => void): void;
  /** What the child writes for humans, whole lines. */
  onStderrLine(listener: (line: string) => void): void;
  /** Called exactly once, also when the child could not be started at all. */
  onExit(listener: (exit: ChildExit) => void): void;
  /** At once, without asking. */
  kill(): void;
}

/** @param env the whole environment of the child, nothing is added to it */
export type StartChild = (entry: URL, env: Readonly<Record<string, string>>) => TaskProcessChild;

export const forkChild: StartChild = (entry, env) => {
  const child = fork(fileURLToPath(entry), [], {
    env: { ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // A child that cannot be started reports `error` and never `exit`.
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: error.message });
    });
  });
  return {
    send: (message) => {
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onStderrLine: (listener) => {
      if (child.stderr !== null) readLines(child.stderr, listener);
    },
    onExit: (listener) => {
      void exited.then(listener);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
};

/** Calls `listener` with every line of a stream, the last one also without its newline. */
export function readLines(stream: NodeJS.ReadableStream, listener: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(listener);
  });
  stream.on('end', () => {
    if (rest !== '') listener(rest);
  });
}
