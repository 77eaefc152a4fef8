// The interactive documentation in a real browser: it works under the content security policy, and a request can be tried out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestService } from '../../worker/service/testing/test-service.ts';
import type { TestService } from '../../worker/service/testing/test-service.ts';
import { findChromium, openBrowser } from './support/browser.ts';

const chromium = findChromium();
if (chromium === null) process.stderr.write('The test of the documentation is skipped: no Chromium found.\n');

describe.skipIf(chromium === null)('the interactive documentation', () => {
  let running: TestService;

  beforeAll(async () => {
    running = await startTestService();
  });
  afterAll(async () => {
    await running.close();
  });

  test('it_lists_every_operation_and_tries_one_out_with_a_key', async () => {
    await using opened = await openBrowser(chromium ?? '', { locale: 'zh-CN' });
    const { page, complaints } = opened;
    await page.goto(`${running.client.url}/api/v1/docs`);
    await page.locator('#operations-tasks-listTasks').waitFor();
    const document = JSON.stringify(await (await running.client.fetch('/openapi.json')).json());
    const operations = document.match(/"operationId"/g) ?? [];
    expect(await page.locator('#api .opblock[id^="operations-"]').count()).toBeGreaterThanOrEqual(operations.length);
    await page.getByText('批量查询任务').waitFor();

    await page.locator('button.authorize').click();
    await page.locator('.auth-container input').fill(running.client.apiKey);
    await page.locator('.auth-btn-wrapper button.authorize').click();
    await page.locator('.btn-done').click();
    await page.locator('#operations-tasks-listTaskTypes .opblock-summary-control').click();
    await page.locator('#operations-tasks-listTaskTypes button.execute').click();
    const answer = page.locator('#operations-tasks-listTaskTypes .live-responses-table .response-col_status').last();
    await answer.waitFor();
    expect(await answer.textContent()).toContain('200');
    await opened.screenshot('api-documentation');
    expect(complaints).toEqual([]);
  });
});
