import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import type { GoldColumn, GoldModel } from '../../models/types.js'
import {
  type Claims,
  defaultLimits,
  fieldOf,
  type Limits,
  Role,
  type RoleDefinition,
  rowsFieldOf,
} from '../../resolvers/index.js'
import { type Relation, relationsOf } from '../../resolvers/relations/relations.js'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { type GoldRows, writeBuild } from '../../tests/fixtures/gateway/gold-rows.js'
import { madeRows } from '../../tests/fixtures/gateway/made-rows.js'
import type { Row } from '../../warehouses/contract/values.js'
import { type FormatName, formatNames } from './operations/formats/format.js'

const products = Array.from({ length: 18 }, (_, i) => `k${String(i).padStart(3, '0')}`)
const withoutCountry = goldModels.filter(({ columns }) => !columns.some(({ name }) => name === 'country'))

const limited = (name: string, limits: Partial<Limits>): RoleDefinition => ({ name, rows: {}, hide: [], limits })
const roles: RoleDefinition[] = [
  { name: 'demo', rows: { source: { in: ['demo'] } }, hide: ['email', 'customer_name', 'net_revenue'], limits: {} },
  // Relations lead from rows that it may read to others that it may not.
  {
    name: 'countries',
    rows: {
      country: { in: '$claims.countries', visibleWithout: withoutCountry.map(({ name }) => name) },
      'product_sales_performance.product_id': { in: products },
    },
    hide: ['country', 'customer_lifetime_value.total_spent'],
    limits: {},
  },
  {
    name: 'few_models',
    rows: { country: { in: '$claims.countries', visibleWithout: ['daily_revenue', 'executive_kpis'] } },
    hide: ['country', 'customer_lifetime_value.total_spent'],
    limits: {},
  },
  { name: 'all_columns', rows: { source: { in: ['demo'] } }, hide: [], limits: {} },
  { name: 'whole', rows: {}, hide: [], limits: { maxPageSize: 10, statementTimeoutMs: 20_000 } },
  limited('flat', { depth: 3 }),
  limited('plain', { aliases: 3 }),
  limited('slim', { fields: 8 }),
  limited('alone', { relatedRows: 12 }),
  limited('hasty', { statementTimeoutMs: 100 }),
]
const claims: Claims = { countries: ['AT', 'FR'] }

/** What each role may read, by hand. */
const may: Readonly<Record<string, (row: Row, model: string) => boolean>> = {
  demo: ({ source }) => source === 'demo',
  countries: (row, model) =>
    (!('country' in row) || row.country === 'AT' || row.country === 'FR') &&
    (model !== 'product_sales_performance' || products.includes(String(row.product_id))),
}
/** All rows; and for each role a build of its own that holds nothing but the rows it may read. */
const all = { buildId: 'all', tag: 'all_1' }
const byHand = (role: string) => ({ buildId: `hand_${role}`, tag: `hand_${role}_1` })

let warehouses: TestWarehouses
let gateway: TestGateway
let given: Claims = claims

// A credential is the name of a role here.
const verify = async (role: string) => ({ name: 'somebody', roles: [role], claims: given })
const authentication = { verifiers: [{ takes: () => true, verify }] }

beforeAll(async () => {
  warehouses = await openTestWarehouses()
  const rows: GoldRows = Object.fromEntries(goldModels.map((model) => [model.name, madeRows(model)]))
  const kept = (keep: (row: Row, model: string) => boolean): GoldRows =>
    Object.fromEntries(Object.entries(rows).map(([model, of]) => [model, of.filter((row) => keep(row, model))]))
  const names = warehouses.both
  gateway = new TestGateway(names)
  for (const [name, warehouse] of names) {
    await writeBuild(warehouse, all, rows)
    for (const [role, keep] of Object.entries(may)) {
      await writeBuild(warehouse, byHand(role), kept(keep))
      gateway.catalog.publish(name, byHand(role))
    }
  }
  const limits = { aliases: 500, fields: 20_000, rootFields: 100, tokens: 100_000 }
  await gateway.start({
    cache: { megabytes: 16 },
    roles,
    limits,
    operations: [join(import.meta.dirname, '../../operations')],
    authentication,
    metrics: true,
  })
})
beforeEach(() => {
  given = claims
  gateway.reset()
  for (const name of gateway.warehouses.keys())
    gateway.catalog.publish(name, all, { dataThrough: { demo: '2024-05-31', other: '2024-02-01' } })
})
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const ask = (role: string, query: string, variables?: Record<string, unknown>) =>
  gateway.ask(query, variables, { 'x-api-key': role })
