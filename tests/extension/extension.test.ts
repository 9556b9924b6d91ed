import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { buildSchema, type GraphQLOutputType, getNamedType, isLeafType, isObjectType } from 'graphql'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import { CheckoutCopy } from './checkout-copy.js'
import { checkOfEntity, extensions, generated } from './extensions.js'
import type { Ended } from './processes.js'
import { User } from './user.js'

/** What each extension did to the copy, before the next one. */
interface Applied {
  readonly added: string[]
  readonly changed: string[]
  readonly words: { readonly added: string[]; readonly removed: string[] }
}

let copy: CheckoutCopy
const applied = new Map<string, Applied>()
let generating: Ended[]
let regenerated: string[]
let compiled: Ended

beforeAll(async () => {
  copy = await CheckoutCopy.create()
  for (const { name, templates, touches } of extensions) {
    await copy.overlay(templates)
    if (touches) await copy.edit(touches.file, touches.edit)
    applied.set(name, await record())
  }
  await copy.edit(checkOfEntity.file, checkOfEntity.edit)
  applied.set('a check in an entity', await record())
  generating = await Promise.all(generated.scripts.map((script) => copy.run('tsx', script)))
  regenerated = (await copy.changes()).map(({ path }) => path)
  await copy.commit()
  compiled = await copy.run('tsc', '-p', 'tsconfig.json')
}, 300_000)
afterAll(() => copy?.remove())

/** Formats what was written, as a person would, and remembers it. */
async function record(): Promise<Applied> {
  const written = (await copy.changes()).map(({ path }) => path).filter((path) => path.endsWith('.ts'))
  if (written.length > 0) {
    const formatted = await copy.run('biome', 'check', '--write', '--error-on-warnings', ...written)
    expect(formatted, formatted.output).toMatchObject({ code: 0 })
  }
  const changes = await copy.changes()
  expect(changes.filter(({ kind }) => kind === 'deleted')).toEqual([])
  const of = (wanted: string) => changes.filter(({ kind }) => kind === wanted).map(({ path }) => path)
  const words = await copy.changedWords()
  await copy.commit()
  return { added: of('added'), changed: of('changed'), words }
}

describe.each(extensions)('$name', ({ name, writes, touches }) => {
  it('is written in its own place', () => {
    const added = applied.get(name)?.added ?? []
    expect(added.length).toBeGreaterThan(0)
    expect(added.filter((path) => !writes.test(path))).toEqual([])
  })

  it('touches nothing but its entry in one list', () => {
    const { changed, words } = applied.get(name) ?? {}
    expect(changed).toEqual(touches ? [touches.file] : [])
    expect(words?.removed).toEqual([])
    const added = (words?.added ?? []).flatMap((text) => text.match(/[\w./-]+/g) ?? [])
    const others = added.filter((word) => !['import', 'from'].includes(word) && touches?.names.test(word) !== true)
    expect(others).toEqual([])
    expect(added.some((word) => touches?.names.test(word))).toBe(touches !== undefined)
  })
})

it('a check of single rows is a line in an entity', async () => {
  expect(applied.get('a check in an entity')).toMatchObject({ added: [], changed: [checkOfEntity.file] })
  expect(await copy.read(checkOfEntity.file)).toContain(checkOfEntity.line)
})

