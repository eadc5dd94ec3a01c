import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: [],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { shuffle: true },
    coverage: { provider: 'v8', include: ['src/**'] },
  },
})
