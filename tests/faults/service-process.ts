// The service in a process of its own, with its task process and its kernel below it, all of which can be killed.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { TestClient } from '../../worker/service/testing/test-service.ts';
import { childrenOf } from './processes.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'worker', 'service', 'testing', 'run-service.ts');

const LONGEST_ABSENCE_MS = 60_000;
const POLL_MS = 10;

export const VICTIMS = ['service', 'task process', 'kernel'] as const;
export type Victim = (typeof VICTIMS)[number];

const startedSchema = z.union([z.object({ url: z.string(), apiKey: z.string() }), z.object({ failure: z.string() })]);

export interface ServiceFolders {
  home: string;
  resourcesFolder: string;
  kernelPath: string;
}

export class ServiceProcess {
  readonly #folders: ServiceFolders;
  #child: ChildProcess | null = null;
  #client: Promise<TestClient>;

  constructor(folders: ServiceFolders) {
    this.#folders = folders;
    this.#client = this.#start();
  }

  /** The service that runs now, or the one that is on its way. */
  get client(): Promise<TestClient> {
    return this.#client;
  }

  /** @throws Error with the service's own words when it refuses to start */
  async #start(): Promise<TestClient> {
    const { home, resourcesFolder, kernelPath } = this.#folders;
    const child = fork(PROGRAM, [home, resourcesFolder, kernelPath], { execArgv: [] });
    this.#child = child;
    const [message] = (await once(child, 'message')) as unknown[];
    const answer = startedSchema.parse(message);
    if ('failure' in answer) throw new Error(answer.failure);
    return new TestClient(answer.url, answer.apiKey);
  }

  /**
   * SIGKILL, as soon as there is such a process. A service that was killed is started again, and answers when this settles.
   */
  async kill(victim: Victim): Promise<void> {
    if (victim === 'service') await this.#killService();
    else process.kill(await this.pidOf(victim), 'SIGKILL');
  }

  /** Waits until there is one. @throws Error when there is none for a long time */
  async pidOf(victim: Exclude<Victim, 'service'>): Promise<number> {
    const giveUpAt = performance.now() + LONGEST_ABSENCE_MS;
    for (;;) {
      const taskProcesses = this.#child?.pid === undefined ? [] : childrenOf(this.#child.pid);
      const [pid] = victim === 'task process' ? taskProcesses : taskProcesses.flatMap(childrenOf);
      if (pid !== undefined) return pid;
      if (performance.now() > giveUpAt) throw new Error(`The service has no ${victim}.`);
      await sleep(POLL_MS);
    }
  }

  async #killService(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    this.#client = exited.then(() => this.#start());
    await this.#client;
  }

  /** In good order. */
  async stop(): Promise<void> {
    await this.#end((child) => {
      child.disconnect();
    });
  }

  /** At once; for the end of a test that failed. */
  async destroy(): Promise<void> {
    await this.#end((child) => child.kill('SIGKILL'));
  }

  async #end(ask: (child: ChildProcess) => void): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    ask(child);
    await exited;
  }
}