it('generated files follow, and schema.graphql holds the new model', async () => {
  for (const { code, output } of generating) expect(code, output).toBe(0)
  expect(regenerated.sort()).toEqual(generated.files)
  const schema = await copy.read('schema.graphql')
  expect(schema).toMatch(/^type ReturnsByReason \{$/m)
  expect(schema).toMatch(/^ {2}returnsByReason\($/m)
  expect(await copy.read('sql/schemas/goldgate.schema.json')).toContain('postgres-schemas')
})

it('everything compiles', () => {
  expect(compiled.code, compiled.output).toBe(0)
})

it('the import rules hold, and no folders import each other in a circle', async () => {
  const rooms = ['src', 'resolvers', 'pipeline', 'warehouses', 'models']
  const files = await copy.run('depcruise', '--config', '.dependency-cruiser.cjs', ...rooms)
  expect(files.code, files.output).toBe(0)
  const folders = await copy.run('tsx', 'scripts/check-folder-cycles.ts')
  expect(folders.code, folders.output).toBe(0)
}, 300_000)

it('nothing new is unused', async () => {
  const { output } = await copy.run('knip')
  expect(output).not.toMatch(/gzip|postgres-schemas|returns-by-reason/)
}, 300_000)

it('the conformance suites and the tests of what was extended pass unedited', async () => {
  const database = process.env.GOLDGATE_TEST_POSTGRES ?? ''
  const tests = await copy.node(
    { GOLDGATE_TEST_POSTGRES: database },
    ...['node_modules/.bin/vitest', 'run', '--config', 'tests/extension/templates/vitest.config.mjs'],
  )
  expect(tests.code, tests.output).toBe(0)
  expect(existsSync(join(copy.folder, 'warehouses/adapters/postgres-schemas/conformance.test.ts'))).toBe(true)
}, 300_000)

describe('an installation of the new parts', () => {
  let user: User
  let ran: Ended
  beforeAll(async () => {
    user = await User.create(copy.folder)
    ran = await user.goldgate('run', '--run-id', 'r1', '--json')
  }, 120_000)
  afterAll(() => user?.remove())

  it('lands, builds and publishes both sources, the one from outside the checkout too', async () => {
    expect(ran.code, ran.output).toBe(0)
    const published = { buildId: 'r1', outcome: 'published', rows: { returns_by_reason: 8, daily_revenue: 14 } }
    expect(JSON.parse(ran.stdout)).toMatchObject({
      status: 'published',
      quarantine: [],
      warehouses: [
        { warehouse: 'schemas', ...published },
        { warehouse: 'duckdb', ...published },
      ],
    })
  })

  it('answers questions about the new model, and the same in both warehouses', async () => {
    const models = goldModelsOf(await copy.read('schema.graphql'))
    expect(models.size).toBe(goldModels.length + 1)
    const ask = (warehouse: string) =>
      [...models].map(
        ([model, fields]) =>
          `${warehouse}_${model}: ${model}(warehouse: "${warehouse}") { nodes { ${fields.join(' ')} } }`,
      )
    const { data = {}, errors } = await user.serving((each) =>
      each(`{ ${[...ask('schemas'), ...ask('duckdb')].join('\n')} }`),
    )
    expect(errors).toBeUndefined()
    for (const model of models.keys()) expect(data[`schemas_${model}`], model).toEqual(data[`duckdb_${model}`])
    const reasons = (source: string) => [
      { source, returnReason: 'changed mind', returnCount: 1, refundTotal: '1000.00', averageRefund: '1000.00' },
      { source, returnReason: 'not stated', returnCount: 1, refundTotal: '12.30', averageRefund: '12.30' },
      { source, returnReason: 'damaged', returnCount: 2, refundTotal: '9.90', averageRefund: '4.95' },
      { source, returnReason: '?', returnCount: 1, refundTotal: '5.00', averageRefund: '5.00' },
    ]
    const nodes = data.schemas_returnsByReason?.nodes ?? []
    expect(nodes).toHaveLength(8)
    expect(nodes).toEqual(expect.arrayContaining([...reasons('acme'), ...reasons('acme-north')]))
    const units = (data.schemas_productSalesPerformance?.nodes ?? []).filter((row) => Object(row).productId === '0101')
    expect(units).toEqual(
      ['acme', 'acme-north'].map((source) =>
        expect.objectContaining({ source, productName: 'Rührschüssel; groß', unitsSold: 2 }),
      ),
    )
  })

  it('asks the new checks', async () => {
    const client = new pg.Client({ connectionString: user.control.url })
    await client.connect()
    const sql = `SELECT DISTINCT name, status, violations::int FROM goldgate_control.check_results
      WHERE name LIKE '%reason%' ORDER BY name`
    const { rows } = await client.query(sql).finally(() => client.end())
    expect(rows).toEqual([
      { name: 'gold.returns_by_reason.grain', status: 'passed', violations: 0 },
      { name: 'gold.returns_by_reason.required', status: 'passed', violations: 0 },
      { name: 'gold.returns_by_reason.row.returns_counted', status: 'passed', violations: 0 },
      { name: 'parity.returns_by_reason', status: 'passed', violations: 0 },
      { name: 'returns_of_reasons', status: 'passed', violations: 0 },
      { name: 'silver.returns.row.reason_legible', status: 'failed', violations: 2 },
    ])
  })

  it('keeps every object compressed, and nothing it unpacked', async () => {
    const objects = await readdir(join(user.folder, '.goldgate', 'objects'), { recursive: true, withFileTypes: true })
    const files = objects.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    expect(files.some((file) => file.endsWith('.parquet'))).toBe(true)
    for (const file of files) expect(gunzipSync(await readFile(file)).length).toBeGreaterThan(0)
    expect(await readdir(join(user.folder, '.goldgate', 'work')).catch(() => [])).toEqual([])
  })

  it('finds nothing to do a second time', async () => {
    const again = await user.goldgate('run', '--json')
    expect(JSON.parse(again.stdout), again.output).toMatchObject({ status: 'unchanged' })
  })
})

/** Fields that need no arguments, by the query field of their model. */
function goldModelsOf(schema: string): Map<string, string[]> {
  const queries = Object.values(buildSchema(schema).getQueryType()?.getFields() ?? {})
  return new Map(
    queries
      // Groups are of the same models.
      .filter(({ args }) => !args.some((arg) => arg.name === 'having'))
      .map(({ name, type }) => [name, columnsOf(type)] as const)
      .filter(([, columns]) => columns.length > 0),
  )
}

function columnsOf(connection: GraphQLOutputType): string[] {
  const named = getNamedType(connection)
  const rows = isObjectType(named) ? getNamedType(named.getFields().nodes?.type) : undefined
  const fields = isObjectType(rows) ? Object.values(rows.getFields()) : []
  // Others are relations.
  return fields.filter(({ type }) => isLeafType(getNamedType(type))).map(({ name }) => name)
}
