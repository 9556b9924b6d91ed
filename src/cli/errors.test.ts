import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import { SourceError } from '../../pipeline/sources/source-error.js'
import { createSchema } from '../../resolvers/index.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import { packageRoot } from '../../warehouses/package-root.js'
import { ConfigError } from '../config/errors.js'
import { loadOperations } from '../gateway/operations/load.js'
import { CliError, UsageError } from './cli.js'
import { errorDetails, errorText, exitCodeOf } from './errors.js'

test('an error is its code, what happened, and what to do next', () => {
  const text = errorText(new WarehouseError('WAREHOUSE_UNAVAILABLE', 'postgres', 'postgres does not answer'))
  expect(text).toMatch(/^WAREHOUSE_UNAVAILABLE: postgres does not answer\. Check the options of the warehouse/)
})

test('a mistake in a mapping names file, line and column', () => {
  const where = { source: 'shop', file: '/maps/shop/source.yaml', line: 4, position: 7 }
  expect(errorText(new SourceError('MAPPING_INVALID', 'entities: is missing', where))).toMatch(
    /^MAPPING_INVALID: \/maps\/shop\/source\.yaml:4:7: entities: is missing\. Correct the mapping/,
  )
})

test('a place that the message has already is not said twice', () => {
  const where = { source: 'shop', file: 'sales.csv' }
  const text = errorText(new SourceError('FILE_EMPTY', 'sales.csv of dataset sales is empty', where))
  expect(text.match(/sales\.csv/g)).toHaveLength(1)
})

test('a mistake in the folders of operations is one that is known', async () => {
  const schema = createSchema(goldModels)
  const folder = await mkdtemp(join(tmpdir(), 'operations '))
  const textOf = async (...folders: string[]) => loadOperations(folders, schema, []).then(() => 'none', errorText)
  expect(await textOf(join(folder, 'none'))).toMatch(
    /^OPERATIONS_FOLDER_MISSING: there is no folder .*none, .*gateway\.operations in goldgate\.yaml/,
  )
  await writeFile(join(folder, 'some.graphql'), '# path: some\n# Something.\n{ dailyRevenue { nodes { source } } }')
  expect(await textOf(folder)).toMatch(
    /^OPERATION_INVALID: .*some\.graphql:1: the query has no name.*Correct each file/,
  )
  await rm(folder, { recursive: true })
})

test('a refused connection is described by its parts', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })
  expect(errorText(new AggregateError([refused]))).toMatch(/^ECONNREFUSED: connect ECONNREFUSED 127\.0\.0\.1:1\. Check/)
})

test('an error nobody expected says where to look, without a stack trace', () => {
  const text = errorText(new TypeError('x is not a function'))
  expect(text).toMatch(/^UNEXPECTED: x is not a function\. .*GOLDGATE_DEBUG=1/)
  expect(text).not.toContain('at ')
  expect(errorDetails(new Error('outer', { cause: new Error('inner') }))).toMatch(/outer[\s\S]*Caused by: Error: inner/)
})

test('what was written wrongly is another exit code than what was not done', () => {
  expect(exitCodeOf(new UsageError('x'))).toBe(2)
  expect(exitCodeOf(new CliError('RUN_FAILED', 'x'))).toBe(1)
  expect(exitCodeOf(new ConfigError('CONFIG_INVALID', 'x'))).toBe(1)
})

test('docs/cli.md lists every code that a command ends with, and no other', () => {
  const read = (...path: string[]) => readFileSync(join(packageRoot(), ...path), 'utf8')
  const contracts = [
    'src/config/errors.ts',
    'src/embedded-postgres/errors.ts',
    'pipeline/bronze/object-store.ts',
    'pipeline/control/errors.ts',
    'pipeline/sources/source-error.ts',
    'warehouses/contract/errors.ts',
  ]
  const declared = contracts.flatMap((file) =>
    [...read(file).matchAll(/^ {2}\| '([A-Z_]+)'$/gm)].map(([, code]) => code),
  )
  const files = readdirSync(join(packageRoot(), 'src', 'cli'), { recursive: true, encoding: 'utf8' })
  const thrown = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [...read('src', 'cli', file).matchAll(/CliError\(\s*'([A-Z_]+)'/g)].map(([, code]) => code))
  expect(thrown).toContain('RUN_FAILED')
  const operations = ['OPERATION_INVALID', 'OPERATIONS_FOLDER_MISSING']
  const codes = new Set([
    ...declared,
    ...thrown,
    ...operations,
    'USAGE',
    'UNEXPECTED',
    'TEMPLATE_INVALID',
    'MODEL_INVALID',
  ])
  const listed = [...read('docs', 'cli.md').matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/[A-Z_]+/g) ?? [],
  )
  expect(listed.toSorted()).toEqual([...codes].toSorted())
})
