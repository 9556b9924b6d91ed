import { appendFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GoldgateApp } from '../../src/composition/goldgate-app.js'
import type { Config } from '../../src/config/config.js'
import { duckdbAdapter } from '../../warehouses/adapters/duckdb/adapter.js'
import { expectGoldOf } from '../equal/compare.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { OneShop } from './one-shop.js'
import { type Order, selects } from './shop.js'
import { shopOf } from './shop-gold.js'

describe('what came in over several runs', () => {
  let one: OneShop
  const order = (id: string, version: number, quantity: number): Order => ({
    ...{ order: id, version, day: `2024-02-0${version}`, status: 'completed' },
    ...{ product: '0101', quantity },
  })
  const newest = [order('1', 3, 5), order('2', 1, 1), order('3', 2, 4)]

  beforeAll(async () => {
    one = await OneShop.create()
    const deliveries = [
      [order('1', 3, 5), order('2', 1, 9)],
      [order('1', 2, 7), order('3', 1, 2)],
      [order('3', 2, 4), order('2', 1, 1)],
    ]
    for (const [index, orders] of deliveries.entries()) {
      await one.shop.deliverOrders(`${index}`, orders)
      expect((await one.run()).status).toBe('published')
    }
    // The sender keeps none of it: history is in Bronze.
    await one.shop.remove('orders')
  })
  afterAll(() => one?.remove())

  it('is in a warehouse that is added later, row for row, without the files', async () => {
    const later = { name: 'later', kind: 'duckdb', options: duckdbAdapter.parseOptions({}) }
    const config: Config = { ...one.installation.config, warehouses: [...one.installation.config.warehouses, later] }
    const app = new GoldgateApp(config)
    const run = await app.run({}, () => {}).finally(() => app.close())
    expect(run.warehouses.map((each) => [each.warehouse, each.outcome])).toEqual([
      ['postgres', 'unchanged'],
      ['duckdb', 'unchanged'],
      ['later', 'published'],
    ])
    const gold = await readGold(config)
    expect(goldHash(gold.get('later'))).toBe(goldHash(gold.get('postgres')))
    await expectGoldOf(one.installation.config, [shopOf(newest)])
  })

  it('is filled again where Silver was lost', async () => {
    const folder = join(one.installation.folder, 'home', 'warehouses', 'duckdb')
    const silver = (await readdir(folder)).filter((name) => name.startsWith('silver-'))
    expect(silver.length).toBeGreaterThan(0)
    for (const name of silver) await rm(join(folder, name))
    await one.shop.deliverOrders('more', [order('4', 1, 1)])
    expect((await one.run()).status).toBe('published')
    await expectGoldOf(one.installation.config, [shopOf([...newest, order('4', 1, 1)])])
  })

  /** By a process that has no file of the warehouse open. */
  async function runAfresh() {
    const app = one.installation.open()
    return app.run({}, () => {}).finally(() => app.close())
  }

  it('is conformed again, run by run, where the batches are lost with the warehouse', async () => {
    await rm(join(one.installation.folder, 'home', 'store', 'silver'), { recursive: true })
    await rm(join(one.installation.folder, 'home', 'warehouses', 'duckdb'), { recursive: true })
    expect((await runAfresh()).warehouses[1]).toMatchObject({ warehouse: 'duckdb', outcome: 'published' })
    await expectGoldOf(one.installation.config, [shopOf([...newest, order('4', 1, 1)])])
  })

  it('is not made of another mapping than it was: the error says what to bring back', async () => {
    const sql = join(one.shop.mappings, 'shop', 'sales.sql')
    await appendFile(sql, '-- another version\n')
    const sales = join(one.installation.folder, 'home', 'store', 'silver', 'shop', 'sales')
    await rm(sales, { recursive: true })
    await rm(join(one.installation.folder, 'home', 'warehouses', 'duckdb'), { recursive: true })
    const failed = await runAfresh()
    expect(failed.warehouses[1]).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(
        /silver\/shop\/sales\/.*the mapping of shop for sales.*was changed since run \S+ made it/,
      ),
    })
    await writeFile(sql, selects.sales)
    expect((await runAfresh()).warehouses[1]).toMatchObject({ warehouse: 'duckdb', outcome: 'published' })
    await expectGoldOf(one.installation.config, [shopOf([...newest, order('4', 1, 1)])])
  })
})
