import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DataType, tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  builds,
  openTestWarehouses,
  TestGateway,
  type TestWarehouses,
} from '../../../tests/fixtures/gateway/gateway.js'
import type { RecordingWarehouse } from '../../../tests/fixtures/gateway/recording-warehouse.js'
import { rowOf } from '../../../tests/fixtures/gateway/related-rows.js'
import { sampleRows } from '../../../tests/fixtures/gateway/sample.js'
import { decimalFromUnits } from '../../../warehouses/contract/decimal.js'
import { WarehouseError } from '../../../warehouses/contract/errors.js'

const run = promisify(execFile)
const days = sampleRows(1).daily_revenue ?? []

/** Sales of three days of the week, the last of it first. */
const sales = [7n, 1n, 7n, 3n].map((weekday, i) =>
  rowOf('fact_sales', { source: 'week', sale_id: `${i}`, weekday, total_orders: 1n, net_revenue: '2.50' }),
)

const endOfArrow = 'ffffffff00000000'

/** Texts that a spreadsheet would run. */
const formulas = { store_id: '=1+1', store_name: '+1', region: '-1', city: '@SUM(A1)', country: '\t=1' }
const stores = [rowOf('store_performance', { source: 'demo', ...formulas })]

const types = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.stream',
}

/** One more than JSON answers with at once. */
const campaigns = Array.from({ length: 366 }, (_, i) => `k${String(i).padStart(3, '0')}`)
const shipped = join(import.meta.dirname, '../../../operations')

interface Table {
  readonly rows: readonly Record<string, unknown>[]
  readonly rowCount: number
  readonly truncated: boolean
  readonly after: string | null
  readonly next?: string
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
  readonly extensions: {
    readonly goldgate: { readonly builds: readonly { readonly warehouse: string; readonly build: string }[] }
  }
}

/** Of a CSV as RFC 4180 has it; NULL where nothing stands. */
const cellsOf = (csv: string): (string | null)[][] =>
  [...csv.matchAll(/((?:"(?:[^"]|"")*"|[^",\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\n]*))*)\n/g)].map(([, line = '']) =>
    [...`${line},`.matchAll(/("(?:[^"]|"")*"|[^",]*),/g)].map(([, cell = '']) =>
      cell === '' ? null : cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
    ),
  )

/** As JSON has them. */
function rowsOfArrow(bytes: Uint8Array): Record<string, unknown>[] {
  const read = tableFromIPC(bytes)
  const plain = (type: DataType, value: unknown): unknown => {
    if (value === null || DataType.isUtf8(type)) return value
    if (DataType.isInt(type)) return Number(value)
    if (DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, 10)
    if (DataType.isDecimal(type)) {
      const [low = 0n, high = 0n] = new BigInt64Array(Uint32Array.from(value as Uint32Array).buffer)
      return decimalFromUnits(BigInt.asUintN(64, low) | (high << 64n), type.scale)
    }
    const micros = Math.round(Number(value) * 1000)
    const millis = Math.floor(micros / 1000)
    return `${new Date(millis).toISOString().slice(0, -1)}${String(micros - 1000 * millis).padStart(3, '0')}Z`
  }
  return Array.from({ length: read.numRows }, (_, i) =>
    Object.fromEntries(
      read.schema.fields.map(({ name, type }) => [name, plain(type, read.getChild(name)?.get(i) ?? null)]),
    ),
  )
}

let warehouses: TestWarehouses
beforeAll(async () => {
  warehouses = await openTestWarehouses((shift) => ({
    ...sampleRows(shift),
    fact_sales: sales,
    store_performance: stores,
    campaign_roi: campaigns.map((campaign_id) => rowOf('campaign_roi', { source: 'demo', campaign_id })),
  }))
})
afterAll(() => warehouses?.close())