const exportBy = (role: string, payload: object, { gateway: { app } } = gateway) =>
  app.inject({ method: 'POST', url: '/export', headers: { 'x-api-key': role }, payload })
async function dataOf(role: string, query: string, variables?: Record<string, unknown>) {
  const { body, text } = await ask(role, query, variables)
  if (body.errors) throw new Error(text)
  return body.data
}
const codesOf = async (role: string, query: string, variables?: Record<string, unknown>) =>
  ((await ask(role, query, variables)).body.errors ?? []).map(({ extensions }) => extensions.code)

const roleOf = (name: string): Role => {
  const definition = roles.find((role) => role.name === name)
  if (!definition) throw new Error(name)
  return new Role(definition, goldModels, defaultLimits)
}
const seenBy = (role: string): readonly GoldModel[] => roleOf(role).models

/** Everything that can be asked of a model, of all its columns, in one request. `place` goes into each field. */
function everything(model: GoldModel, place: string, models: readonly GoldModel[]): string {
  const field = rowsFieldOf(model)
  const dimensions = model.columns.filter(({ role }) => role === 'dimension')
  const dates = dimensions.filter(({ type }) => type.kind === 'date').map(fieldOf)
  const texts = dimensions
    .filter(({ type, name }) => type.kind === 'text' && name !== 'source')
    .map(fieldOf)
    .slice(0, 4)
  const [date = undefined] = dates
  const grouped = model.columns.filter((column) => column.role === 'measure' && column.adds.how !== 'rowOnly')
  const measures = grouped.map(fieldOf).join(' ')
  const added = grouped.filter((column) => column.role === 'measure' && column.adds.how === 'sum')
  const [having] = added
  const sums = added.map(fieldOf)
  const shares = sums.map((sum) => `${sum}Share: ${sum}(as: SHARE)`).join(' ')
  const running = sums.map((sum) => `${sum}Running: ${sum}(as: RUNNING)`).join(' ')
  const columns = model.columns.map(fieldOf).join(' ')
  const page = `pageInfo { hasNextPage hasPreviousPage } totalCount`
  const wide = `where: { or: [{ source: { eq: "other" } }, { source: { ne: "demo" } }, { source: { startsWith: "" } }] }`
  const by = (name: string, args: string, shown: string) =>
    `${name}: ${field}By(first: 100, ${args} ${place}) { nodes { ${shown} } totals { ${measures} } ${page} }`
  return `{
    ${everyRelation(model, place, models)}
    rows: ${field}(first: 100, ${place}) { nodes { ${columns} } edges { node { source } } ${page} }
    last: ${field}(last: 3, ${place}) { nodes { ${columns} } ${page} }
    escape: ${field}(first: 100, ${wide}, ${place}) { nodes { ${columns} } ${page} }
    none: ${field}(first: 100, where: { not: { source: { isNull: false } } }, ${place}) { nodes { source } ${page} }
    count: ${field}(${place}) { totalCount }
    ${by('total', '', measures)}
    ${by('bySource', '', `source ${measures} ${shares}`)}
    ${by('escaping', `${wide},`, `source ${measures} ${shares}`)}
    ${texts.map((text) => by(`by_${text}`, '', `${text} ${measures} ${shares}`)).join('\n')}
    ${having === undefined ? '' : by('having', `having: { ${fieldOf(having)}: { gt: ${having.type.kind === 'integer' ? 1 : '"1"'} } },`, `source ${fieldOf(having)}`)}
    ${
      date === undefined
        ? ''
        : `${by('months', '', `source ${date}(grain: MONTH) ${measures} ${running}`)}
           ${by('filled', 'fill: true,', `${date}(grain: MONTH) ${measures} ${running}`)}
           ${by('compared', 'compareTo: { months: 1 },', `${date}(grain: MONTH) ${measures} previous { ${measures} } change { ${changing(grouped)} }`)}`
    }
  }`
}

