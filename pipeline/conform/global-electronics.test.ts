import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFiles } from '../sources/find-files.js'
import { loadMapping, packagedMappings } from '../sources/load-mappings.js'
import { conform } from './conform.js'
import type { ConformResult } from './contract.js'
import { batchRows } from './testing/conform-folder.js'

const data = process.env.GOLDGATE_TEST_DATA
if (data === undefined)
  console.warn('Skipped: set GOLDGATE_TEST_DATA to a folder that holds global-electronics/ to run these tests.')

/** The figures were computed from the raw files by other means than this program. */
describe.skipIf(data === undefined)('global-electronics, the real files', () => {
  let workDirectory: string
  let result: ConformResult
  beforeAll(async () => {
    workDirectory = await mkdtemp(join(tmpdir(), 'goldgate-real-'))
    const mapping = await loadMapping('global-electronics', [packagedMappings()])
    const files = await findFiles(mapping, join(data ?? '', 'global-electronics'))
    const objects = files.map((file) => ({ ...file, key: file.file, sha256: '', rows: 0, runId: 'run1' }))
    const keys = (datasets: readonly string[]) =>
      objects.filter((object) => datasets.includes(object.dataset)).map((object) => object.key)
    await mkdir(workDirectory, { recursive: true })
    const entities = mapping.entities.map((each) => {
      return { entity: each.entity, objectKeys: keys([each.from]), lookupKeys: keys(each.lookups), hash: '' }
    })
    result = await conform({ mapping, runId: 'run1', objects, entities, workDirectory, memoryLimitMb: 512 })
  })
  afterAll(() => rm(workDirectory, { recursive: true, force: true }))

  const rows = (entity: string, columns: string) =>
    batchRows(
      result.entities.find((each) => each.entity === entity),
      columns,
    )

  it('loads every row and rejects none', () => {
    const counts = result.entities.map(({ entity, counts: { raw, loaded, collapsed, quarantined, filtered } }) => {
      return [entity, raw, loaded, collapsed, quarantined, filtered]
    })
    expect(counts).toEqual([
      ['products', 2517, 2517, 0, 0, 0],
      ['customers', 15266, 15266, 0, 0, 0],
      ['stores', 67, 67, 0, 0, 0],
      ['sales', 62884, 26326, 36558, 0, 0],
      ['sale_items', 62884, 62884, 0, 0, 0],
    ])
  })

  it('comes to the known totals, to the cent', async () => {
    const lines = 'sum(quantity), sum(line_total), sum((unit_price - unit_cost) * quantity)::DECIMAL(18,2)'
    expect(await rows('sale_items', lines)).toEqual([['197757', '55755479.59', '32662688.38']])
    expect(await rows('sales', 'count(*), sum(total_amount)')).toEqual([['26326', '55755479.59']])
  })

  it('keeps what is hard in these files', async () => {
    const napoli =
      "list(DISTINCT state) FILTER (WHERE city = 'Polvica')::VARCHAR, count(*) FILTER (WHERE state IS NULL)"
    expect(await rows('customers', napoli)).toEqual([['[Napoli]', '0']])
    const accents = "count(*) FILTER (WHERE regexp_matches(customer_name || city || state, '[À-ÿ]'))"
    expect(Number((await rows('customers', accents))[0]?.[0])).toBeGreaterThan(100)
    const online =
      "count(*) FILTER (WHERE (channel = 'online') <> (store_id = '0')), count(*) FILTER (WHERE (delivered_on IS NOT NULL) <> (store_id = '0'))"
    expect(await rows('sales', online)).toEqual([['0', '0']])
    expect(
      await rows('stores', "count(*) FILTER (WHERE store_type = 'online'), count(*) FILTER (WHERE country IS NULL)"),
    ).toEqual([['1', '1']])
    const dollars =
      "count(*) FILTER (WHERE currency = 'USD' AND exchange_rate <> 1), count(*) FILTER (WHERE exchange_rate IS NULL)"
    expect(await rows('sales', dollars)).toEqual([['0', '0']])
    expect(
      await rows(
        'products',
        "selling_price FILTER (WHERE product_id = '1')".replace('selling_price', 'max(selling_price)'),
      ),
    ).toEqual([['12.9900']])
    expect(await rows('sales', 'min(ordered_at)::VARCHAR, min(order_date)::VARCHAR, max(order_date)::VARCHAR')).toEqual(
      [['2016-01-01 05:00:00', '2016-01-01', '2021-02-20']],
    )
  })
})
