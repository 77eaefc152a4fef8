// Entry of a slot's long-lived child. MOFSIM_KERNEL names the kernel. It ends when the service asks, or is gone.
import { setPriority } from 'node:os';
import { KernelFailure } from '../kernel-client/kernel-failure.ts';
import { startKernel } from '../kernel-client/kernel.ts';
import { locateKernel } from '../kernel-client/locate-kernel.ts';
import { openChannel } from './channel.ts';
import { Heartbeat } from './heartbeat.ts';
import { TaskRunner } from './task-runner.ts';

const EXIT_NO_KERNEL = 3;
/** Of `nice`: what computes takes what is left over, so that the service and the desk stay quick. The kernel inherits it. */
const COMPUTE_PRIORITY = 10;

setPriority(COMPUTE_PRIORITY);

const channel = openChannel();
const runner = new TaskRunner({
  startKernel: () => startKernel({ path: locateKernel() }),
  send: channel.send,
});

let isEnding = false;
async function end(exitCode: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await runner.shutdown();
  process.exit(exitCode);
}

channel.onClose(() => {
  runner.abandon();
  process.exit(0);
});
// Ctrl-C in a terminal reaches the whole group; the service decides what happens to the task, and tells us.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void end(0));
channel.onMessage((message) => {
  switch (message.type) {
    case 'run':
      void runner.run([message]);
      return;
    case 'run_group':
      void runner.run(message.tasks);
      return;
    case 'load_model':
      void runner.load(message);
      return;
    case 'cancel':
      runner.cancel(message.task_id);
      return;
    case 'preempt':
      runner.preempt(message.task_id);
      return;
    case 'shutdown':
      void end(0);
      return;
  }
});

// For as long as the process lives.
new Heartbeat({ listen: () => runner.listenToKernel(), send: () => channel.send({ type: 'heartbeat' }) });

try {
  await runner.begin();
} catch (error) {
  const reason = error instanceof KernelFailure ? error.message : String(error);
  process.stderr.write(`The task process cannot start its kernel. ${reason}\n`);
  await end(EXIT_NO_KERNEL);
}
