import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import { fieldOf } from '../../resolvers/index.js'
import { Asked } from '../../tests/fixtures/gateway/asked.js'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { expected, expectedTotal, type Tree } from '../../tests/fixtures/gateway/joined.js'
import { questionOf, trees } from '../../tests/fixtures/gateway/random-trees.js'
import type { RecordingWarehouse } from '../../tests/fixtures/gateway/recording-warehouse.js'
import { relatedRows } from '../../tests/fixtures/gateway/related-rows.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import type { Row } from '../../warehouses/contract/values.js'

type Found = Record<string, unknown>
interface List {
  readonly nodes: readonly Found[]
  readonly edges: readonly { readonly cursor: string; readonly node: Found }[]
  readonly totalCount: number
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

const listOf = (customer: Found | undefined): List => customer?.sales as List
const rows = relatedRows(1)
const salesByRevenue: Tree = {
  model: 'fact_sales',
  columns: ['sale_id', 'net_revenue', 'order_date'],
  first: 5,
  order: [['net_revenue', 'desc']],
}

/** What leads where, as it was meant. Beside the key there is the source. */
const ends = [
  ['fact_sales', 'customer', 'customer_id', 'customer_lifetime_value', 'customer_id', 'sales'],
  ['fact_sales', 'store', 'store_id', 'store_performance', 'store_id', 'sales'],
  ['fact_sales', 'campaign', 'campaign_id', 'campaign_roi', 'campaign_id', 'sales'],
  ['fact_sales', 'day', 'order_date', 'daily_revenue', 'revenue_date', 'sales'],
  ['fact_product_sales', 'sale', 'sale_id', 'fact_sales', 'sale_id', 'lines'],
  ['fact_product_sales', 'product', 'product_id', 'product_sales_performance', 'product_id', 'lines'],
  ['fact_product_sales', 'store', 'store_id', 'store_performance', 'store_id', undefined],
  ['fact_product_sales', 'customer', 'customer_id', 'customer_lifetime_value', 'customer_id', undefined],
  ['inventory_risk', 'product', 'product_id', 'product_sales_performance', 'product_id', 'inventory'],
  ['inventory_risk', 'store', 'store_id', 'store_performance', 'store_id', 'inventory'],
].map(([model = '', field = '', column = '', to = '', key = '', back]) => ({ model, field, column, to, key, back }))
const grains = (name: string) => goldModels.find((model) => model.name === name)?.grain ?? []

let warehouses: TestWarehouses
beforeAll(async () => {
  warehouses = await openTestWarehouses(relatedRows)
})
afterAll(() => warehouses?.close())

describe.each(['duckdb', 'postgres'] as const)('relations in %s', (name) => {
  let gateway: TestGateway
  let warehouse: RecordingWarehouse
  let asked: Asked
  beforeAll(async () => {
    warehouse = warehouses[name]
    gateway = await new TestGateway(new Map([[name, warehouse]])).start()
    asked = new Asked(gateway)
  })
  beforeEach(() => gateway.reset())
  afterAll(() => gateway?.gateway.close())

  /** Asked three times: what comes again is executed in another way, with the same answer from as many statements. */
  const answered = async (question: string): Promise<List> => {
    const ask = async () => {
      warehouse.readings.length = 0
      const data = await gateway.data<{ list: List }>(question)
      return { data, statements: warehouse.readings.length }
    }
    const first = await ask()
    for (const _time of [2, 3]) expect(await ask()).toEqual(first)
    return first.data.list
  }
  const list = (field: string): Promise<List> => answered(`{ list: ${field} }`)

  test('to many rows cost one statement for 100 parents, and are to each what is joined in memory', async () => {
    const { nodes } = await list(
      'customerLifetimeValue(first: 100) { nodes { customerId sales(first: 5, orderBy: [{ field: NET_REVENUE, direction: DESC }]) { nodes { saleId netRevenue orderDate } } } }',
    )
    expect(warehouse.readings).toHaveLength(2)
    const customers: Tree = { model: 'customer_lifetime_value', columns: ['customer_id'], first: 100 }
    expect(nodes).toEqual(expected(rows, { ...customers, relations: { sales: salesByRevenue } }))
    expect(nodes.filter(({ sales }) => (sales as List).nodes.length === 5).length).toBeGreaterThan(10)
  })

  test('to one row cost one statement, with keys that are NULL, strange, or of no row', async () => {
    const { nodes } = await list(
      'factSales(first: 1000) { nodes { saleId store { storeId } customer { customerName } } }',
    )
    expect(warehouse.readings).toHaveLength(3)
    const relations = {
      store: { model: 'store_performance', columns: ['store_id'] },
      customer: { model: 'customer_lifetime_value', columns: ['customer_name'] },
    }
    expect(nodes).toEqual(expected(rows, { model: 'fact_sales', columns: ['sale_id'], first: 1000, relations }))
    expect(nodes).toContainEqual({ saleId: 'a ghost’s', store: null, customer: null })
    expect(nodes.filter(({ store }) => store !== null).length).toBeGreaterThan(10)
  })

  test('within relations cost one statement for each level, in rows and inside edges', async () => {
    const { nodes } =
      await list(`customerLifetimeValue(first: 60, where: { source: { eq: "other" } }) { nodes { sales(first: 3) {
      edges { node { saleId lines(first: 2) { nodes { lineNumber product { productName categoryTotal { orderLines returnRate } } } } } } } } }`)
    expect(warehouse.readings).toHaveLength(5)
    const customers = rows.customer_lifetime_value?.filter(({ source }) => source === 'other') ?? []
    const product: Tree = { model: 'product_sales_performance', columns: ['product_name', 'category', 'source'] }
    const lines: Tree = { model: 'fact_product_sales', columns: ['line_number'], first: 2, relations: { product } }
    const sales: Tree = { model: 'fact_sales', columns: ['sale_id'], first: 3, relations: { lines } }
    const joined = expected(
      { ...rows, customer_lifetime_value: customers },
      {
        ...{ model: 'customer_lifetime_value', columns: [], first: 60, relations: { sales } },
      },
    )
    const shown = (found: unknown): unknown =>
      JSON.parse(JSON.stringify(found), (key, value) => {
        if (key === 'edges') return undefined
        if (key === 'sales' && value.edges) return { nodes: value.edges.map(({ node }: { node: unknown }) => node) }
        if (key !== 'product' || !value?.source) return value
        return { productName: value.productName, categoryTotal: expectedTotal(rows, value.source, value.category) }
      })
    const edged = JSON.parse(JSON.stringify(nodes), (key, value) =>
      key === 'sales' ? { nodes: value.edges.map(({ node }: { node: unknown }) => node) } : value,
    )
    expect(edged).toEqual(shown(joined))
    expect(JSON.stringify(edged)).toContain('"returnRate":"')
  })

  test('are the same joined in memory, whatever is asked', async () => {
    let levels = 0
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const question = questionOf(tree)
        expect((await answered(question)).nodes, question).toEqual(expected(rows, tree))
        levels = Math.max(levels, question.split('nodes').length)
      }),
      { seed: 20261121, numRuns: 60 },
    )
    expect(levels).toBeGreaterThan(4)
  })

  test.each(ends)('of $model: $field leads by $column to $key of $to, and back by $back', async (end) => {
    const { model, field, column, to, key, back } = end
    const [own, other] = [grains(model), grains(to)]
    const from = rows[model] ?? []
    const name = (row: Found | Row, columns: readonly string[]) =>
      columns.map((each) => String((row as Found)[fieldOf(each)] ?? (row as Row)[each])).join('|')
    const points = (row: Row, there: Row) =>
      row[column] !== null && row[column] === there[key] && row.source === there.source
    const shown = (columns: readonly string[]) => columns.map(fieldOf).join(' ')

    const { nodes } = await list(
      `${fieldOf(model)}(first: 1000) { nodes { ${shown(own)} ${field} { ${shown(other)} } } }`,
    )
    const found = nodes.map((node) => [name(node, own), node[field] ? name(node[field] as Found, other) : null])
    const joined = from.map((row) => {
      const there = rows[to]?.find((each) => points(row, each))
      return [name(row, own), there ? name(there, other) : null]
    })
    expect(found.sort()).toEqual(joined.sort())
    expect(found.filter(([, there]) => there === null).length).toBeGreaterThan(0)
    expect(new Set(found.map(([, there]) => there)).size).toBeGreaterThan(5)

    if (back === undefined) return
    const parents = rows[to] ?? []
    const first = Math.min(1000, Math.floor(10_000 / parents.length))
    const { nodes: ofParents } = await list(
      `${fieldOf(to)}(first: 1000) { nodes { ${shown(other)} ${back}(first: ${first}) { nodes { ${shown(own)} } } } }`,
    )
    const lists = ofParents.map((node) => [
      name(node, other),
      (node[back] as List).nodes.map((row) => name(row, own)).sort(),
    ])
    const gathered = parents.map((there) => [
      name(there, other),
      from
        .filter((row) => points(row, there))
        .map((row) => name(row, own))
        .sort(),
    ])
    expect(lists.sort()).toEqual(gathered.sort())
  })

  test('lead from stock to how its product sells to the total of its category', async () => {
    const { nodes } = await list(
      'inventoryRisk(first: 300) { nodes { product { source category categoryTotal { orderLines returnRate } } } }',
    )
    expect(warehouse.readings).toHaveLength(3)
    for (const { product } of nodes as { product: Found | null }[])
      if (product) expect(product.categoryTotal).toEqual(expectedTotal(rows, product.source, product.category))
    expect(nodes.filter(({ product }) => product === null).length).toBeGreaterThan(5)
    expect(nodes.filter(({ product }) => (product as Found | null)?.category === null).length).toBeGreaterThan(5)
  })

  test('ask once for what nodes and edges ask alike, and read only what is selected', async () => {
    await list(
      'factSales(first: 20) { nodes { customer { customerName } } edges { node { customer { customerName } } } }',
    )
    const [parents, children, ...more] = warehouse.readings.map(({ statement }) =>
      statement.columns.map((each) => each.name),
    )
    expect(more).toEqual([])
    expect(parents?.sort()).toEqual(['customer_id', 'order_date', 'sale_id', 'source'])
    expect(children?.sort()).toEqual(['customer_id', 'customer_name', 'source'])
  })

  test('are counted and paged, and a cursor is good for the list of its own row only', async () => {
    const one = (args: string, selection: string) =>
      list(
        `customerLifetimeValue(where: { customerId: { eq: "k79" }, source: { eq: "demo" } }) { nodes { sales(${args}) { ${selection} } } }`,
      )
    const all = (rows.fact_sales ?? []).filter((row) => row.customer_id === 'k79' && row.source === 'demo')
    expect(all.length).toBe(5)
    const found: unknown[] = []
    let after = ''
    for (let page = 0; page < 9; page += 1) {
      const [node] = (await one(`first: 2${after}`, 'totalCount nodes { saleId } pageInfo { hasNextPage endCursor }'))
        .nodes
      const { nodes, pageInfo, totalCount } = listOf(node)
      expect(totalCount).toBe(all.length)
      found.push(...nodes.map(({ saleId }) => saleId))
      if (!pageInfo.hasNextPage) break
      after = `, after: ${JSON.stringify(pageInfo.endCursor)}`
    }
    expect(found.sort()).toEqual(all.map((row) => row.sale_id).sort())
    const others = await asked.failing(
      `{ customerLifetimeValue(first: 3) { nodes { sales(first: 2${after}) { nodes { saleId } } } } }`,
    )
    expect(others).toMatchObject({ extensions: { code: 'CURSOR_MISMATCH' } })
    gateway.catalog.publish(name, { buildId: 'b2', tag: 'b2_1' })
    const query = (args: string) =>
      `{ customerLifetimeValue(${args}where: { customerId: { eq: "k79" }, source: { eq: "demo" } }) { nodes { sales(first: 2${after}) { nodes { saleId } } } } }`
    expect((await asked.failing(query(''))).message).toContain('`build`')
    expect((await gateway.ask(query('build: "b1", '))).body.errors).toBeUndefined()
  })

  test('read the build of their parent', async () => {
    const query = (args: string) =>
      list(
        `productSalesPerformance${args} { nodes { netRevenue inventory(first: 1) { nodes { product { netRevenue } } } } }`,
      )
    for (const [args, build] of [
      ['(first: 9)', 'b1'],
      ['(first: 9, build: "b2")', 'b2'],
    ] as const) {
      warehouse.readings.length = 0
      const { nodes } = await query(args)
      const amounts = JSON.stringify(nodes).match(/\d+\.\d\d/g) ?? []
      expect(amounts.length).toBeGreaterThan(9)
      expect(new Set(amounts.map((amount) => amount.slice(-2)))).toEqual(new Set([build === 'b1' ? '01' : '02']))
      expect(warehouse.readings.map(({ builds }) => builds.map((each) => each.buildId))).toEqual([
        [build],
        [build],
        [build],
      ])
    }
  })

  test('refuse more rows than a request may read of relations, before reading them', async () => {
    const query = (first: number, each: string) =>
      `{ customerLifetimeValue(first: ${first}) { nodes { sales${each} { nodes { saleId } } } } }`
    const refused = await asked.failing(query(200, '(first: 51)'))
    expect(refused).toMatchObject({ extensions: { code: 'PAGE_TOO_LARGE', maximum: 50 } })
    expect(refused.message).toContain('`sales`')
    expect(warehouse.readings).toHaveLength(1)
    expect(await gateway.codes(query(200, '(first: 50)'))).toEqual([])
    const twice =
      '{ customerLifetimeValue(first: 200) { nodes { a: sales(first: 26) { totalCount } b: sales(first: 25) { totalCount } } } }'
    expect(await asked.failing(twice)).toMatchObject({ extensions: { code: 'PAGE_TOO_LARGE' } })
    expect(await asked.failing(query(1, '(first: 1001)'))).toMatchObject({
      extensions: { code: 'PAGE_TOO_LARGE', maximum: 1000 },
    })
    expect(await asked.failing(query(1, '(first: -1)'))).toMatchObject({
      extensions: { code: 'PAGE_ARGUMENTS_INVALID' },
    })
    const [customer] = (
      await list('customerLifetimeValue(where: { customerId: { eq: "k79" } }) { nodes { sales { nodes { saleId } } } }')
    ).nodes
    expect(listOf(customer).nodes.length).toBeLessThanOrEqual(10)
  })

  test('show what the role of the caller may read, and nothing else', async () => {
    const days = ['2024-02-05', '2024-02-06', '2024-02-07']
    const names = Array.from({ length: 40 }, (_, i) => `k${i + 40}`)
    const rules = { 'fact_sales.order_date': { in: days }, 'product_sales_performance.product_name': { in: names } }
    const role = {
      name: 'limited',
      rows: rules,
      hide: ['inventory_risk.store_id', 'fact_sales.customer_id'],
      limits: {},
    }
    const wider = { ...role, name: 'wider', hide: ['category'] }
    const limited = await new TestGateway(new Map([[name, warehouse]])).start({
      ...{ roles: [role, wider], authentication: { verifiers: [], anonymous: 'limited' } },
    })
    const ask = async (query: string) => (await limited.data<{ list: List }>(query)).list.nodes
    const stores = await ask(
      '{ list: storePerformance { nodes { sales(first: 90) { totalCount nodes { orderDate } } } } }',
    )
    const shown = stores.flatMap((store) => listOf(store).nodes)
    expect(new Set(shown.map(({ orderDate }) => orderDate))).toEqual(new Set(days))
    expect(stores.reduce((sum, store) => sum + listOf(store).totalCount, 0)).toBe(shown.length)
    const stock = await ask(
      '{ list: inventoryRisk(first: 300) { nodes { product { source productName category categoryTotal { orderLines returnRate } } } } }',
    )
    const products = rows.product_sales_performance ?? []
    const visible = { product_sales_performance: products.filter((row) => names.includes(String(row.product_name))) }
    const found = stock.flatMap(({ product }) => (product ? [product as Found] : []))
    expect(found.filter(({ productName }) => !names.includes(String(productName)))).toEqual([])
    expect(found.length).toBeGreaterThan(60)
    for (const each of found) expect(each.categoryTotal).toEqual(expectedTotal(visible, each.source, each.category))
    const unseen = [
      '{ inventoryRisk { nodes { store { storeName } } } }',
      '{ storePerformance { nodes { inventory { totalCount } } } }',
      '{ factSales { nodes { customer { customerName } } } }',
      '{ customerLifetimeValue { nodes { sales { totalCount } } } }',
    ]
    for (const query of unseen) expect(await limited.codes(query)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    await limited.gateway.close()
    const blind = await new TestGateway(new Map([[name, warehouse]])).start({
      ...{ roles: [wider], authentication: { verifiers: [], anonymous: 'wider' } },
    })
    const totals = '{ productSalesPerformance { nodes { categoryTotal { netRevenue } } } }'
    expect(await blind.codes(totals)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    await blind.gateway.close()
  })
})

