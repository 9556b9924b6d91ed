import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goldModels } from '../../../models/gold/index.js'
import { createSchema, defaultLimits } from '../../../resolvers/index.js'
import { packageRoot } from '../../../warehouses/package-root.js'
import { rulesOf } from '../questions/rules.js'
import { loadOperations } from './load.js'

const schema = createSchema(goldModels)
const rules = rulesOf(defaultLimits, { introspection: true })
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'operations '))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const load = async (...sources: readonly string[]) => {
  const own = await mkdtemp(join(folder, 'case '))
  for (const [i, source] of sources.entries()) await writeFile(join(own, `${i}.graphql`), source)
  return loadOperations([own], schema, rules)
}
const head = '# path: some/thing\n# What it answers.\n'

test('every operation that comes along fits the schema, has a path of its own and describes its parameters', async () => {
  const operations = await loadOperations([join(packageRoot(), 'operations')], schema, rules)
  expect(operations.size).toBeGreaterThanOrEqual(17)
  for (const { path, file } of operations.values()) expect(file).toBe(`operations/${path}.graphql`)
})

test('a file is an endpoint: its path, description, parameters and columns', async () => {
  const operations = await load(
    `${head}# $of: Sources.\nquery Thing($of: [String!]!) { dailyRevenue(where: { source: { in: $of } }) { nodes { day: revenueDate netRevenue } } }`,
  )
  const operation = operations.get('some/thing')
  expect(operation).toMatchObject({ name: 'Thing', description: 'What it answers.' })
  expect(operation?.parameters).toMatchObject([{ name: 'of', list: true, required: true, description: 'Sources.' }])
  expect(operation?.plan.columns.map(({ name, type }) => [name, type.kind])).toEqual([
    ['day', 'date'],
    ['netRevenue', 'decimal'],
  ])
})

test.each([
  ['without a path', 'query A { dailyRevenue { nodes { source } } }', /0\.graphql:1: the file says no path/],
  [
    'with a path of other letters',
    '# path: A/b\n# x\nquery A { dailyRevenue { nodes { source } } }',
    /:1: the path "A\/b"/,
  ],
  ['without a description', '# path: a\nquery A { dailyRevenue { nodes { source } } }', /:1: .*what it answers/],
  ['without a name', `${head}{ dailyRevenue { nodes { source } } }`, /:1: the query has no name/],
  [
    'with an unknown field',
    `${head}query A {\n  dailyRevenue {\n    nodes { profit }\n  }\n}`,
    /:5: Cannot query field "profit"/,
  ],
  ['that is no GraphQL', `${head}query A {\n  dailyRevenue {`, /:4: Syntax Error/],
  [
    'with an undescribed variable',
    `${head}query A($of: String) { dailyRevenue(where: { source: { eq: $of } }) { nodes { source } } }`,
    /:3: \$of has no description/,
  ],
  [
    'that describes what is not there',
    `${head}# $of: x\nquery A { dailyRevenue { nodes { source } } }`,
    /:3: the query has no variable \$of/,
  ],
  [
    'with an object as a parameter',
    `${head}# $w: x\nquery A($w: DailyRevenueWhere) { dailyRevenue(where: $w) { nodes { source } } }`,
    /:4: .*`w` must be a scalar/,
  ],
  [
    'with a reserved name',
    `${head}# $bom: x\nquery A($bom: String) { dailyRevenue(where: { source: { eq: $bom } }) { nodes { source } } }`,
    /:4: \$bom means the same/,
  ],
  [
    'with two fields',
    `${head}query A { dailyRevenue { nodes { source } } campaignRoi { nodes { source } } }`,
    /one query with one field/,
  ],
  ['with a mutation', `${head}mutation A { dailyRevenue { nodes { source } } }`, /one query with one field/],
  [
    'with an edge',
    `${head}query A { dailyRevenue { nodes { source } edges { cursor } } }`,
    /`edges`, which has no place in a table/,
  ],
])('a file %s is refused with its place', async (_, source, message) => {
  await expect(load(source)).rejects.toThrow(message)
})

test('two files with one path are refused', async () => {
  const source = `${head}query A { dailyRevenue { nodes { source } } }`
  await expect(load(source, source)).rejects.toThrow(/1\.graphql:1: .*0\.graphql has the path some\/thing already/)
})