describe.each(['duckdb', 'postgres'] as const)('operations from %s', (name) => {
  let gateway: TestGateway
  let warehouse: RecordingWarehouse
  let url: string
  beforeAll(async () => {
    warehouse = warehouses[name]
    gateway = await new TestGateway(new Map([[name, warehouse]])).start({
      operations: [shipped],
    })
    url = await gateway.gateway.app.listen({ host: '127.0.0.1', port: 0 })
  })
  beforeEach(() => gateway.reset())
  afterAll(() => gateway?.gateway.close())

  const get = (path: string, headers: Record<string, string> = {}) =>
    gateway.gateway.app.inject({ url: `/api/v1/${path}`, headers })
  const table = async (path: string): Promise<Table> => (await get(path)).json<Table>()
  const post = (body: Record<string, unknown>) =>
    gateway.gateway.app.inject({ method: 'POST', url: '/export', payload: body })

  test('answer with rows in JSON, page by page, and say when there are more', async () => {
    const daily = await table('revenue/daily?limit=3&source=other')
    expect(daily.rows).toHaveLength(3)
    expect(daily).toMatchObject({
      rowCount: 3,
      truncated: true,
      next: expect.stringMatching(/^\?limit=3&source=other/),
    })
    expect(daily.extensions.goldgate.builds[0]?.build).toBe('b1')
    const next = await table(`revenue/daily${daily.next}`)
    const dates = [...daily.rows, ...next.rows].map((row) => row.revenueDate)
    const all = days.filter((row) => row.source === 'other').map((row) => row.revenue_date)
    expect(dates).toEqual(all.sort().reverse().slice(0, 6))
    const whole = await table('revenue/daily?limit=365')
    expect(whole).toMatchObject({ rowCount: days.length, truncated: false, after: null })
    expect(whole).not.toHaveProperty('next')
  })

  test('answer in JSON with thirty rows unless told otherwise, and with 365 at most', async () => {
    const said = ({ rows, rowCount, truncated }: Table) => [rows.map((row) => row.campaignId), rowCount, truncated]
    const first = await table('campaigns/roi')
    expect(said(first)).toEqual([campaigns.slice(0, 30), 30, true])
    expect(said(await table(`campaigns/roi${first.next}`))).toEqual([campaigns.slice(30, 60), 30, true])
    expect(said(await table('campaigns/roi?limit=365'))).toEqual([campaigns.slice(0, 365), 365, true])
    const query = '{ campaignRoi { nodes { campaignId } } }'
    expect(said((await post({ query, format: 'json' })).json<Table>())).toEqual([campaigns.slice(0, 30), 30, true])
    expect((await post({ query, format: 'json', limit: 366 })).json<Table>().errors[0]?.message).toContain(
      'at most 365',
    )
  })

  test('take their variables from the query, typed', async () => {
    const [row] = (await table('revenue/daily?limit=1')).rows
    const day = String(row?.revenueDate)
    const found = await table(`revenue/daily?start_date=${day}&end_date=${day}&source=${row?.source}`)
    expect(found.rows).toEqual([row])
    const low = await table('inventory/risk?stock_status=low_stock,out_of_stock')
    const status = new Set(low.rows.map((each) => each.stockStatus))
    expect([...status].sort()).toEqual(['low_stock', 'out_of_stock'])
    const repeated = await table('inventory/risk?stock_status=low_stock&stock_status=OUT_OF_STOCK')
    expect(repeated.rows).toEqual(low.rows)
  })

  test.each([
    ['revenue/daily?start_date=2024-02-30', 400, 'BAD_USER_INPUT', /`start_date` takes a date .*\(Date\)/],
    ['revenue/daily?start_date=2024-01-01&start_date=2024-01-02', 400, 'BAD_USER_INPUT', /`start_date` is given 2/],
    ['revenue/daily?from=2024-01-01', 400, 'BAD_USER_INPUT', /"from". There are: start_date, end_date, source, limit/],
    ['revenue/daily?limit=ten', 400, 'BAD_USER_INPUT', /`limit` takes a whole number, not "ten"/],
    ['revenue/daily?limit=-1', 400, 'BAD_USER_INPUT', /`limit` is at least 1/],
    ['revenue/daily?limit=0', 400, 'BAD_USER_INPUT', /`limit` is at least 1/],
    ['revenue/daily.csv?limit=0', 400, 'BAD_USER_INPUT', /`limit` is at least 1/],
    ['revenue/daily?limit=366', 400, 'BAD_USER_INPUT', /`limit` is at most 365/],
    ['revenue/daily?decimals=float', 400, 'BAD_USER_INPUT', /`decimals` takes string or number/],
    ['inventory/risk?stock_status=gone', 400, 'BAD_USER_INPUT', /`stock_status` takes one of out_of_stock, low_stock/],
    ['products/returns?min_order_lines=1.5', 400, 'BAD_USER_INPUT', /`min_order_lines` takes a whole number/],
    ['customers/inactive', 400, 'BAD_USER_INPUT', /`since` is missing/],
    ['revenue/daily?warehouse=oracle', 400, 'WAREHOUSE_UNKNOWN', /no warehouse "oracle"/],
    ['revenue/daily?build=b9', 404, 'BUILD_UNKNOWN', /no build "b9"/],
    ['revenue/daily?after=x', 400, 'CURSOR_INVALID', /not a cursor.* Pass `after` of the page before unchanged\.$/],
    ['revenue/daily.csv?after=x', 400, 'PAGE_ARGUMENTS_INVALID', /no pages/],
    ['revenue/daily.csv?build=b9', 404, 'BUILD_UNKNOWN', /no build "b9"/],
    ['revenue/daily.xlsx', 404, 'NOT_FOUND', /no form "\.xlsx"\. There are: \.json, \.csv, \.ndjson, \.arrow\.$/],
    ['', 404, 'NOT_FOUND', /\/api shows them all\. There are: .*revenue\/daily/],
    ['revenue/hourly', 404, 'NOT_FOUND', /There are: .*revenue\/daily/],
  ])('refuse %s', async (path, status, code, message) => {
    const answer = await get(path)
    expect(answer.statusCode).toBe(status)
    const [error] = answer.json<Table>().errors
    expect(error?.extensions.code).toBe(code)
    expect(error?.message).toMatch(message)
    expect(error?.message).not.toContain('..')
  })

  test.each(['POST', 'HEAD', 'DELETE'] as const)('are asked by GET, not by %s', async (method) => {
    const answer = await gateway.gateway.app.inject({ method, url: '/api/v1/revenue/daily' })
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET'])
  })

  test('show the totals of all rows that were asked for beside a part of them', async () => {
    const other = { totalOrders: 12, netRevenue: '1800.13', averageOrderValue: '300.02' }
    const demo = { totalOrders: 12, netRevenue: '1800.12', averageOrderValue: '300.02' }
    const month = { month: '2024-01-01' }
    expect(await table('revenue/monthly?source=other')).toMatchObject({
      ...{ rows: [{ ...month, ...other }], totals: other },
    })
    expect(await table('revenue/monthly?source=demo')).toMatchObject({ rows: [{ ...month, ...demo }], totals: demo })
    const some = { totalOrders: 3, netRevenue: '600.04', averageOrderValue: '300.02' }
    expect(await table('revenue/monthly?source=demo&end_date=2024-01-04')).toMatchObject({ totals: some })
    const having = 'having: { netRevenue: { lt: "900.07" } }'
    const query = `{ dailyRevenueBy(where: { source: { eq: "demo" } }, ${having}) {
      nodes { week: revenueDate(grain: WEEK) netRevenue } totals { netRevenue } totalCount } }`
    expect((await post({ query, format: 'json' })).json()).toMatchObject({
      ...{ rows: [{ week: '2024-01-08', netRevenue: '900.05' }], totals: { netRevenue: '1800.12' }, totalCount: 1 },
    })
    const daily =
      '{ dailyRevenueBy(where: { source: { eq: "other" } }) { nodes { revenueDate } totals { netRevenue } } }'
    expect((await post({ query: daily, format: 'json', limit: 2 })).json()).toMatchObject({
      ...{ rowCount: 2, truncated: true, totals: { netRevenue: '1800.13' } },
    })
  })

  test.each(['inventory/risk?stock_status=out_of_stock,low_stock', 'revenue/daily?limit=365'])(
    'give the same table in every format, cell by cell: %s',
    async (asked) => {
      const [path, query] = asked.split('?')
      const json = await table(asked)
      const lines = (await get(`${path}.ndjson?${query}`)).body.trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(line))).toEqual(json.rows)
      const csv = await get(`${path}.csv?${query}`)
      expect(csv.headers).toMatchObject({ 'x-goldgate-build': 'b1', 'x-goldgate-warehouse': name })
      const texts = json.rows.map((row) => Object.values(row).map((value) => (value === null ? null : String(value))))
      expect(cellsOf(csv.body)).toEqual([Object.keys(json.rows[0] ?? {}), ...texts])
      expect(rowsOfArrow((await get(`${path}.arrow?${query}`)).rawPayload)).toEqual(json.rows)
    },
  )

  test('hold integers that a JSON number cannot be trusted with, which are an error in JSON', async () => {
    expect((await get('inventory/risk')).statusCode).toBe(500)
    expect((await get('inventory/risk.ndjson')).body).toContain('"stockQuantity":9007199254740993,')
  })

  test.each([
    ['revenue/daily', undefined, types.json],
    ['revenue/daily', 'application/json', types.json],
    ['revenue/daily', 'application/x-ndjson', types.ndjson],
    ['revenue/daily', 'text/csv', types.csv],
    ['revenue/daily', 'application/vnd.apache.arrow.stream', types.arrow],
    ['revenue/daily', 'Text/CSV; header=present', types.csv],
    ['revenue/daily', '*/*', types.json],
    ['revenue/daily', 'text/html, text/csv;q=0.1', types.csv],
    ['revenue/daily', 'text/csv;q=0.5, application/x-ndjson;q=0.9, application/json;q=0.7', types.ndjson],
    ['revenue/daily', 'text/csv;q=0.5, application/json', types.json],
    ['revenue/daily', 'application/json;q=0.2 , application/vnd.apache.arrow.stream ; q=0.3', types.arrow],
    ['revenue/daily', 'text/csv;q=0, application/x-ndjson;q=0.001', types.ndjson],
    ['revenue/daily', 'text/csv;q=0', types.json],
    ['revenue/daily', 'text/csv, application/x-ndjson', types.csv],
    ['revenue/daily.ndjson', 'text/csv', types.ndjson],
    ['revenue/daily.json', 'text/csv', types.json],
  ])('are written as %s with Accept: %s says', async (path, accept, type) => {
    const answer = await get(`${path}?limit=1`, accept === undefined ? {} : { accept })
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, type])
  })

  test('write decimals plainly in CSV, and as JSON strings or numbers', async () => {
    const [row] = (await table('revenue/daily?limit=1')).rows
    const amount = String(row?.netRevenue)
    expect(amount).toMatch(/^\d+\.\d\d$/)
    expect((await get('revenue/daily?limit=1&decimals=number')).body).toContain(`"netRevenue":${amount},`)
    expect((await get('revenue/daily.ndjson?limit=1&decimals=number')).body).toContain(`"netRevenue":${amount},`)
    const csv = (await get('revenue/daily.csv?limit=1&bom=1')).body
    expect(csv.startsWith('\ufeffsource,revenueDate')).toBe(true)
    expect(csv.split('\n')[1]?.split(',')).toContain(amount)
  })

  test('give formulas in texts to no spreadsheet, and to others as they are', async () => {
    const query = '{ storePerformance { nodes { storeId storeName region city country } } }'
    const texts = Object.values(formulas)
    const csv = await post({ query })
    expect(csv.body.split('\n')[1]?.split(',')).toEqual(texts.map((text) => `'${text}`))
    const ndjson = await post({ query, format: 'ndjson' })
    expect(Object.values(ndjson.json<object>())).toEqual(texts)
  })

  test('stream everything unless told how much, past every limit of pages', async () => {
    const csv = await get('revenue/daily.csv')
    expect(csv.body.trimEnd().split('\n')).toHaveLength(days.length + 1)
    expect(warehouse.readings.at(-1)?.statement.sql).not.toContain('LIMIT')
    const some = await get('revenue/daily.csv?limit=2')
    expect(some.body.trimEnd().split('\n')).toHaveLength(3)
    for (const format of ['csv', 'ndjson']) {
      const all = (await get(`campaigns/roi.${format}`)).body.matchAll(/k\d{3}/g)
      expect([...all].map(([campaign]) => campaign)).toEqual(campaigns)
    }
    await get('products/top.csv')
    expect(warehouse.readings.at(-1)?.statement.sql).toMatch(/LIMIT 10$/)
  })

  test('flatten objects beside a row, in every format alike', async () => {
    const query = `{ dailyRevenueBy(compareTo: { previousPeriod: true }) {
      nodes { revenueDate netRevenue previous { netRevenue } changeRatio { ratio: netRevenue } } } }`
    const json = (await post({ query, format: 'json', limit: 365 })).json<Table>()
    expect(Object.keys(json.rows[0] ?? {})).toEqual([
      ...['revenueDate', 'netRevenue', 'previous_netRevenue', 'changeRatio_ratio'],
    ])
    expect(json.rows.filter((row) => row.previous_netRevenue !== null)).toHaveLength(json.rowCount - 1)
    const ndjson = await post({ query, format: 'ndjson' })
    expect(
      ndjson.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(json.rows)
    const read = tableFromIPC((await post({ query, format: 'arrow' })).rawPayload)
    expect(String(read.schema.fields[3]?.type)).toBe('Decimal[38e+4]')
  })

  test('flatten the row that a relation leads to', async () => {
    const query = `{ inventoryRisk(where: { stockStatus: { ne: HEALTHY } }) {
      nodes { inventoryId product { sold: productName netRevenue } } } }`
    const json = (await post({ query, format: 'json' })).json<Table>()
    expect(Object.keys(json.rows[0] ?? {})).toEqual(['inventoryId', 'product_sold', 'product_netRevenue'])
    const before = warehouse.readings.length
    const ndjson = await post({ query, format: 'ndjson' })
    expect(JSON.parse(`[${ndjson.body.trimEnd().split('\n').join(',')}]`)).toEqual(json.rows)
    expect(warehouse.readings.length - before).toBe(2)
    const lists = await post({ query: '{ customerLifetimeValue { nodes { sales { nodes { saleId } } } } }' })
    expect(lists.json<Table>().errors[0]?.message).toContain('the list `sales` inside of a row')
  })

  test('begin the week with Monday', async () => {
    const { rows } = await table('revenue/by-weekday?source=week')
    expect(rows.map(({ weekday, totalOrders, shareOfRevenue }) => [weekday, totalOrders, shareOfRevenue])).toEqual([
      [1, 1, '0.250000'],
      [3, 1, '0.250000'],
      [7, 2, '0.500000'],
    ])
  })

  test.each([
    ['csv', 'rows'],
    ['csv', 'a relation'],
    ['ndjson', 'rows'],
    ['ndjson', 'a relation'],
    ['arrow', 'rows'],
    ['arrow', 'a relation'],
  ] as const)(
    'break the connection in %s when the warehouse fails behind the first chunk of %s, so that no part looks whole',
    async (format, failing) => {
      const gone = new WarehouseError('WAREHOUSE_UNAVAILABLE', name, 'gone')
      let related = 0
      if (failing === 'rows') warehouse.failAfterFirstChunk = gone
      else {
        warehouse.endless = true
        warehouse.before = async ({ statement }) => {
          if (!statement.sql.includes('product_sales_performance')) return
          related += 1
          if (related % 2 === 0) throw gone
        }
      }
      const query = '{ inventoryRisk { nodes { inventoryId product { productName } } } }'
      const body = failing === 'rows' ? undefined : JSON.stringify({ query, format })
      const address = `${url}/${body === undefined ? `api/v1/revenue/daily.${format}` : 'export'}`
      const sent = body === undefined ? [] : ['-H', 'content-type: application/json', '-d', body]
      const outcome = await run('curl', ['-sS', '--noproxy', '*', ...sent, address], { encoding: 'buffer' }).catch(
        (error: { code: number; stdout: Buffer }) => error,
      )
      expect(outcome).toMatchObject({ code: 18 })
      expect(outcome.stdout.subarray(-8).toString('hex')).not.toBe(endOfArrow)
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(address, body === undefined ? {} : { method: 'POST', headers, body })
      expect(answer.status).toBe(200)
      await expect(answer.arrayBuffer()).rejects.toThrow()
      expect(related).toBe(failing === 'rows' ? 0 : 4)
      expect(gateway.logged.filter(({ message }) => message === 'An export broke off')).toHaveLength(2)
    },
  )

  test('say with a status what fails before the first row', async () => {
    warehouse.failure = new WarehouseError('WAREHOUSE_UNAVAILABLE', name, 'gone')
    const answer = await get('revenue/daily.csv')
    expect([answer.statusCode, answer.json<Table>().errors[0]?.extensions.code]).toEqual([503, 'WAREHOUSE_UNAVAILABLE'])
    expect((await get('revenue/daily')).statusCode).toBe(503)
    warehouse.failure = new WarehouseError('OUT_OF_MEMORY', name, 'failed to allocate')
    const tooMuch = await get('revenue/daily.csv')
    expect([tooMuch.statusCode, tooMuch.json<Table>().errors[0]?.extensions.code]).toEqual([
      503,
      'WAREHOUSE_OUT_OF_MEMORY',
    ])
  })

  test('read on no further than their client takes', async () => {
    /** Of a megabyte or so each: more than any buffer between the server and its client takes in. */
    const most = 100
    let pieces = 0
    warehouse.endless = true
    warehouse.pieceTaken = () => {
      pieces += 1
      if (pieces === most) warehouse.endless = false
    }
    const ends = new Promise<void>((resolve) => {
      warehouse.streamEnded = resolve
    })
    const query = '{ dailyRevenue { nodes { source revenueDate netRevenue } } }'
    const answer = await fetch(`${url}/export`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, format: 'ndjson' }),
    })
    await answer.body?.cancel()
    await ends
    expect(pieces).toBeLessThan(most)
  })

  test('are sent again only when a publish has changed them', async () => {
    const first = await get('revenue/daily?limit=2')
    const etag = String(first.headers.etag)
    expect(etag).toMatch(/^(W\/)?"/)
    const before = warehouse.readings.length
    const again = await get('revenue/daily?limit=2', { 'if-none-match': etag })
    expect([again.statusCode, again.body, warehouse.readings.length]).toEqual([304, '', before])
    const query = new URLSearchParams({ query: '{ dailyRevenue(first: 1) { nodes { source } } }' })
    const preflight = { 'apollo-require-preflight': '1' }
    const question = await gateway.gateway.app.inject({ url: `/graphql?${query}`, headers: preflight })
    const vary = 'accept, authorization, origin, x-api-key, x-goldgate-role, x-goldgate-warehouse, x-goldgate-explain'
    expect([first, again, question].map(({ headers }) => headers.vary)).toEqual([vary, vary, vary])
    gateway.catalog.publish(name, builds.second)
    expect((await get('revenue/daily?limit=2', { 'if-none-match': etag })).statusCode).toBe(200)
    expect((await get('revenue/daily.csv')).headers.etag).toBeUndefined()
  })

  test('hold no more rows than a caller may export, and say so before the first', async () => {
    const { app, close } = (
      await new TestGateway(new Map([[name, warehouse]])).start({
        operations: [shipped],
        limits: { exportRows: days.length - 1 },
      })
    ).gateway
    const refused = await app.inject({ url: '/api/v1/revenue/daily.csv' })
    expect([refused.statusCode, refused.json<Table>().errors[0]?.extensions.code]).toEqual([400, 'PAGE_TOO_LARGE'])
    expect((await app.inject({ url: '/api/v1/revenue/daily.csv?limit=5' })).statusCode).toBe(200)
    expect((await app.inject({ url: '/api/v1/revenue/daily.csv?source=other' })).statusCode).toBe(200)
    await close()
  })

  test('export a query of one’s own in every format', async () => {
    const query = `query Mine($of: [String!]) {
      dailyRevenueBy(where: { source: { in: $of } }) { list: nodes { ...Sums month: revenueDate(grain: MONTH) } totals { netRevenue } }
    }
    fragment Sums on DailyRevenueGroup { netRevenue running: netRevenue(as: RUNNING) }`
    const json = (await post({ query, variables: { of: ['other'] }, format: 'json', limit: 100 })).json<Table>()
    expect(json).toMatchObject({ truncated: false, totals: { netRevenue: '1800.13' } })
    const ndjson = await post({ query, variables: { of: ['other'] }, format: 'ndjson' })
    expect(
      ndjson.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(json.rows)
    const csv = await post({ query, variables: { of: ['other'] } })
    expect(csv.body.split('\n')[0]).toBe('netRevenue,running,month')
    const arrow = tableFromIPC(
      (await post({ query: '{ dailyRevenueBy { nodes { totalOrders netRevenue } } }', format: 'arrow' })).rawPayload,
    )
    // A sum is a number in every format, as a row's measure is.
    expect(arrow.schema.fields.map(({ type }) => String(type))).toEqual(['Int64', 'Decimal[38e+2]'])
    const [line = ''] = (
      await post({
        query: '{ dailyRevenueBy { nodes { totalOrders netRevenue } } }',
        format: 'ndjson',
        decimals: 'number',
      })
    ).body.split('\n')
    expect(Object.values(JSON.parse(line)).map((value) => typeof value)).toEqual(['number', 'number'])
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__typename'])(
    'take %s for a name like any other, in every format',
    async (key) => {
      const rows = `{ ${key}: dailyRevenue(first: 2) { ${key}: nodes { ${key}: source revenueDate } } }`
      const groups = `{ ${key}: dailyRevenueBy(first: 2) { nodes { ${key}: source } ${key}: totals { ${key}: totalOrders } } }`
      const related = `{ inventoryRisk(first: 2) { nodes { ${key}: product { ${key}: productName } } } }`
      for (const [query, column] of [
        [rows, key],
        [groups, key],
        [related, `${key}_${key}`],
      ] as const) {
        const json = await post({ query, format: 'json' })
        const [row] = json.json<Table>().rows
        expect([json.statusCode, Object.hasOwn(row ?? {}, column)]).toEqual([200, true])
        const csv = await post({ query, format: 'csv' })
        expect([csv.statusCode, csv.body.split('\n')[0]?.split(',')[0]]).toEqual([200, column])
        const ndjson = await post({ query, format: 'ndjson' })
        expect(ndjson.body.split('\n')[0]).toContain(`"${column}":`)
        const arrow = await post({ query, format: 'arrow' })
        expect(tableFromIPC(arrow.rawPayload).schema.fields[0]?.name).toBe(column)
        const plain = await gateway.ask(query)
        expect([plain.status, plain.body.errors]).toEqual([200, undefined])
      }
    },
  )

  test.each([
    ['two fields', '{ a: dailyRevenue { nodes { source } } b: dailyRevenue { nodes { source } } }', 'BAD_USER_INPUT'],
    ['no rows', '{ dailyRevenue { totalCount } }', 'BAD_USER_INPUT'],
    ['edges', '{ dailyRevenue { nodes { source } edges { cursor } } }', 'BAD_USER_INPUT'],
    ['what lists nothing', '{ parity { build } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['what is no GraphQL', '{ dailyRevenue {', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ dailyRevenue { nodes { profit } } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'two columns of one name',
      '{ dailyRevenue { nodes { source source2: source } nodes2: nodes { source } } }',
      'BAD_USER_INPUT',
    ],
    ['a last page', '{ dailyRevenue(last: 3) { nodes { source } } }', 'PAGE_ARGUMENTS_INVALID'],
    ['a deep text', `${'{a'.repeat(400)}${'}'.repeat(400)}`, 'QUERY_TOO_DEEP'],
  ])('refuse to export %s', async (_, query, code) => {
    const answer = await post({ query })
    expect([answer.statusCode, answer.json<Table>().errors[0]?.extensions.code]).toEqual([400, code])
  })

  test.each([
    [{}, '`query` is missing.'],
    [{ query: 1 }, '`query` takes a value of type string.'],
    [{ query: '{a}', format: 'xml' }, '`format` takes json, csv, ndjson, arrow.'],
    [{ query: '{a}', limit: 0 }, '`limit` is at least 1.'],
    [{ query: '{a}', limit: 1.5 }, '`limit` takes a value of type int.'],
    [{ query: '{a}', rows: 1 }, '`rows` is not known. There are: query, variables, operationName, format,'],
  ])('tell what is wrong with %j in place of an export', async (body, message) => {
    const answer = await post(body)
    const [error] = answer.json<Table>().errors
    expect([answer.statusCode, error?.extensions.code]).toEqual([400, 'BAD_REQUEST'])
    expect(error?.message).toContain(message)
  })
})

test('a GET is answered by the warehouse and from the build that it names, in every format', async () => {
  const { duckdb, postgres } = warehouses
  const both = await new TestGateway(
    new Map([
      ['duckdb', duckdb],
      ['postgres', postgres],
    ]),
  ).start({ operations: [shipped] })
  for (const warehouse of both.warehouses.keys()) both.catalog.publish(warehouse, builds.second)
  const { app, close } = both.gateway
  for (const [query, warehouse, build, cents] of [
    ['', 'duckdb', 'b2', '.02'],
    ['&warehouse=postgres', 'postgres', 'b2', '.02'],
    ['&warehouse=duckdb&build=b1', 'duckdb', 'b1', '.01'],
    ['&warehouse=postgres&build=b1', 'postgres', 'b1', '.01'],
    ['&build=b1', 'duckdb', 'b1', '.01'],
  ] as const) {
    for (const each of both.warehouses.values()) each.readings.length = 0
    const json = (await app.inject(`/api/v1/revenue/daily?limit=1${query}`)).json<Table>()
    expect(json.extensions.goldgate.builds).toMatchObject([{ warehouse, build }])
    expect(json.rows[0]?.netRevenue).toContain(cents)
    for (const format of ['csv', 'ndjson', 'arrow'] as const) {
      const { headers, body } = await app.inject(`/api/v1/revenue/daily.${format}?limit=1${query}`)
      expect(headers).toMatchObject({
        ...{ 'content-type': types[format], 'x-goldgate-warehouse': warehouse, 'x-goldgate-build': build },
      })
      if (format !== 'arrow') expect(body).toContain(cents)
    }
    const asked = [...both.warehouses].filter(([, { readings }]) => readings.length > 0)
    expect([query, asked.map(([name]) => name)]).toEqual([query, [warehouse]])
  }
  await close()
})

describe('an operation of one’s own with parameters of other types', () => {
  let folder: string
  let gateway: TestGateway
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'operations '))
    const files = {
      days: `# path: own/days
# Days by their revenue.
# $least: No less than this.
# $exactly: One of these.
query Days($least: Decimal, $exactly: [Decimal!]) {
  dailyRevenue(where: { netRevenue: { gte: $least, in: $exactly } }) { nodes { netRevenue } }
}`,
      calendar: `# path: own/calendar
# Three days.
# $fill: With those that have no rows.
# $orders: With their orders.
query Calendar($fill: Boolean, $orders: Boolean = false) {
  dailyRevenueBy(fill: $fill, where: { revenueDate: { between: { from: "2023-12-30", to: "2024-01-01" } } }) {
    nodes { revenueDate totalOrders @include(if: $orders) }
  }
}`,
      counts: `# path: own/counts
# What was counted last.
# $since: Not before this moment.
query Counts($since: Timestamp) { inventoryRisk(where: { lastUpdatedAt: { gte: $since } }) { nodes { inventoryId } } }`,
      many: `# path: own/many
# Many campaigns.
query Many($limit: Int = 1000) { campaignRoi(first: $limit) { nodes { campaignId } } }`,
      some: `# path: own/some
# Some campaigns.
query Some($limit: Int) { campaignRoi(first: $limit) { nodes { campaignId } } }`,
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `${name}.graphql`), text)
    gateway = await new TestGateway(warehouses.both).start({ operations: [shipped, folder] })
  })
  afterAll(async () => {
    await gateway?.gateway.close()
    await rm(folder, { recursive: true })
  })

  const month = (...days: string[]) => days.map((revenueDate) => ({ revenueDate }))
  const counted = (...ids: string[]) => ids.map((inventoryId) => ({ inventoryId }))
  const revenue = (times: number, netRevenue: string) => Array.from({ length: times }, () => ({ netRevenue }))

  test.each([
    ['own/days?least=300.01', revenue(6, '300.01')],
    ['own/days?least=300.0100001', []],
    ['own/days?least=-0.5&exactly=100.01', revenue(6, '100.01')],
    ['own/days?exactly=300.010,300.02', revenue(6, '300.01')],
    ['own/days?exactly=300.01&exactly=7', revenue(6, '300.01')],
    ['own/days?exactly=[300.01]', revenue(6, '300.01')],
    ['own/calendar', month('2024-01-01')],
    ['own/calendar?fill=false', month('2024-01-01')],
    ['own/calendar?fill=true', month('2024-01-01', '2023-12-31', '2023-12-30')],
    ['own/calendar?orders=true', [{ revenueDate: '2024-01-01', totalOrders: 0 }]],
    ['own/calendar?orders=false', month('2024-01-01')],
    ['own/counts?since=2024-03-01T00:00:00.000001Z', counted('i4')],
    ['own/counts?since=2024-03-01T01:00:00%2B01:00', counted('i3', 'i4')],
    ['own/counts?since=1969-07-20T20:17:40.123457Z', counted('i2', 'i3', 'i4')],
  ])('takes %s', async (asked, rows) => {
    const [path, query = ''] = asked.split('?')
    for (const warehouse of gateway.warehouses.keys()) {
      const { app } = gateway.gateway
      const json = (await app.inject(`/api/v1/${asked}${query ? '&' : '?'}warehouse=${warehouse}`)).json<Table>()
      expect([warehouse, json.rows]).toEqual([warehouse, rows])
      const ndjson = await app.inject(`/api/v1/${path}.ndjson?${query}&warehouse=${warehouse}`)
      expect(JSON.parse(`[${ndjson.body.trimEnd().replaceAll('\n', ',')}]`)).toEqual(rows)
    }
  })

  test.each([
    ['own/many', 365, 'JSON: 365 unless given, at most 365. CSV, NDJSON and Arrow: 1000 unless given.'],
    ['own/some', 30, 'JSON: 30 unless given, at most 365. CSV, NDJSON and Arrow: all of them unless given.'],
  ])(
    'of %s, JSON has no more rows unasked than may be asked for, as the OpenAPI document says',
    async (path, rows, said) => {
      const { app } = gateway.gateway
      for (const warehouse of gateway.warehouses.keys()) {
        const json = (await app.inject(`/api/v1/${path}?warehouse=${warehouse}`)).json<Table>()
        expect(json).toMatchObject({ rowCount: rows, truncated: true })
        const next = (await app.inject(`/api/v1/${path}${json.next}`)).json<Table>()
        expect(next.rows[0]).toEqual({ campaignId: campaigns[rows] })
        const ndjson = await app.inject(`/api/v1/${path}.ndjson?warehouse=${warehouse}`)
        expect(ndjson.body.trimEnd().split('\n')).toHaveLength(campaigns.length)
      }
      const { paths } = (await app.inject('/openapi.json')).json()
      const parameters: { readonly name: string }[] = paths[`/api/v1/${path}`].get.parameters
      expect(parameters.find(({ name }) => name === 'limit')).toEqual({
        ...{ name: 'limit', in: 'query', description: `Rows at most. ${said}` },
        schema: { type: 'integer', minimum: 1 },
      })
    },
  )

  const decimal = /`(least|exactly)` takes a decimal like 12\.50 \(Decimal\), not ".*"/
  const truth = /`(fill|orders)` takes true or false \(Boolean\), not ".*"/
  const instant = /`since` takes an instant like 2024-03-31T18:30:00Z \(Timestamp\), not ".*"/
  test.each([
    ['own/days?least=much', 'least', decimal],
    ['own/days?least=1e3', 'least', decimal],
    ['own/days?least=1,50', 'least', decimal],
    ['own/days?least=', 'least', decimal],
    ['own/days?least=0x10', 'least', decimal],
    [`own/days?least=${'9'.repeat(200)}`, 'least', decimal],
    ['own/days?least=1&least=2', 'least', /`least` is given 2 times/],
    ['own/days?exactly=1.50,some', 'exactly', /`exactly` takes a decimal .*\(Decimal\), not "some"/],
    ['own/calendar?fill=1', 'fill', truth],
    ['own/calendar?fill=TRUE', 'fill', truth],
    ['own/calendar?fill=', 'fill', truth],
    ['own/calendar?orders=yes', 'orders', truth],
    ['own/counts?since=2024-03-01', 'since', instant],
    ['own/counts?since=2024-02-30T00:00:00Z', 'since', instant],
    ['own/counts?since=2024-03-01T00:00:00', 'since', instant],
    ['own/counts?since=1709251200', 'since', instant],
  ])('refuses %s by its name', async (asked, parameter, message) => {
    const [path, query] = asked.split('?')
    for (const url of [`/api/v1/${asked}`, `/api/v1/${path}.csv?${query}`]) {
      const answer = await gateway.gateway.app.inject(url)
      const [error] = answer.json<Table>().errors
      expect([answer.statusCode, error?.extensions]).toMatchObject([400, { code: 'BAD_USER_INPUT', parameter }])
      expect(error?.message).toMatch(message)
    }
  })
})