test('relations of a row come from the fallback where the warehouse of the row stops answering: from the same build, or not at all', async () => {
  const { duckdb, postgres } = warehouses
  const both = new Map([
    ['duckdb', duckdb],
    ['postgres', postgres],
  ])
  const gateway = await new TestGateway(both).start({ fallback: { duckdb: 'postgres' } })
  gateway.reset()
  const query = '{ factSales(first: 30) { nodes { customer { customerName } } } }'
  const whole = await gateway.ask(query)
  duckdb.before = async () => {
    if (duckdb.readings.length % 2 === 0) throw new WarehouseError('WAREHOUSE_UNAVAILABLE', 'duckdb', 'gone')
  }
  gateway.catalog.publish('postgres', { buildId: 'b2', tag: 'b2_1' })
  const helped = await gateway.ask(query)
  expect(helped.body.errors).toBeUndefined()
  expect(helped.body.data).toEqual(whole.body.data)
  expect(helped.body.extensions?.goldgate.builds.map(({ warehouse, build }) => [warehouse, build])).toEqual([
    ['duckdb', 'b1'],
    ['postgres', 'b1'],
  ])
  gateway.catalog.drop('postgres', 'b1')
  duckdb.readings.length = 0
  const { body } = await gateway.ask('{ factSales(first: 1) { nodes { customer { customerName } } } }')
  expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['WAREHOUSE_UNAVAILABLE'])
  gateway.reset()
  await gateway.gateway.close()
})