const everyRelation = (model: GoldModel, place: string, models: readonly GoldModel[]): string =>
  `related: ${rowsFieldOf(model)}(first: 36, ${place}) { nodes { source ${relationsOf(model, models).map(related).join(' ')} } }`

const groupedFields = ({ columns }: GoldModel): string =>
  columns
    .flatMap((column) => (column.role === 'measure' && column.adds.how !== 'rowOnly' ? fieldOf(column) : []))
    .join(' ')

/** What a relation shows. */
function related({ kind, field, model }: Relation): string {
  const columns = model.columns.map(fieldOf).join(' ')
  if (kind === 'one') return `${field} { ${columns} }`
  if (kind === 'total') return `${field} { ${groupedFields(model)} }`
  return `${field}(first: 2) { nodes { ${columns} } totalCount pageInfo { hasNextPage } }`
}

/** What an export may show beside a row: the rows it leads to and their totals, and its own. */
function besideRow(model: GoldModel, models: readonly GoldModel[]): string {
  const totals = (of: GoldModel) => relationsOf(of, models).filter(({ kind }) => kind === 'total')
  const ones = relationsOf(model, models).filter(({ kind }) => kind === 'one')
  const rows = ones.map(
    ({ field, model: to }) => `${field} { ${to.columns.map(fieldOf).join(' ')} ${totals(to).map(related).join(' ')} }`,
  )
  return [...rows, ...totals(model).map(related)].join(' ')
}

const changing = (columns: readonly GoldColumn[]): string =>
  columns
    .filter(({ type }) => type.kind === 'integer' || type.kind === 'decimal')
    .map(fieldOf)
    .join(' ')

const engines = ['duckdb', 'postgres'] as const
const places = engines.map((name) => `warehouse: "${name}"`)

/** The table of an answer, without what names its build. */
function tableOf(format: FormatName, { statusCode, body, rawPayload }: Awaited<ReturnType<typeof exportBy>>): unknown {
  expect([statusCode, body.slice(0, 300)]).toEqual([200, expect.any(String)])
  if (format === 'arrow') return tableFromIPC(rawPayload).toArray().map(String)
  if (format !== 'json') return body
  const { rows, totals, truncated } = JSON.parse(body)
  return { rows, totals, truncated }
}

const exported = async (role: string, asked: { query: string; format: FormatName; warehouse: string; build: string }) =>
  tableOf(asked.format, await exportBy(role, asked.format === 'json' ? { ...asked, limit: 100 } : asked))

