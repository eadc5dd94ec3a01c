import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/isolate.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    sequence: { shuffle: true },
    coverage: { provider: 'v8', include: ['src/**'] },
  },
})
