import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{contracts,worker,electron,renderer,build,bench,tests}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'out/**', 'tests/e2e/**', 'tests/parity/**'],
    testTimeout: 30_000,
    // A service is started in a hook; a machine that is busy with other things takes its time.
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
