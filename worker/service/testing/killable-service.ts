// Services in processes of their own, which a test may kill.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestFolder } from './test-service.ts';

export interface KillableService {
  child: ChildProcess;
  /** What it said first: where it is, or why it did not start. */
  answer: unknown;
}

export class KillableServices {
  readonly #children: ChildProcess[] = [];

  /** @param behavior of the stand-in kernel */
  async start(folder: TestFolder, behavior: readonly string[] = []): Promise<KillableService> {
    const script = join(import.meta.dirname, 'run-service.ts');
    const kernel = folder.installKernel(behavior);
    const child = fork(script, [folder.home, folder.resourcesFolder, kernel], { execArgv: [] });
    this.#children.push(child);
    const [answer] = (await once(child, 'message')) as [unknown];
    return { child, answer };
  }

  /** Settles when all are gone. */
  async killAll(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}