describe.each(Object.keys(may))('the role %s', (role) => {
  test.each(seenBy(role).map((model) => [model.name, model] as const))(
    'is answered of %s as if the rows it may not read were not there',
    async (_, model) => {
      const models = seenBy(role)
      const ruled = roleOf(role).views.get(model.name)?.rules.length !== 0
      const question = (place: string) =>
        ruled ? everything(model, place, models) : `{ ${everyRelation(model, place, models)} }`
      for (const place of places) {
        const expected = await dataOf('unrestricted', question(`${place}, build: "${byHand(role).buildId}"`))
        expect(await dataOf(role, question(place))).toEqual(expected)
        // A build that is named is no way around.
        if (place === places[0]) expect(await dataOf(role, question(`${place}, build: "all"`))).toEqual(expected)
      }
    },
  )

  test.each(engines)('pages through its own rows in %s, and takes no cursor of who reads others', async (engine) => {
    const [ruled] = [...roleOf(role).views.values()].filter(({ rules }) => rules.length > 0)
    if (!ruled) throw new Error(role)
    const { model } = ruled
    const field = rowsFieldOf(model)
    const place = `warehouse: "${engine}"`
    const key = model.grain.map(fieldOf).join(' ')
    const page = `query ($after: String) { list: ${field}(first: 4, after: $after, ${place}) { nodes { ${key} } pageInfo { hasNextPage endCursor } } }`
    type Page = { list: { nodes: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string } } }
    const nodes: unknown[] = []
    let after: string | null = null
    do {
      const { list } = (await dataOf(role, page, { after })) as Page
      nodes.push(...list.nodes)
      after = list.pageInfo.hasNextPage ? list.pageInfo.endCursor : null
    } while (after !== null)
    const whole = `{ list: ${field}(first: 100, ${place}, build: "${byHand(role).buildId}") { nodes { ${key} } } }`
    expect(nodes).toEqual(((await dataOf('unrestricted', whole)) as Page).list.nodes)

    const { list: foreign } = (await dataOf('unrestricted', page)) as Page
    expect(await codesOf(role, page, { after: foreign.pageInfo.endCursor })).toEqual(['CURSOR_MISMATCH'])
  })

  test.each(engines)('exports its own rows and groups from %s, and no others', async (warehouse) => {
    for (const { model, rules } of roleOf(role).views.values()) {
      if (rules.length === 0) continue
      const seen = seenBy(role).find(({ name }) => name === model.name)
      const rows = `{ ${rowsFieldOf(model)} { nodes { ${seen?.columns.map(fieldOf).join(' ')} } } }`
      const groups = `{ ${rowsFieldOf(model)}By { nodes { source ${seen ? groupedFields(seen) : ''} } } }`
      for (const query of [rows, groups]) {
        const asked = { query, warehouse, format: 'csv' } as const
        const expected = await exported('unrestricted', { ...asked, build: byHand(role).buildId })
        expect(await exported(role, { ...asked, build: 'all' })).toEqual(expected)
        expect(await exported('unrestricted', { ...asked, build: 'all' })).not.toEqual(expected)
      }
    }
  })

  test.each(formatNames)('exports beside its rows only what it may read, in %s', async (format) => {
    const models = seenBy(role)
    const exportable = models.filter((model) => besideRow(model, models) !== '')
    expect(exportable.length).toBeGreaterThanOrEqual(4)
    for (const model of exportable)
      for (const warehouse of engines) {
        const query = `{ ${rowsFieldOf(model)} { nodes { source ${besideRow(model, models)} } } }`
        const asked = { query, warehouse, format }
        const expected = await exported('unrestricted', { ...asked, build: byHand(role).buildId })
        expect(await exported(role, { ...asked, build: 'all' })).toEqual(expected)
        expect(await exported('unrestricted', { ...asked, build: 'all' })).not.toEqual(expected)
      }
  })

  test('may not ask what is told of all rows', async () => {
    expect(await codesOf(role, '{ parity { equal } }')).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })
})

test.each(Object.keys(may))(
  'the relations that are compared lead somewhere for %s, each kind of them',
  async (role) => {
    const models = seenBy(role)
    const found = new Set<string>()
    for (const model of models) {
      const relations = relationsOf(model, models)
      if (relations.length === 0) continue
      const query = `{ list: ${rowsFieldOf(model)}(first: 36) { nodes { ${relations.map(related).join(' ')} } } }`
      const { list } = (await dataOf(role, query)) as {
        list: { nodes: Record<string, { totalCount?: number } | null>[] }
      }
      for (const node of list.nodes)
        for (const { field, kind } of relations) if (node[field] && node[field].totalCount !== 0) found.add(kind)
    }
    expect([...found].sort()).toEqual(['many', 'one', 'total'])
  },
)

