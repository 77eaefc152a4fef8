import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/parity/**/*.test.ts'],
    // A test waits until its model has been made, one after another.
    testTimeout: 20 * 60_000,
    hookTimeout: 5 * 60_000,
    fileParallelism: false,
  },
});
