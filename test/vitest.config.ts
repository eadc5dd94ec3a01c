import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/isolate.ts'],
    // Most tests wait most of the time, for processes and for servers that are slow on purpose.
    maxWorkers: 4,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    sequence: { shuffle: true },
    coverage: { provider: 'v8', include: ['src/**'] },
  },
})
