// One service for all tests of a file.
import { afterAll } from 'vitest';
import { TestClient, startTestService } from './test-service.ts';
import type { TestService, TestServiceOptions } from './test-service.ts';

/** Awaited at the top of a test file; it ends with it. `client` is the window's session: limits of rate have their own tests. */
export async function serviceOfFile(
  options: TestServiceOptions = {},
): Promise<{ running: TestService; client: TestClient }> {
  const running = await startTestService(options);
  afterAll(() => running.close());
  return { running, client: new TestClient(running.client.url, running.service.createSessionToken()) };
}
