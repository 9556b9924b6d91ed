import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
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
const shipped = join(packageRoot(), 'operations')
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
  const operations = await loadOperations([shipped], schema, rules)
  const files = (await readdir(shipped, { recursive: true })).filter((file) => file.endsWith('.graphql'))
  expect([...operations.keys()].sort()).toEqual(files.map((file) => file.replace(/\.graphql$/, '')).sort())
  for (const { path, file, parameters } of operations.values()) {
    expect(file).toBe(`operations/${path}.graphql`)
    for (const { name, description } of parameters) expect(description, `${path}: ${name}`).toMatch(/^\S.*\.$/s)
  }
  expect([...operations.values()].some(({ parameters }) => parameters.length > 0)).toBe(true)
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
    'whose description of a variable is empty',
    `${head}# $of:\nquery A($of: String) { dailyRevenue(where: { source: { eq: $of } }) { nodes { source } } }`,
    /:4: \$of has no description/,
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
    /:3: .*one query with one field/,
  ],
  [
    'with a second field',
    `${head}query A {\n  dailyRevenue { nodes { source } }\n  campaignRoi { nodes { source } }\n}`,
    /:5: .*one query with one field/,
  ],
  [
    'with two fields of a fragment',
    `${head}query A { ...Two }\nfragment Two on Query {\n  dailyRevenue { nodes { source } }\n  campaignRoi { nodes { source } }\n}`,
    /:3: .*one query with one field/,
  ],
  ['with a mutation', `${head}\nmutation A { dailyRevenue { nodes { source } } }`, /:4: .*one query with one field/],
  [
    'with two queries',
    `${head}query A { dailyRevenue { nodes { source } } }\nquery B { dailyRevenue { nodes { source } } }`,
    /:4: The document must have exactly one operation/,
  ],
  [
    'with an edge',
    `${head}query A {\n  dailyRevenue {\n    nodes { source }\n    edges { cursor }\n  }\n}`,
    /:6: .*`edges`, which has no place in a table/,
  ],
  [
    'with a list in its rows',
    `${head}query A {\n  customerLifetimeValue {\n    nodes {\n      customerId\n      sales { nodes { saleId } }\n    }\n  }\n}`,
    /:7: .*the list `sales` inside of a row/,
  ],
  [
    'with two columns of one name',
    `${head}query A {\n  inventoryRisk {\n    nodes {\n      product { name: productName }\n      product_name: inventoryId\n    }\n  }\n}`,
    /:7: .*has two columns product_name/,
  ],
  ['without rows', `${head}query A {\n  dailyRevenue { totalCount }\n}`, /:4: .*must select the `nodes`/],
  [
    'that asks for what lists nothing',
    `${head}query A {\n  parity { equal }\n}`,
    /:4: The operation asks for parity, which lists no rows\.$/,
  ],
  [
    'that describes a variable of every operation',
    `${head}# $build: A build.\nquery A($build: String) { dailyRevenue(build: $build) { nodes { source } } }`,
    /:3: \$build means the same for every operation: take its description out/,
  ],
  [
    'that takes the key of the page for itself',
    `${head}query A {\n  dailyRevenue { nodes { source } goldgatePage: totalCount }\n}`,
    /:4: .*"goldgatePage" conflict/,
  ],
])('a file %s is refused with its place', async (_, source, message) => {
  await expect(load(source)).rejects.toThrow(message)
})

test('two files with one path are refused', async () => {
  const source = `${head}query A { dailyRevenue { nodes { source } } }`
  await expect(load(source, source)).rejects.toThrow(/1\.graphql:1: .*0\.graphql has the path some\/thing already/)
})

test('all files that are wrong are named, each with its place', async () => {
  const good = `${head}query A { dailyRevenue { nodes { source } } }`
  const unknown = `# path: b\n# B.\nquery B {\n  dailyRevenue { nodes { profit } }\n}`
  const message = await load(good, unknown, good, 'query C { dailyRevenue { nodes { source } } }').then(
    () => '',
    (error: Error) => error.message,
  )
  expect(message.split('\n')).toEqual([
    expect.stringMatching(/1\.graphql:4: Cannot query field "profit"/),
    expect.stringMatching(/2\.graphql:1: .*0\.graphql has the path/),
    expect.stringMatching(/3\.graphql:1: the file says no path/),
  ])
})
