/** For the extended copy of the checkout: its suites of the new parts, on the PostgreSQL of the test run that made the copy. */
export default {
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: [
      'warehouses/adapters/postgres-schemas/*.test.ts',
      'warehouses/adapters/registry.test.ts',
      'pipeline/bronze/stores/gzip.test.ts',
      'pipeline/quality/check-files.test.ts',
      'models/**/*.test.ts',
      'resolvers/factory/*.test.ts',
      'scripts/*.test.ts',
      'src/config/packaged.test.ts',
    ],
    testTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
}