describe.each(engines)('stored operations from %s', (engine) => {
  /** Without these there is nothing to compare. */
  const parameters: Readonly<Record<string, string>> = {
    'customers/inactive': 'since=2030-01-01T00:00:00Z',
    'products/returns': 'min_order_lines=1',
  }
  const get = (role: string, url: string) => gateway.gateway.app.inject({ url, headers: { 'x-api-key': role } })

  test.each(formatNames)('hold in %s no rows that a role may not read', async (format) => {
    const { operations } = (await get('all_columns', '/api/v1/')).json().errors[0].extensions
    expect(operations).toEqual((await get('unrestricted', '/api/v1/')).json().errors[0].extensions.operations)
    expect(operations.length).toBeGreaterThanOrEqual(28)
    for (const path of operations) {
      const url = `/api/v1/${path}.${format}?warehouse=${engine}&${parameters[path] ?? ''}`
      const expected = tableOf(format, await get('unrestricted', `${url}&build=${byHand('demo').buildId}`))
      expect([path, tableOf(format, await get('all_columns', url))]).toEqual([path, expected])
      expect([path, tableOf(format, await get('unrestricted', url))]).not.toEqual([path, expected])
    }
  })
})

describe('what a role does not see', () => {
  type Named = { name: string; fields?: Named[]; inputFields?: Named[]; enumValues?: Named[] }
  const introspection = `{ __schema { queryType { fields { name } } types { name
    fields { name } inputFields { name } enumValues { name } } } }`
  const schemaOf = async (role: string) =>
    ((await dataOf(role, introspection)) as { __schema: { queryType: { fields: Named[] }; types: Named[] } }).__schema

  test('is in no type, input or list of its introspection', async () => {
    const { types } = await schemaOf('demo')
    const names = types.flatMap(({ fields, inputFields, enumValues }) =>
      [...(fields ?? []), ...(inputFields ?? []), ...(enumValues ?? [])].map(({ name }) => name),
    )
    for (const hidden of ['email', 'EMAIL', 'customerName', 'CUSTOMER_NAME', 'netRevenue', 'NET_REVENUE'])
      expect(names).not.toContain(hidden)
    expect(names).toEqual(expect.arrayContaining(['city', 'CITY', 'grossRevenue', 'GROSS_REVENUE']))
    // Others see them.
    const whole = JSON.stringify(await schemaOf('unrestricted'))
    for (const shown of ['email', 'EMAIL', 'netRevenue']) expect(whole).toContain(`"${shown}"`)
  })

  test('is in no description of what it sees, nor in the OpenAPI document', async () => {
    // Everything that a description may stand at.
    const described = `{ __schema { types { name description fields { description args { description } } inputFields { description }
      enumValues { description } } } }`
    const sees = async (role: string) => {
      const openapi = await gateway.gateway.app.inject({ url: '/openapi.json', headers: { 'x-api-key': role } })
      const { __schema } = (await dataOf(role, described)) as { __schema: { types: { name: string }[] } }
      return { types: __schema.types, openapi: openapi.body, text: JSON.stringify(__schema) }
    }
    const [whole, demo, few] = [await sees('unrestricted'), await sees('demo'), await sees('few_models')]
    // Formulas of others name it.
    expect(whole.text.match(/\bnetRevenue\b/g)?.length).toBeGreaterThan(2)
    expect(whole.openapi).toMatch(/\bnetRevenue\b/)
    const hidden = /\b(netRevenue|net_revenue|NET_REVENUE|customerName|customer_name|email)\b/
    expect(demo.text.match(hidden)).toBe(null)
    expect(demo.openapi).toContain('/api/v1/')
    expect(JSON.stringify(JSON.parse(demo.openapi).paths).match(/"description":"[^"]*netRevenue/)).toBe(null)
    // A column that one model hides may be spoken of where another shows it.
    const own = few.types.filter(({ name }) => name.startsWith('CustomerLifetimeValue'))
    expect(JSON.stringify(own)).not.toMatch(/\b(totalSpent|total_spent)\b/)
    expect(few.text.match(/inventory_risk|InventoryRisk|inventoryRisk/)).toBe(null)
    // Of what is left nothing is lost.
    expect(demo.text.includes('Days with neither a sale nor a return have no row.')).toBe(true)
  })

  test('is no model that lacks the dimension of a rule, but for those that were excepted', async () => {
    const { queryType, types } = await schemaOf('few_models')
    const fields = queryType.fields.map(({ name }) => name)
    const visible = goldModels.filter(({ columns }) => columns.some(({ name }) => name === 'country'))
    const expected = [...visible.map(({ name }) => name), 'daily_revenue', 'executive_kpis']
    expect(fields.sort()).toEqual(
      goldModels
        .filter(({ name }) => expected.includes(name))
        .flatMap((model) => [rowsFieldOf(model), `${rowsFieldOf(model)}By`])
        .sort(),
    )
    expect(types.map(({ name }) => name).filter((name) => name.startsWith('InventoryRisk'))).toEqual([])
  })

  test.each([
    ['a field', '{ customerLifetimeValue { nodes { email } } }'],
    ['a field of groups', '{ customerLifetimeValueBy { nodes { email } } }'],
    ['a condition', '{ customerLifetimeValue(where: { email: { startsWith: "a" } }) { totalCount } }'],
    ['an order', '{ customerLifetimeValue(orderBy: [{ field: EMAIL }]) { totalCount } }'],
    ['an order of groups', '{ dailyRevenueBy(orderBy: [{ field: NET_REVENUE }]) { totalCount } }'],
    ['a condition on groups', '{ dailyRevenueBy(having: { netRevenue: { gt: "1" } }) { totalCount } }'],
    ['a total', '{ dailyRevenueBy { totals { netRevenue } } }'],
    [
      'a change',
      '{ dailyRevenueBy(compareTo: { years: 1 }) { nodes { revenueDate(grain: YEAR) change { netRevenue } } } }',
    ],
    [
      'a field of a fragment',
      'fragment F on CustomerLifetimeValue { email } { customerLifetimeValue { nodes { ...F } } }',
    ],
  ])('cannot be asked for as %s, and no error shows it', async (_, query) => {
    expect(await codesOf('unrestricted', query)).toEqual([])
    warehouses.duckdb.readings.length = 0
    const { body, status } = await ask('demo', query)
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED'])
    expect(warehouses.duckdb.readings).toEqual([])
  })

  test('cannot be asked for in variables', async () => {
    const where = 'query ($w: CustomerLifetimeValueWhere) { customerLifetimeValue(where: $w) { totalCount } }'
    const order =
      'query ($f: CustomerLifetimeValueField!) { customerLifetimeValue(orderBy: [{ field: $f }]) { totalCount } }'
    for (const role of ['demo', 'unrestricted']) {
      const code = role === 'demo' ? ['BAD_USER_INPUT'] : []
      expect(await codesOf(role, where, { w: { not: { or: [{ email: { eq: 'x' } }] } } })).toEqual(code)
      expect(await codesOf(role, order, { f: 'EMAIL' })).toEqual(code)
    }
  })

  test('is not guessed at by a mistake', async () => {
    const { text } = await ask('demo', '{ customerLifetimeValue { nodes { emai } } }')
    expect(text).toContain('emai')
    expect(text).not.toContain('email')
  })

  test('is not in the freshness of an answer', async () => {
    const freshness = async (role: string) =>
      (await ask(role, '{ dailyRevenue { totalCount } }')).body.extensions?.goldgate.builds
    expect(await freshness('unrestricted')).toMatchObject([{ dataThrough: '2024-02-01' }])
    const seen = await freshness('demo')
    expect(seen).toMatchObject([{ dataThrough: '2024-05-31', dataThroughBySource: { demo: '2024-05-31' } }])
    expect(JSON.stringify(seen)).not.toContain('other')
  })
})

