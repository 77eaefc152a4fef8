// make_models.py in the environment of the judge, mace-torch: makes one model after another and tells of each.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const N_LAST_LINES = 30;

const messageSchema = z.union([
  z.strictObject({ names: z.array(z.string()) }),
  z.strictObject({ made: z.string(), seconds: z.number() }),
]);

/** Models being made in a folder of their own each. */
export class ModelMaker {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #waiting = new Map<string, PromiseWithResolvers<string>>();
  readonly #names = Promise.withResolvers<string[]>();
  readonly #lastErrors: string[] = [];

  private constructor(python: string, folder: string, selection: readonly string[]) {
    this.#folder = folder;
    const script = join(import.meta.dirname, 'make_models.py');
    this.#child = spawn(python, [script, '--out', folder, ...selection], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    });
    this.#listen();
  }

  /** Starts it; resolves as soon as it has told what it will make. @throws Error with the last lines of what it said */
  static async start(
    python: string,
    folder: string,
    selection: readonly string[],
  ): Promise<{ maker: ModelMaker; names: string[] }> {
    const maker = new ModelMaker(python, folder, selection);
    return { maker, names: await maker.#names.promise };
  }

  /** The folder of a model once it is whole. @throws Error when it could not be made */
  made(name: string): Promise<string> {
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) throw new Error(`${name} is not being made.`);
    return waiting.promise;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill();
    await exited;
  }

  #listen(): void {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('The process has no pipes.');
    createInterface(stdout).on('line', (line) => {
      // mace-torch prints what it lacks where it likes.
      if (line.startsWith('{')) this.#receive(messageSchema.parse(JSON.parse(line)));
    });
    createInterface(stderr).on('line', (line) => {
      this.#lastErrors.push(line);
      if (this.#lastErrors.length > N_LAST_LINES) this.#lastErrors.shift();
    });
    this.#child.on('error', (error) => {
      this.#fail(error);
    });
    this.#child.on('close', (code) => {
      this.#fail(new Error(`make_models.py ended with ${String(code)}:\n${this.#lastErrors.join('\n')}`));
    });
  }

  #receive(message: z.infer<typeof messageSchema>): void {
    if ('made' in message) {
      this.#waiting.get(message.made)?.resolve(join(this.#folder, message.made));
      return;
    }
    for (const name of message.names) {
      const waiting = Promise.withResolvers<string>();
      // Whoever waits for it is told; where nobody does any more, its failure is no failure of the process.
      waiting.promise.catch(() => undefined);
      this.#waiting.set(name, waiting);
    }
    this.#names.resolve(message.names);
  }

  /** What is already made stays so. */
  #fail(error: Error): void {
    this.#names.reject(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
  }
}