test('relations of one question read each the build and the warehouse of their own row', async () => {
  const { duckdb, postgres } = warehouses
  const gateway = await new TestGateway(new Map(Object.entries({ duckdb, postgres }))).start()
  gateway.reset()
  onTestFinished(() => gateway.gateway.close())
  const parts = {
    a: { warehouse: 'duckdb', build: 'b1', cents: '01' },
    b: { warehouse: 'duckdb', build: 'b2', cents: '02' },
    c: { warehouse: 'postgres', build: 'b2', cents: '02' },
  }
  const fields = Object.entries(parts).map(
    ([alias, { warehouse, build }]) =>
      `${alias}: productSalesPerformance(first: 9, warehouse: "${warehouse}", build: "${build}") { ...Shown }`,
  )
  const query = `{ ${fields.join(' ')} } fragment Shown on ProductSalesPerformanceConnection {
    nodes { netRevenue inventory(first: 1) { nodes { product { netRevenue } } } }
  }`
  for (const _time of [1, 2, 3]) {
    for (const { readings } of [duckdb, postgres]) readings.length = 0
    const data = await gateway.data<Record<string, { nodes: Found[] }>>(query)
    for (const [alias, { cents }] of Object.entries(parts)) {
      const amounts = JSON.stringify(data[alias]?.nodes.map(({ inventory }) => inventory)).match(/\d+\.\d\d/g) ?? []
      expect(amounts.length).toBeGreaterThan(5)
      expect(new Set(amounts.map((amount) => amount.slice(-2)))).toEqual(new Set([cents]))
    }
    const read = [duckdb, postgres].map(({ readings }) =>
      readings.flatMap((reading) => reading.builds.map(({ buildId }) => buildId)).sort(),
    )
    expect(read).toEqual([
      ['b1', 'b1', 'b1', 'b2', 'b2', 'b2'],
      ['b2', 'b2', 'b2'],
    ])
  }
})

test('every reference that is declared is among those that were compared', () => {
  const declared = goldModels.flatMap(({ name: model, references = [] }) =>
    references.map(({ model: to, field, back }) => ({ model, field: fieldOf(field), to, back: back?.field })),
  )
  expect(ends.map(({ model, field, to, back }) => ({ model, field, to, back }))).toEqual(
    expect.arrayContaining(declared),
  )
})