test('an empty list of a claim gives no rows, never all', async () => {
  given = { countries: [] }
  const counts = '{ rows: storePerformance { totalCount } groups: storePerformanceBy { totals { grossRevenue } } }'
  expect(await dataOf('countries', counts)).toEqual({
    rows: { totalCount: 0 },
    groups: { totals: { grossRevenue: '0.00' } },
  })
})

test('claims decide and nobody else’s answer is given, however often they change', async () => {
  const count = async () =>
    (await dataOf('countries', '{ storePerformance { totalCount nodes { storeId } } }')) as object
  const answers = []
  for (const countries of [['AT'], ['FR'], ['AT', 'FR'], 'AT', ['FR']]) {
    given = { countries }
    answers.push(JSON.stringify(await count()))
  }
  expect(answers[3]).toBe(answers[0])
  expect(answers[4]).toBe(answers[1])
  expect(new Set(answers).size).toBe(3)
})

test('a role’s limits are its own', async () => {
  expect(await codesOf('whole', '{ dailyRevenue(first: 11) { totalCount } }')).toEqual(['PAGE_TOO_LARGE'])
  expect(await codesOf('unrestricted', '{ dailyRevenue(first: 11) { totalCount } }')).toEqual([])
  expect(await codesOf('whole', '{ parity { equal } dailyRevenue { nodes { netRevenue } } }')).toEqual([])
})

