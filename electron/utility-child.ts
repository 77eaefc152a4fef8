// Task processes of the packaged application: its binary cannot fork (the RunAsNode fuse is off), a utility process can.
import { utilityProcess } from 'electron';
import { fileURLToPath } from 'node:url';
import { readLines } from '../worker/pool/start-child.ts';
import type { ChildExit, StartChild } from '../worker/pool/start-child.ts';

export const startUtilityChild: StartChild = (entry, env) => {
  const child = utilityProcess.fork(fileURLToPath(entry), [], {
    env: { ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe'],
    serviceName: 'MOFSimBench task process',
  });
  let hasEnded = false;
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code) => {
      hasEnded = true;
      resolve({ code, signal: null });
    });
  });
  return {
    send: (message) => {
      if (!hasEnded) child.postMessage(message);
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
      const { pid } = child;
      // `child.kill` asks; a process that must go at once is not asked.
      if (pid !== undefined && !hasEnded) process.kill(pid, 'SIGKILL');
    },
  };
};
