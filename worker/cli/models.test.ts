// `mofsim models`, and models by path, as a user runs them.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { modelListSchema, modelSchema } from '../../contracts/model.ts';
import { checkpointOf, smallMace, stateDictOf } from '../models/mace/testing/small-mace.ts';
import type { PyModule } from '../models/mace/testing/small-mace.ts';
import { createTestFolder, startTestService } from '../service/testing/test-service.ts';
import type { TestFolder, TestService } from '../service/testing/test-service.ts';
import { runMofsim } from './testing/run-mofsim.ts';
import type { Finished } from './testing/run-mofsim.ts';

let folder: TestFolder;
let testService: TestService | null = null;

beforeEach(() => {
  folder = createTestFolder();
});
afterEach(async () => {
  await testService?.close();
  testService = null;
  folder.remove();
});

const inFolder = (name: string): string => join(folder.path, name);

function mofsim(...args: string[]): Promise<Finished> {
  const env = { HOME: folder.path, MOFSIM_HOME: folder.home, MOFSIM_CACHE: inFolder('cache') };
  return runMofsim(args, { ...env, MOFSIM_KERNEL: folder.installKernel([]) });
}

function given(name: string, root: PyModule = smallMace()): string {
  writeFileSync(inFolder(name), name.endsWith('.pt') ? stateDictOf(root) : checkpointOf(root));
  return inFolder(name);
}

const listSchema = z.object({
  imported: z.array(z.object({ id: z.string(), folder: z.string(), elements: z.array(z.string()) })),
  published: z.array(z.object({ id: z.string(), installed: z.boolean() })),
});

async function listed(): Promise<z.output<typeof listSchema>> {
  return listSchema.parse(JSON.parse((await mofsim('models', 'list', '--json')).stdout));
}

describe('mofsim models inspect', () => {
  test('tells what a file is', async () => {
    const { code, stdout, stderr } = await mofsim('models', 'inspect', given('a.model'));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^class +mace\.modules\.models\.ScaleShiftMACE$/m);
    expect(stdout).toMatch(/^elements +2: H O$/m);
    expect(stdout).toMatch(/^cutoff +4 A$/m);
    expect(stdout).toMatch(/^published +not among the known ones$/m);
    const json = await mofsim('models', 'inspect', inFolder('a.model'), '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ elements: ['H', 'O'], published_as: null, refusals: [] });
  });

  test('of what cannot be computed tells what it can, and why not', async () => {
    const root = smallMace();
    root.class_name = 'mace.modules.extensions.MACELES';
    const { code, stdout, stderr } = await mofsim('models', 'inspect', given('a.model', root));
    expect(code).toBe(2);
    expect(stdout).toMatch(/^elements +2: H O$/m);
    expect(stderr).toContain('MACELES, whose long-range part');
    expect((await mofsim('models', 'inspect', inFolder('nowhere.model'))).stderr).toContain('There is no file');
  });

  test('of a training checkpoint asks for what it does not say', async () => {
    const file = given('a.pt');
    const asked = await mofsim('models', 'inspect', file);
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('avg_num_neighbors')]);
    writeFileSync(inFolder('details.json'), '{"avg_num_neighbors": 2.5}');
    const told = await mofsim('models', 'inspect', file, '--details', inFolder('details.json'));
    expect([told.code, told.stderr]).toEqual([0, '']);
    writeFileSync(inFolder('details.json'), '{"neighbors": 2.5}');
    expect((await mofsim('models', 'inspect', file, '--details', inFolder('details.json'))).code).toBe(2);
    const details = ['--details', inFolder('details.json')];
    const run = await mofsim('run', 'single-point-energy', 'MOF-5_primitive', '--model', file, ...details);
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining('details in')]);
  });
});

describe('mofsim models import', () => {
  test('brings a file into the data folder, under a name that is taken then', async () => {
    const { code, stdout, stderr } = await mofsim('models', 'import', given('a.model'), '--id', 'mine');
    expect([code, stdout, stderr]).toEqual([0, 'mine: 2 elements, heads Default\n', '']);
    const { imported } = await listed();
    expect(imported).toMatchObject([{ id: 'mine', elements: ['H', 'O'] }]);
    const again = await mofsim('models', 'import', inFolder('a.model'), '--id', 'MINE');
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('There is a model "MINE" already')]);
    expect((await listed()).imported).toHaveLength(1);
  });

  test('warns of a file that is not the published one of its name', async () => {
    const { code, stderr } = await mofsim('models', 'import', given('a.model'), '--id', 'mace_mpa_0_medium');
    expect([code, stderr]).toEqual([0, expect.stringContaining('its checksum is another one')]);
    const { published } = await listed();
    expect(published.filter(({ installed }) => installed).map(({ id }) => id)).toEqual(['mace_mpa_0_medium']);
  });

  test('leaves nothing of a file that cannot be used', async () => {
    writeFileSync(inFolder('a.model'), 'no zip');
    const { code, stderr } = await mofsim('models', 'import', inFolder('a.model'), '--id', 'mine');
    expect([code, stderr]).toEqual([2, expect.stringContaining('a.model cannot be used')]);
    expect(readdirSync(join(folder.home, 'models'))).toEqual([]);
  });

  test('goes through the service that runs on the folder', async () => {
    testService = await startTestService({ folder });
    const { code, stdout } = await mofsim('models', 'import', given('a.model'), '--id', 'mine', '--json');
    expect(code).toBe(0);
    expect(modelSchema.parse(JSON.parse(stdout))).toMatchObject({ id: 'mine', is_available: true });
    const answer = await testService.client.call('/models');
    const { models } = z.object({ data: modelListSchema }).parse(answer.body).data;
    expect(models.find(({ id }) => id === 'mine')).toMatchObject({ supported_elements: ['H', 'O'], is_custom: true });
    expect((await listed()).imported.map(({ id }) => id)).toEqual(['mine']);
  });
});

