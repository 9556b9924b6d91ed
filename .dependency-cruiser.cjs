/** The arrows of the house: who may import whom. Each rule reads as a sentence. */
const tests = '\\.test\\.ts$'
/** What is delivered, from the top down. */
const product = ['src', 'resolvers', 'pipeline', 'warehouses', 'models']

/** A room may import from the rooms listed (and from itself and packages), not from any other. */
const mayImportOnly = (room, rooms) => ({
  name: `${room}-imports-only-${rooms.join('-') || 'nothing'}`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: tests },
  to: {
    path: '^(src|resolvers|pipeline|warehouses|models|tests|bench|scripts)/',
    pathNot: `^(${[room, ...rooms].join('|')})/`,
  },
})

module.exports = {
  forbidden: [
    mayImportOnly('models', []),
    mayImportOnly('warehouses', ['models']),
    mayImportOnly('pipeline', ['warehouses', 'models']),
    mayImportOnly('resolvers', ['warehouses', 'models']),
    mayImportOnly('src', product.slice(1)),
    mayImportOnly('scripts', product),
    mayImportOnly('tests', [...product, 'scripts']),
    {
      name: 'nothing-imports-a-benchmark',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'models-import-no-package',
      comment: 'Declarations are plain data.',
      severity: 'error',
      from: { path: '^models/', pathNot: tests },
      to: { dependencyTypesNot: ['local', 'undetermined', 'type-only'] },
    },
    {
      name: 'adapters-do-not-know-each-other',
      severity: 'error',
      from: { path: '^warehouses/adapters/([^/]+)/' },
      to: { path: '^warehouses/adapters/', pathNot: '^warehouses/adapters/$1/' },
    },
    {
      name: 'only-the-registry-and-src-name-an-adapter',
      severity: 'error',
      from: { pathNot: ['^warehouses/adapters/', tests, '^(tests|bench|scripts)/'] },
      to: { path: '^warehouses/adapters/(?!registry\\.ts$)' },
    },
    {
      name: 'the-pipeline-never-loads-graphql',
      severity: 'error',
      from: { path: '^(pipeline|warehouses|models)/' },
      to: { path: 'node_modules/(graphql|type-graphql|@apollo)' },
    },
    { name: 'no-cycle-of-files', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'everything-resolves',
      comment: 'Servers to compare with have packages of their own; a process of a test runs what was compiled.',
      severity: 'error',
      from: { pathNot: ['^bench/servers/(mercurius|postgraphile)/', '^tests/stores/upload-child\\.mjs$'] },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
