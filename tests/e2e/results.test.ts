// Every task type from the form to its result, and a campaign from the form to its scores, as a chemist sees them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { addressWithKey } from './support/browser.ts';
import { startService } from './support/running-service.ts';
import type { RunningService } from './support/running-service.ts';
import { kernel, obstacle, open } from './support/window.ts';

let service: RunningService;

beforeAll(async () => {
  if (obstacle === null && kernel !== null) service = await startService(kernel);
});

afterAll(async () => {
  if (obstacle === null) await service[Symbol.asyncDispose]();
});

/** What is chosen in the form of a type, and what its result must show. */
const CASES = [
  { type: 'Bulk modulus', fill: {}, quantity: 'bulk_modulus_GPa', plots: 1, text: 'Birch–Murnaghan' },
  {
    type: 'Stability',
    fill: { Steps: '200' },
    quantity: 'max_displacement_A',
    plots: 3,
    text: 'Coordination of the metals',
  },
  {
    type: 'Heat capacity',
    fill: { 'Supercell 1': '1' },
    quantity: 'zero_point_energy_eV',
    plots: 2,
    text: 'space group',
  },
  {
    type: 'Interaction energy',
    fill: { 'Grid spacing': '2' },
    quantity: 'henry_coefficient_mol_kg_Pa',
    plots: 1,
    text: 'Adsorption sites',
  },
  { type: 'Single-point energy', fill: {}, quantity: 'energy_per_atom_eV', plots: 0, text: 'Energy terms' },
] as const;

async function drawnPlots(page: Page): Promise<number> {
  return page.locator('.xy-plot canvas').count();
}

describe.skipIf(obstacle !== null)('the result in the window', () => {
  test.each(CASES)('$type', async ({ type, fill, quantity, plots, text }) => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/structures/builtin/MOF-5_primitive'));
    await page.getByRole('radio', { name: type }).check({ force: true });
    for (const [label, value] of Object.entries(fill)) await page.getByLabel(label, { exact: true }).fill(value);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('.task-status[data-status="COMPLETED"]').waitFor();
    await page.locator(`.result-table tr[data-quantity="${quantity}"]`).waitFor();
    expect(await page.locator('.result-view').textContent()).toContain(text);
    await expect.poll(() => drawnPlots(page)).toBeGreaterThanOrEqual(plots);
    await opened.screenshot(`result-${type.toLowerCase().replaceAll(' ', '-')}`);
    expect(opened.complaints).toEqual([]);
  });

  test('a_trajectory_is_played_frame_by_frame', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/structures/builtin/MOF-5_primitive'));
    await page.getByRole('radio', { name: 'Stability' }).check({ force: true });
    await page.getByLabel('Steps', { exact: true }).fill('100');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const slider = page.getByRole('slider', { name: 'Frame' });
    await slider.waitFor();
    // Every tenth of 100 steps, and the start.
    expect(await slider.getAttribute('max')).toBe('10');
    await slider.fill('4');
    await page.getByText('0.040 ps').waitFor();
    await page.getByText('step 40').waitFor();
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => slider.inputValue()).not.toBe('4');
    await opened.screenshot('trajectory');
    expect(opened.complaints).toEqual([]);
  });

  test('the_energies_of_a_guest_are_drawn_as_a_surface', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/structures/builtin/MOF-5_primitive'));
    await page.getByRole('radio', { name: 'Interaction energy' }).check({ force: true });
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const bar = page.getByRole('group', { name: 'Surface of equal energy' });
    await bar.waitFor();
    const before = await page.locator('.viewer-canvas canvas').first().screenshot();
    await bar.getByRole('checkbox').check();
    await bar.getByRole('slider').waitFor();
    await expect
      .poll(async () => (await page.locator('.viewer-canvas canvas').first().screenshot()).equals(before))
      .toBe(false);
    await opened.screenshot('surface');
    expect(opened.complaints).toEqual([]);
  });

  test('a_campaign_shows_its_table_and_how_it_compares_with_the_reference', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/campaigns'));
    await page.getByLabel('Name').fill('Two frameworks');
    for (const name of ['MOF-5_primitive', 'UiO-66_primitive']) await page.getByRole('checkbox', { name }).check();
    await page.getByRole('checkbox', { name: 'Bulk modulus' }).check();
    const csv = 'structure_name,bulk_modulus_GPa\nMOF-5_primitive,16\nUiO-66_primitive,40\n';
    await page
      .getByLabel('Reference values')
      .setInputFiles({ name: 'reference.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await page.getByText('2 reference values').waitFor();
    await opened.screenshot('campaign-form');
    await page.getByRole('button', { name: 'Start 4 tasks' }).click();

    const table = page.locator('.campaign-table');
    await table.getByRole('button', { name: 'Completed' }).nth(3).waitFor();
    expect(await table.getByRole('row').filter({ hasText: 'UiO-66_primitive' }).count()).toBe(1);
    await page.locator('.campaign-panel .xy-plot canvas').waitFor();
    expect(await page.locator('.campaign-panel').textContent()).toMatch(/2\/2/);
    await opened.screenshot('campaign');
    expect(opened.complaints).toEqual([]);
  });
});
