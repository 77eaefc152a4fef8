// A whole service for tests: real HTTP, real SQLite, real task process, and a stand-in kernel that speaks the real protocol.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createParser } from 'eventsource-parser';
import { taskEventSchema } from '../../../contracts/event.ts';
import type { TaskEvent } from '../../../contracts/event.ts';
import { submissionReceiptSchema, taskSchema } from '../../../contracts/task.ts';
import type { Task } from '../../../contracts/task.ts';
import { isFinalStatus } from '../../../contracts/task-status.ts';
import type { TaskStatus } from '../../../contracts/task-status.ts';
import { installStandIn } from '../../kernel-client/testing/install-stand-in.ts';
import { forkChild } from '../../pool/start-child.ts';
import { createService } from '../service.ts';
import type { Service, ServiceOptions } from '../service.ts';

/** Rock salt, four formula units; made for the tests. */
export const ROCK_SALT_CIF = `data_rock_salt
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na1 Na 0 0 0
Na2 Na 0 0.5 0.5
Na3 Na 0.5 0 0.5
Na4 Na 0.5 0.5 0
Cl1 Cl 0.5 0.5 0.5
Cl2 Cl 0.5 0 0
Cl3 Cl 0 0.5 0
Cl4 Cl 0 0 0.5
`;

const BUILTIN = {
  name: 'rock-salt',
  file: 'rock-salt.cif',
  formula: 'Cl4Na4',
  n_atoms: 8,
  category: 'benchmark',
  title: 'Rock salt',
  space_group: 'Fm-3m',
  citation: 'made for the tests',
  doi: 'none',
  preparation: 'none',
};

export const SILENT_LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Everything that a service needs on disk, below one folder. */
export interface TestFolder {
  path: string;
  home: string;
  resourcesFolder: string;
  /** The stand-in kernel behaves this way from its next start on. */
  installKernel(behavior: readonly string[]): string;
  remove(): void;
}

export function createTestFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'mofsim-test-'));
  const resourcesFolder = join(path, 'resources');
  mkdirSync(join(resourcesFolder, 'structures'), { recursive: true });
  writeFileSync(join(resourcesFolder, 'structures', 'index.json'), JSON.stringify({ structures: [BUILTIN] }));
  writeFileSync(join(resourcesFolder, 'structures', BUILTIN.file), ROCK_SALT_CIF);
  return {
    path,
    home: join(path, 'home'),
    resourcesFolder,
    installKernel: (behavior) => installStandIn(path, behavior),
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export interface TestService {
  service: Service;
  folder: TestFolder;
  client: TestClient;
  /** Stops the service; removes the folder unless it was given. */
  close(): Promise<void>;
}

export interface TestServiceOptions extends Partial<ServiceOptions> {
  behavior?: readonly string[];
  folder?: TestFolder;
}

export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const { behavior = [], folder: given, ...overrides } = options;
  const folder = given ?? createTestFolder();
  const service = createService({
    home: folder.home,
    port: 0,
    resourcesFolder: folder.resourcesFolder,
    rendererFolder: null,
    kernelPath: folder.installKernel(behavior),
    startChild: forkChild,
    logger: SILENT_LOGGER,
    ...overrides,
  });
  const { url, apiKey } = await service.start();
  return {
    service,
    folder,
    client: new TestClient(url, apiKey),
    close: async () => {
      await service.stop();
      if (given === undefined) folder.remove();
    },
  };
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** The whole body. */
  body: unknown;
  data: unknown;
  error: { code: number; message: string; details: Record<string, unknown> };
}

export class TestClient {
  readonly url: string;
  readonly apiKey: string;

  constructor(url: string, apiKey: string) {
    this.url = url;
    this.apiKey = apiKey;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${this.apiKey}`);
    return fetch(`${this.url}/api/v1${path}`, { ...init, headers });
  }

  async call(path: string, init: RequestInit = {}): Promise<ApiAnswer> {
    const response = await this.fetch(path, init);
    const text = await response.text();
    const body: unknown = text === '' ? null : JSON.parse(text);
    const { data, error } = Object(body) as ApiAnswer;
    return { status: response.status, headers: response.headers, body, data, error };
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    return this.call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  upload(
    filename: string,
    content: string | Uint8Array<ArrayBuffer>,
    fields: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob([content]), filename);
    return this.call('/structures/upload', { method: 'POST', body: form });
  }

  /** Submits an optimization of the built-in structure and returns its id. */
  async submit(parameters: Record<string, unknown> = {}, rest: Record<string, unknown> = {}): Promise<string> {
    const structure = { source: 'builtin', name: BUILTIN.name };
    const answer = await this.post('/tasks/optimization', { model: 'uff4mof', structure, parameters, ...rest });
    return submissionReceiptSchema.parse(answer.data).task_id;
  }

  async task(task_id: string): Promise<Task> {
    return taskSchema.parse((await this.call(`/tasks/${task_id}`)).data);
  }

  /** Events until the stream ends or `isLast` says so. */
  async events(
    task_id: string,
    isLast: (event: TaskEvent) => boolean = () => false,
    headers: Record<string, string> = {},
  ): Promise<{ id: string | undefined; event: TaskEvent }[]> {
    const abort = new AbortController();
    const response = await this.fetch(`/tasks/${task_id}/events`, { headers, signal: abort.signal });
    if (response.body === null) throw new Error('The event stream has no body.');
    const received: { id: string | undefined; event: TaskEvent }[] = [];
    const parser = createParser({
      onEvent: ({ id, data }) => received.push({ id, event: taskEventSchema.parse(JSON.parse(data)) }),
    });
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      parser.feed(text);
      const last = received.findIndex(({ event }) => isLast(event));
      if (last !== -1) {
        abort.abort();
        return received.slice(0, last + 1);
      }
    }
    return received;
  }

  /** Waits for the state, told by the event stream. Fails when the task ends in another one. */
  async waitFor(task_id: string, status: TaskStatus): Promise<Task> {
    const isThere = (event: TaskEvent) =>
      event.type === 'state' && (event.status === status || isFinalStatus(event.status));
    await this.events(task_id, isThere);
    const task = await this.task(task_id);
    const isPast = isFinalStatus(task.status) && !isFinalStatus(status);
    if (task.status !== status && !isPast)
      throw new Error(`Task ${task_id} is ${task.status}: ${JSON.stringify(task.error)}`);
    return task;
  }
}
