import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/setup/longest-first.js'

export default defineConfig({
  // Of this run alone: one file in node_modules/ would be written by all that run beside one another.
  cacheDir: '.vitest/cache',
  resolve: {
    alias: [
      // Vite would take graphql's ES modules where Node takes CommonJS, and two copies of graphql do not know each other's types.
      { find: /^graphql$/, replacement: 'graphql/index.js' },
      {
        find: /^\.\/child-program\.js$/,
        replacement: fileURLToPath(new URL('tests/setup/compiled-child.ts', import.meta.url)),
      },
    ],
  },
  test: {
    include: ['**/*.test.ts'],
    // Those run with `npm run test:servers`.
    exclude: ['**/node_modules/**', 'dist/**', '.goldgate/**', '**/*.servers.test.ts'],
    globalSetup: ['tests/setup/global.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.vitest/results.json' }]] : ['default'],
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // A quarter of the time of two is spent waiting for processes that tests have started.
    maxWorkers: 3,
  },
})
