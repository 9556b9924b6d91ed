import { defineConfig } from 'vitest/config'
import base from './vitest.config.js'

/** `npm run test:servers`: tests against real servers of S3, GCS and BigQuery, which need more on the machine than npm installs. */
export default defineConfig({
  ...base,
  cacheDir: '.vitest/cache-servers',
  test: {
    ...base.test,
    // The server of BigQuery does one thing at a time.
    maxWorkers: 2,
    include: ['**/*.servers.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '.goldgate/**'],
    globalSetup: ['tests/setup/global.ts', 'tests/setup/servers.ts'],
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.vitest/servers.json' }]] : ['default'],
  },
})
