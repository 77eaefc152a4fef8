// `mofsim campaign` against a running service: a folder with a bad file in it, a specification, scores against a CSV.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { campaignReceiptSchema, campaignSchema, campaignScoresSchema } from '../../contracts/campaign.ts';
import { ROCK_SALT_CIF, startTestService } from '../service/testing/test-service.ts';
import type { TestService } from '../service/testing/test-service.ts';
import { findSources } from './campaign/find-structures.ts';
import { parseColumns, checkedReferences } from './campaign/read-references.ts';
import { runMofsim } from './testing/run-mofsim.ts';

let running: TestService;
let folder: string;
let cifs: string;

beforeAll(async () => {
  running = await startTestService();
  folder = mkdtempSync(join(tmpdir(), 'mofsim-campaigns-'));
  cifs = join(folder, 'salts');
  mkdirSync(cifs);
  writeFileSync(join(cifs, 'halite.cif'), ROCK_SALT_CIF);
  writeFileSync(join(cifs, 'wide.cif'), ROCK_SALT_CIF.replaceAll('5.64', '5.7'));
  writeFileSync(join(cifs, 'broken.cif'), 'data_x\n');
  writeFileSync(join(cifs, 'notes.txt'), 'not a structure');
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

function mofsim(...args: string[]) {
  return runMofsim(['campaign', ...args], { MOFSIM_HOME: running.folder.home, TMPDIR: folder });
}

describe('a folder of CIFs', () => {
  test('is_computed_as_far_as_it_can_be_and_the_rest_is_told', async () => {
    const csv = join(folder, 'dft.csv');
    writeFileSync(csv, 'MOF,V0\nhalite,179.4\nwide,185\nelsewhere,1\n');
    const done = await mofsim(
      ...['submit', cifs, '--task', 'single-point-energy', '--task', 'optimization', '--model', 'uff4mof'],
      ...['--param', 'fmax=0.01', '--reference', csv, '--name-column', 'MOF', '--column', 'volume_A3=V0'],
      ...['--wait', '--json'],
    );
    expect(done.code, done.stderr).toBe(1);
    expect(done.stderr).toContain('broken, single-point-energy, uff4mof: REFUSED.');
    const campaign = campaignSchema.parse(JSON.parse(done.stdout));
    expect(campaign).toMatchObject({ name: 'salts', n_structures: 3, counts: { COMPLETED: 4, REFUSED: 2 } });
    expect(campaign.tasks[1]?.parameters).toMatchObject({ fmax: 0.01 });

    const scores = await mofsim('scores', campaign.campaign_id, '--json');
    const found = campaignScoresSchema.parse(JSON.parse(scores.stdout));
    expect(found).toMatchObject({ unmatched_references: ['elsewhere'], structures_without_reference: ['broken'] });
    expect(found.scores).toMatchObject([{ quantity: 'volume_A3', task: 'optimization', n_references: 2 }]);
    const told = await mofsim('scores', campaign.campaign_id);
    expect(told.stdout).toContain('WITHIN 10 %');
    expect(told.stderr).toContain('elsewhere');

    const table = await mofsim('table', campaign.campaign_id);
    // Two tables of three structures, each with its task and its header.
    expect(
      table.stdout
        .trim()
        .split('\n')
        .filter((line) => line !== ''),
    ).toHaveLength(10);
    const saved = join(folder, 'table.csv');
    expect((await mofsim('table', campaign.campaign_id, '--csv', saved)).code).toBe(0);
    expect(readFileSync(saved, 'utf8').split('\r\n')[0]).toContain('reference_volume_A3');
    expect((await mofsim('table', campaign.campaign_id, '--csv', saved)).code).toBe(2);
    const report = join(folder, 'report.html');
    expect((await mofsim('report', campaign.campaign_id, '--out', report)).code).toBe(0);
    expect(readFileSync(report, 'utf8')).toContain('</html>');

    expect((await mofsim('list')).stdout).toContain(campaign.campaign_id);
    expect((await mofsim('cancel', campaign.campaign_id)).stderr).toContain('code 40902');
    expect((await mofsim('delete', campaign.campaign_id)).stdout).toContain('n_tasks 4');
    // A dozen processes.
  }, 90_000);

  test('with_an_option_that_is_wrong_is_not_submitted', async () => {
    const before = (await mofsim('list', '--json')).stdout;
    const wrong = await Promise.all([
      mofsim('submit', cifs, '--model', 'uff4mof'),
      mofsim('submit', cifs, '--task', 'optimization', '--model', 'uff4mof', '--param', 'f_max=1'),
      mofsim('submit', folder, '--task', 'optimization', '--model', 'uff4mof'),
    ]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect((await mofsim('list', '--json')).stdout).toBe(before);
  });
});

test('a_specification_names_files_beside_it', async () => {
  const file = join(folder, 'two.json');
  const tasks = [{ task_type: 'single-point-energy', label: 'E' }];
  const specification = {
    structures: ['salts/halite.cif', 'rock-salt'],
    tasks,
    models: ['uff4mof'],
    reference: 'e.csv',
  };
  writeFileSync(file, JSON.stringify(specification));
  writeFileSync(join(folder, 'e.csv'), 'structure_name,energy_eV\nhalite,-1\n');
  const { stdout, stderr } = await mofsim('submit', file, '--json');
  const { campaign_id, n_cells } = campaignReceiptSchema.parse(JSON.parse(stdout || JSON.stringify(stderr)));
  expect(n_cells).toBe(2);
  expect((await mofsim('follow', campaign_id)).code).toBe(0);
  const { stdout: shown } = await mofsim('show', campaign_id, '--json');
  expect(campaignSchema.parse(JSON.parse(shown))).toMatchObject({ name: 'two', n_references: 1, status: 'COMPLETED' });
});

describe('names', () => {
  test('are_those_of_the_files_unless_two_would_be_the_same', () => {
    writeFileSync(join(folder, 'halite.xyz'), '');
    const words = [cifs, join(folder, 'halite.xyz'), 'MOF-5'];
    expect(findSources(words).map(({ name }) => name)).toEqual(['broken', 'halite.cif', 'wide', 'halite.xyz', 'MOF-5']);
  });
});

describe('a CSV of reference values', () => {
  const none = { quantities: new Map<string, string>() };

  test('gives_every_quantity_that_a_column_is_named_after', () => {
    const text = '\uFEFFstructure,bulk_modulus_GPa,note,volume_A3\r\n"a, b",7.5,x,\r\n\r\nc,1e1,"y ""z""",100\r\n';
    expect(checkedReferences(text, 'f.csv', none)).toEqual([
      { structure_name: 'a, b', quantity: 'bulk_modulus_GPa', value: 7.5 },
      { structure_name: 'c', quantity: 'bulk_modulus_GPa', value: 10 },
      { structure_name: 'c', quantity: 'volume_A3', value: 100 },
    ]);
  });

  test.each([
    ['no column of names', 'mof,volume_A3\na,1\n', '--name-column'],
    ['no quantity', 'name,V\na,1\n', '--column'],
    ['a word for a number', 'name,volume_A3\na,big\n', 'Row 2'],
    ['a value twice', 'name,volume_A3\na,1\na,2\n', 'given twice'],
  ])('with %s is refused and says what to do', (_what, text, told) => {
    expect(() => checkedReferences(text, 'f.csv', none)).toThrow(told);
  });

  test('knows_no_column_of_an_unknown_quantity', () => {
    expect(() => parseColumns(['color=red'])).toThrow('bulk_modulus_GPa');
    expect([...parseColumns(['bulk_modulus_GPa=B0'])]).toEqual([['bulk_modulus_GPa', 'B0']]);
  });
});

test('what_the_service_says_no_to_is_said', async () => {
  const { code, stderr } = await mofsim('submit', cifs, '--task', 'optimization', '--model', 'none');
  expect(code).toBe(1);
  expect(stderr).toContain('40008');
  expect(z.string().parse(stderr)).toContain('none');
});