const WATER = `3
Lattice="8 0 0 0 8 0 0 0 8" Properties=species:S:1:pos:R:3 pbc="T T T"
O 0 0 0
H 0.76 0.59 0
H -0.76 0.59 0
`;

test('an exported task of an imported model runs again with the very file, and with no other', async () => {
  testService = await startTestService({ folder });
  const file = given('a.model');
  expect((await mofsim('models', 'import', file, '--id', 'mine')).code).toBe(0);
  writeFileSync(inFolder('water.xyz'), WATER);
  const task = ['single-point-energy', inFolder('water.xyz'), '--model', 'mine'];
  const { stdout } = await mofsim('submit', ...task, '--json');
  const [task_id = ''] = z.object({ task_ids: z.array(z.string()) }).parse(JSON.parse(stdout)).task_ids;
  await testService.client.waitFor(task_id, 'COMPLETED');
  const zip = inFolder('task.zip');
  expect((await mofsim('export', task_id, '--out', zip)).code).toBe(0);
  const here = await mofsim('reproduce', zip, '--out', inFolder('here'), '--json');
  expect([here.code, here.stdout]).toEqual([0, expect.stringContaining('"is_reproduced":true')]);

  const env = { HOME: folder.path, MOFSIM_HOME: inFolder('another'), MOFSIM_CACHE: inFolder('cache') };
  const elsewhere = (...args: string[]): Promise<Finished> =>
    runMofsim(['reproduce', zip, ...args], { ...env, MOFSIM_KERNEL: folder.installKernel([]) });
  const without = await elsewhere('--out', inFolder('b'));
  expect([without.code, without.stderr]).toEqual([
    2,
    expect.stringContaining('is not here; name it with --model FILE'),
  ]);
  const other = given('b.model', smallMace({ heads: ['b'] }));
  expect((await elsewhere('--out', inFolder('c'), '--model', other)).stderr).toContain('its SHA-256 differs');
  const again = await elsewhere('--out', inFolder('d'), '--model', file, '--json');
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('"is_reproduced":true')]);
});

describe('a model by its name or path', () => {
  test('that is published but not here is refused with the way to get it', async () => {
    const { code, stderr } = await mofsim('evaluate', 'MOF-5_primitive', '--model', 'mace_prod');
    expect(code).toBe(2);
    expect(stderr).toContain(
      'https://github.com/ACEsuit/mace-foundations/releases/download/mace_mpa_0/mace-mpa-0-medium.model',
    );
    expect(stderr).toContain('--id mace_mpa_0_medium');
  });

  test('that is nothing is refused with what there is', async () => {
    mkdirSync(folder.home, { recursive: true });
    const { code, stderr } = await mofsim('evaluate', 'MOF-5_primitive', '--model', 'nothing');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Models here: uff4mof')]);
  });

  test('that cannot be used is refused before a kernel is started', async () => {
    const root = smallMace();
    root.class_name = 'mace.modules.extensions.PolarMACE';
    const { code, stderr } = await mofsim('evaluate', 'MOF-5_primitive', '--model', given('a.model', root));
    expect([code, stderr]).toEqual([2, expect.stringContaining('PolarMACE')]);
  });

  test('by its path computes, and is found in the cache the next time', async () => {
    const file = given('a.model');
    const first = await mofsim('evaluate', 'MOF-5_primitive', '--model', file, '--json');
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(readdirSync(inFolder('cache/models'))).toHaveLength(1);
    const second = await mofsim('evaluate', 'MOF-5_primitive', '--model', file, '--json');
    expect(second.stdout).toBe(first.stdout);
    expect(readdirSync(inFolder('cache/models'))).toHaveLength(1);
  });

  test('has the options of its kind, and no others', async () => {
    const wrong = await mofsim('evaluate', 'MOF-5_primitive', '--model', given('a.model'), '--param', 'fallback=uff');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('has no option fallback')]);
    const d3 = await mofsim('evaluate', 'MOF-5_primitive', '--model', 'uff4mof', '--with-d3');
    expect([d3.code, d3.stderr]).toEqual([2, expect.stringContaining('no DFT-D3')]);
  });
});
