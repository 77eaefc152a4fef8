// The models in the window: what there is, how one is got, and a file that is none.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressWithKey, dropFiles } from './support/browser.ts';
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

describe.skipIf(obstacle !== null)('models in the window', () => {
  test('what_is_not_here_is_listed_with_its_licence_and_where_it_is_offered', async () => {
    await using opened = await open({ locale: 'zh-CN' });
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/models'));
    const published = page.locator('.model-table tr', { hasText: 'MACE-MPA-0 medium' });
    await published.getByText('推荐').waitFor();
    expect(await published.textContent()).toContain('MIT');
    expect(await published.getByRole('link').getAttribute('href')).toMatch(/^https:\/\/github\.com\/ACEsuit\//);
    await page.getByText('通用力场').waitFor();
    await opened.screenshot('models');
    expect(opened.complaints).toEqual([]);
  });

  test('a_file_that_is_no_checkpoint_is_refused_in_words', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.goto(addressWithKey(service.url, '/'));
    await page.getByRole('button', { name: 'Models' }).waitFor();
    await dropFiles(page, { name: 'mine.model', text: 'this is no checkpoint' });
    await page.getByText('mine.model was not imported').waitFor();
    expect(page.url()).toContain('#/models');
    await opened.screenshot('model-refused');
  });
});