describe('a role’s limit of', () => {
  const stock = (first: string, of: string) => `{ inventoryRisk${first} { nodes { ${of} } } }`

  /** Exports are asked for with three fields more, one of them under another name: whether there are more rows. */
  test.each([
    ['depth', 'flat', stock('', 'inventoryId'), stock('', 'product { productName }'), 'QUERY_TOO_DEEP'],
    [
      'aliases',
      'plain',
      stock('', 'a: source b: source'),
      stock('', 'a: source b: source c: source d: source'),
      'QUERY_TOO_LARGE',
    ],
    [
      'fields',
      'slim',
      stock('', 'source inventoryId'),
      stock('', 'source inventoryId productId storeId region category productName'),
      'QUERY_TOO_LARGE',
    ],
    [
      'rows of relations',
      'alone',
      stock('(first: 12)', 'product { productName }'),
      stock('(first: 13)', 'product { productName }'),
      'PAGE_TOO_LARGE',
    ],
  ])('%s holds for questions and exports', async (_, role, within, beyond, code) => {
    const codesOfExport = async (as: string, query: string) => {
      const { statusCode, body } = await exportBy(as, { query })
      return statusCode === 200 ? [] : [statusCode, JSON.parse(body).errors[0].extensions.code]
    }
    for (const [as, query] of [
      [role, within],
      ['unrestricted', beyond],
    ] as const)
      expect([as, await codesOf(as, query), await codesOfExport(as, query)]).toEqual([as, [], []])
    expect(new Set(await codesOf(role, beyond))).toEqual(new Set([code]))
    expect(await codesOfExport(role, beyond)).toEqual([400, code])
  })

  test('time holds for its statements, in questions and exports', async () => {
    const { postgres } = warehouses
    const slow = await new TestGateway(new Map([['postgres', postgres]])).start({ roles, authentication })
    onTestFinished(() => slow.gateway.close())
    slow.catalog.publish('postgres', all)
    postgres.before = async ({ statement }) => {
      const asleep = `WITH asleep AS MATERIALIZED (SELECT pg_sleep(0.7)) SELECT asked.* FROM asleep, (${statement.sql}) AS asked`
      Object.assign(statement, { sql: asleep })
    }
    const outcomes = (role: string, query: string) =>
      Promise.all([
        slow.codes(query, {}, { 'x-api-key': role }),
        exportBy(role, { query, format: 'json' }, slow).then(({ statusCode }) => statusCode),
      ])
    expect(await outcomes('hasty', '{ dailyRevenue(first: 2) { nodes { source } } }')).toEqual([
      ...[['STATEMENT_TIMEOUT'], 504],
    ])
    expect(await outcomes('unrestricted', '{ dailyRevenue(first: 3) { nodes { source } } }')).toEqual([[], 200])
  })
})

test('figures of everybody’s questions are for roles that see everything', async () => {
  const asked = async (role: string) => {
    const { statusCode, body } = await gateway.gateway.app.inject({ url: '/metrics', headers: { 'x-api-key': role } })
    return [statusCode, body.includes('goldgate_requests_total'), body.includes('"FORBIDDEN"')]
  }
  for (const role of Object.keys(may)) expect([role, await asked(role)]).toEqual([role, [403, false, true]])
  for (const role of ['whole', 'unrestricted']) expect([role, await asked(role)]).toEqual([role, [200, true, false]])
})
