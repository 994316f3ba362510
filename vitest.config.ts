import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Processes, not threads: an embedded database blocks its own event loop, and its memory goes with its process.
    pool: 'forks',
    maxWorkers: 2,
    // Files share what their process has loaded, which saves a quarter of the time; none of them mocks a module or keeps state in one.
    isolate: false,
    watch: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
