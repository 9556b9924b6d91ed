import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../pipeline/sources/demo/random.js'
import { badInput, isRefusedWell } from '../../tests/fixtures/gateway/bad-input.js'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { megabytesInUse } from '../../tests/fixtures/megabytes-in-use.js'
import { packageRoot } from '../../warehouses/package-root.js'

let warehouses: TestWarehouses
let gateway: TestGateway
let url: string
beforeAll(async () => {
  warehouses = await openTestWarehouses()
  gateway = await new TestGateway(warehouses.both).start({
    cache: { megabytes: 1 },
    operations: [join(packageRoot(), 'operations')],
  })
  url = await gateway.gateway.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const headersOf = (warehouse: string) => ({ 'x-goldgate-warehouse': warehouse })

test.each(badInput)(
  '$name: answered by what it is, whatever its text, and nothing of the inside is told',
  async (bad) => {
    const random = createRandom(1, bad.name)
    for (const warehouse of gateway.warehouses.keys())
      for (let i = 0; i < 20; i += 1) {
        const answer = await bad.send(url, random, headersOf(warehouse))
        expect(isRefusedWell(bad, answer), `${answer.codes}: ${answer.text.slice(0, 300)}`).toBe(true)
      }
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  },
)

test('all of them together leave nothing behind', async () => {
  const random = createRandom(2, 'all of them')
  const everything = async (): Promise<number> => {
    for (let i = 0; i < 10; i += 1)
      for (const bad of badInput) await bad.send(url, random, headersOf(random.pick([...gateway.warehouses.keys()])))
    return megabytesInUse()
  }
  await everything()
  const before = await everything()
  expect((await everything()) - before).toBeLessThan(3)
})
