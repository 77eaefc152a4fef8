// The window against the real service, the real kernel and a real browser: what a chemist does on the first morning.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installStandIn } from '../../worker/kernel-client/testing/install-stand-in.ts';
import { addressWithKey, dropFiles, readFixture } from './support/browser.ts';
import { startService } from './support/running-service.ts';
import type { RunningService } from './support/running-service.ts';
import { kernel, obstacle, open } from './support/window.ts';

const DIAMOND = readFixture(join(import.meta.dirname, 'fixtures', 'diamond.cif'));

let service: RunningService;

beforeAll(async () => {
  if (obstacle === null && kernel !== null) service = await startService(kernel);
});

afterAll(async () => {
  if (obstacle === null) await service[Symbol.asyncDispose]();
});

/** The browser reports every refused request as a console error; the refusal itself is what such a test is about. */
function withoutRefusals(complaints: readonly string[]): string[] {
  return complaints.filter((text) => !/the server responded with a status of 4\d\d/.test(text));
}

describe.skipIf(obstacle !== null)('the window', () => {
  test('a_dropped_cif_relaxes_and_its_result_can_be_saved', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url));
    // The key leaves the address at once.
    expect(new URL(page.url()).hash).not.toContain('key');
    await page.getByRole('button', { name: /MOF-5 primitive/ }).waitFor();
    await opened.screenshot('welcome');

    await dropFiles(page, DIAMOND);
    await page.locator('[data-drawn-atoms]').waitFor({ state: 'attached' });
    // 8 atoms, and the images of those on faces, edges and the corner: 1 -> 8, 3 x 1 -> 2.
    expect(await page.locator('[data-drawn-atoms]').getAttribute('data-drawn-atoms')).toBe('18');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('diamond');
    await opened.screenshot('structure');

    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('.task-status[data-status="COMPLETED"]').waitFor();
    for (const quantity of ['energy_eV', 'max_force_eV_A']) {
      const plot = page.locator(`.series-plot[data-quantity="${quantity}"] [data-points]`);
      expect(Number(await plot.getAttribute('data-points'))).toBeGreaterThan(1);
    }
    const maxForce = await page.locator('tr[data-quantity="max_force_eV_A"] td').textContent();
    expect(maxForce).toMatch(/eV\/Å/);

    await page.getByText('Log', { exact: true }).click();
    expect(await page.getByRole('log').getByRole('listitem').count()).toBeGreaterThan(1);
    await opened.screenshot('completed');

    await page.getByText('Files', { exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download optimized.cif' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('optimized.cif');
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^data_/m);

    // The address alone brings everything back.
    const before = page.url();
    await page.reload();
    await page.locator('.task-status[data-status="COMPLETED"]').waitFor();
    await page.locator('.series-plot [data-points]').first().waitFor();
    expect(page.url()).toBe(before);
    expect(opened.complaints).toEqual([]);
  });

  test('a_running_task_can_be_cancelled', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mofsim-e2e-stand-in-'));
    try {
      // A kernel that never converges leaves all the time in the world.
      await using endless = await startService(installStandIn(folder, ['--never-converge', '--step-ms=50']));
      await using opened = await open();
      const { page } = opened;
      await page.goto(addressWithKey(endless.url));
      await dropFiles(page, DIAMOND);
      await page.getByLabel('Step limit').fill('100000');
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      await page.locator('.task-status[data-status="RUNNING"]').waitFor();
      await page.locator('.series-plot [data-points]').first().waitFor();
      await opened.screenshot('running');
      // A reload in the middle finds the task running, with the steps that were missed.
      await page.reload();
      await page.locator('.task-status[data-status="RUNNING"]').waitFor();
      await page.locator('.series-plot [data-points]').first().waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.locator('.task-status[data-status="CANCELLED"]').waitFor();
      expect(opened.complaints).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('several_dropped_files_become_one_batch_and_a_bad_one_does_not_hold_it_up', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url));
    await page.getByRole('button', { name: /MOF-5 primitive/ }).waitFor();
    const twin = { name: 'twin.cif', text: DIAMOND.text };
    await dropFiles(page, DIAMOND, { name: 'broken.cif', text: 'data_broken\n' }, twin);
    await page.getByRole('heading', { name: '3 files' }).waitFor();
    await page.locator('tr[data-state="failed"]').waitFor();
    await opened.screenshot('files');
    await page.getByRole('button', { name: 'Start 2 tasks' }).click();
    await page.getByText('2 of 2 completed').waitFor();
    await opened.screenshot('batch');
    await page.getByRole('button', { name: 'twin', exact: false }).first().click();
    await page.locator('.task-status[data-status="COMPLETED"]').waitFor();
    expect(withoutRefusals(opened.complaints)).toEqual([]);
  });

  test('a_paused_queue_starts_nothing_until_it_is_resumed', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/structures/builtin/MOF-5_primitive'));
    await page.getByRole('button', { name: /^Pause the queue/ }).click();
    await page.getByText('The queue is paused.').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('.task-status[data-status="QUEUED"]').waitFor();
    await page.getByText('1 waiting').waitFor();
    await opened.screenshot('paused');
    await page.getByRole('button', { name: 'Resume the queue' }).click();
    await page.locator('.task-status[data-status="COMPLETED"]').waitFor();
    expect(opened.complaints).toEqual([]);
  });

  test('a_finished_task_is_run_again_continued_and_deleted', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url));
    await dropFiles(page, { name: 'again.cif', text: DIAMOND.text });
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('.task-status[data-status="COMPLETED"]').waitFor();
    const first = page.url();
    await page.getByRole('button', { name: 'Run again with the same inputs' }).click();
    await page.waitForURL((url) => url.href !== first);
    await page.locator('.task-status[data-status="COMPLETED"]').waitFor();
    const second = page.url();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete with its files' }).click();
    await page.waitForURL((url) => url.href !== second);
    await page.goto(first);
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    await page.locator('[data-drawn-atoms]').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('.task-status[data-status="COMPLETED"]').waitFor();
    expect(withoutRefusals(opened.complaints)).toEqual([]);
  });

  test('a_key_for_a_script_is_made_shown_once_and_taken_back', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/settings'));
    await page.getByLabel('Name', { exact: true }).fill('nightly screening');
    await page.getByRole('button', { name: 'Create a key' }).click();
    const key = (await page.locator('.settings-key').textContent()) ?? '';
    const asScript = (): Promise<Response> =>
      fetch(`${service.url}/api/v1/tasks`, { headers: { Authorization: `Bearer ${key}` } });
    expect((await asScript()).status).toBe(200);
    await opened.screenshot('settings');
    const row = page.getByRole('row', { name: /nightly screening/ });
    await row.getByRole('button', { name: 'Revoke' }).click();
    await row.getByText('revoked').waitFor();
    expect((await asScript()).status).toBe(401);
    expect(opened.complaints).toEqual([]);
  });

  test('a_bad_file_is_refused_with_a_reason', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url));
    await dropFiles(page, { name: 'broken.cif', text: 'data_broken\n_cell_length_a 5\nloop_\n_atom_site_label\n' });
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/broken\.cif could not be opened.*Code 4\d{4}/s);
    await opened.screenshot('refused');
    expect(withoutRefusals(opened.complaints)).toEqual([]);
  });

  test('a_parameter_out_of_range_is_told_before_submitting', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/structures/builtin/MOF-5_primitive'));
    const start = page.getByRole('button', { name: 'Start', exact: true });
    await page.getByLabel('Force threshold').fill('0');
    expect(await page.getByText('At least 0.000001.').count()).toBe(1);
    expect(await start.isDisabled()).toBe(true);
    await page.getByLabel('Force threshold').fill('');
    await expect.poll(() => start.isEnabled()).toBe(true);
  });

  test('the_window_speaks_chinese_where_the_system_does', async () => {
    await using opened = await open({ locale: 'zh-CN', colorScheme: 'dark', viewport: { width: 1680, height: 1050 } });
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/structures/builtin/MOF-5'));
    await page.getByRole('heading', { name: '新建任务' }).waitFor();
    await page.locator('[data-drawn-atoms]').waitFor({ state: 'attached' });
    await opened.screenshot('chinese-dark');
    await page.getByRole('button', { name: /English/ }).click();
    await page.getByRole('heading', { name: 'New task' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(opened.complaints).toEqual([]);
  });

  test('without_webgl_everything_but_the_3d_view_works', async () => {
    await using opened = await open({ withoutWebGl: true });
    const { page } = opened;
    await page.goto(addressWithKey(service.url));
    await dropFiles(page, DIAMOND);
    await page.getByText('No 3D view here').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('.task-status[data-status="COMPLETED"]').waitFor();
    await opened.screenshot('without-webgl');
  });

  test('without_a_key_the_page_asks_for_one_and_refuses_a_wrong_one', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(`${service.url}/`);
    await page.getByLabel('API key').fill('wrong');
    await page.getByRole('button', { name: 'Connect' }).click();
    // Refused: back to the question.
    await page.getByLabel('API key').waitFor();
    await opened.screenshot('key');
    expect(withoutRefusals(opened.complaints)).toEqual([]);
  });

  test('nearly_twenty_thousand_atoms_are_drawn_without_bonds_and_the_window_stays_awake', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url));
    await dropFiles(page, { name: 'large.xyz', text: carbonGrid(27) });
    await page.locator('[data-drawn-atoms]').waitFor({ state: 'attached' });
    await page.getByText('Bonds are left out above 12,000 atoms.').waitFor();
    // The page answers: the theme changes within its time limit.
    await page.getByRole('button', { name: /^Theme/ }).click();
    await page.getByRole('button', { name: 'Theme: Light' }).waitFor();
    await opened.screenshot('large');
    expect(opened.complaints).toEqual([]);
  });
});

/** n^3 carbon atoms, 2 A apart, as extended XYZ with a cell. */
function carbonGrid(n: number): string {
  const side = 2 * n;
  const lines = [
    String(n ** 3),
    `Lattice="${side} 0 0 0 ${side} 0 0 0 ${side}" Properties=species:S:1:pos:R:3 pbc="T T T"`,
  ];
  for (let a = 0; a < n; a += 1)
    for (let b = 0; b < n; b += 1)
      for (let c = 0; c < n; c += 1) lines.push(`C ${2 * a + 1} ${2 * b + 1} ${2 * c + 1}`);
  return lines.join('\n');
}
