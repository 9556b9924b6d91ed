import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectGoldOf, readEqualGold } from '../equal/compare.js'
import type { GoldTables } from '../oracle/recompute.js'
import { findOrphans } from '../setup/orphans.js'
import { OneShop } from './one-shop.js'
import { type Order, ordersHeader, productsHeader } from './shop.js'
import { shopOf } from './shop-gold.js'

const order: Order = {
  ...{ order: '0001', version: 1, day: '2024-02-01', status: 'completed' },
  product: '0101',
  quantity: 1,
}

describe('a file that is wrong as a whole', () => {
  let one: OneShop
  let buildId: string
  let gold: GoldTables

  beforeAll(async () => {
    one = await OneShop.create()
    await one.shop.deliverOrders('1', [order])
    buildId = (await one.run()).runId
    gold = await readEqualGold(one.installation.config)
  })
  afterAll(() => one?.remove())

  async function expectUntouched(): Promise<void> {
    const { pointers } = await one.app.status()
    expect(pointers.map(({ build }) => [build?.buildId, build?.stale])).toEqual([
      [buildId, false],
      [buildId, false],
    ])
    expect(await readEqualGold(one.installation.config)).toEqual(gold)
    expect(await findOrphans(one.installation)).toEqual([])
  }

  it.each<[string, () => Promise<void>, readonly string[]]>([
    ['missing', () => one.shop.remove('products.csv'), ['products', 'products.csv']],
    ['empty', () => one.shop.deliver('products.csv', []), ['products', 'products.csv', 'empty']],
    [
      'without records',
      () => one.shop.deliver('products.csv', [productsHeader]),
      ['products', 'products.csv', 'no record'],
    ],
    [
      'without a column',
      () => one.shop.deliver('products.csv', ['id,name,state,price', '0101,Teapot,NA,1.00']),
      ['products', 'products.csv', '"cost"'],
    ],
    [
      'without a column, in a dataset that keeps its history',
      () =>
        one.shop.deliver('orders/2.csv', [
          ordersHeader.replace('total', 'sum'),
          '2,1,2024-02-02,completed,0101,1,2.50,2.50',
        ]),
      ['orders', 'orders/2.csv', '"total"'],
    ],
    [
      'of another format',
      () => one.shop.deliver('products.csv', [Buffer.from([0x50, 0x4b, 3, 4, 0, 0xff])]),
      ['products', 'products.csv'],
    ],
  ])('%s fails the run, is named, and leaves the published build untouched', async (_what, damage, named) => {
    const products = await readFile(join(one.shop.data, 'products.csv'))
    await damage()
    const run = await one.run()
    expect(run.status).toBe('failed')
    expect(run.failedSources.map((failed) => failed.source)).toEqual(['shop'])
    const message = run.failedSources[0]?.message ?? ''
    for (const name of ['shop', ...named]) expect(message).toContain(name)
    const { runs } = await one.app.status()
    expect(runs[0]).toMatchObject({ runId: run.runId, status: 'failed' })
    expect(runs[0]?.error).toContain(message)
    await expectUntouched()
    await one.shop.deliver('products.csv', [products.toString().trimEnd()])
    await one.shop.remove('orders/2.csv')
    expect(await one.run()).toMatchObject({ status: 'unchanged', failedSources: [] })
  })

  it.each<[string, readonly string[], string]>([
    ['not one row that can be used', ['0101'], '1 of 1 rows'],
    ['mostly rows that cannot', ['0101,Teapot,NA,1.00', ...Array.from({ length: 11 }, () => '0102')], '11 of 12 rows'],
  ])('a delivery with %s does not replace what is there', async (_what, lines, counted) => {
    const products = await readFile(join(one.shop.data, 'products.csv'))
    await one.shop.deliver('products.csv', [productsHeader, ...lines])
    const run = await one.run()
    expect(run.status).toBe('failed')
    const message = run.failedSources[0]?.message ?? ''
    for (const part of ['shop, products', counted, 'TOO_FEW_FIELDS', 'maxRejected']) expect(message).toContain(part)
    await expectUntouched()
    await one.shop.deliver('products.csv', [products.toString().trimEnd()])
    const repaired = await one.run()
    expect(repaired.status).toBe('published')
    buildId = repaired.runId
    expect(await readEqualGold(one.installation.config)).toEqual(gold)
  })

  it('ends the command with 1, and says what is wrong and what to do', async () => {
    await one.shop.remove('products.csv')
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
    const env = { ...process.env, ...one.installation.env }
    const command = promisify(execFile)(process.execPath, ['--import', 'tsx', main, 'run'], { env })
    await expect(command).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/products of shop has no file.*products\.csv[\s\S]*stays published/),
    })
    await expectUntouched()
    await one.shop.deliver('products.csv', [productsHeader, '0101,Teapot,NA,1.00', '0102,Cup,NY,0.50'])
    expect((await one.run()).status).toBe('unchanged')
    await expectGoldOf(one.installation.config, [shopOf([order])])
  })
})
