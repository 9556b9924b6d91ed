import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../../tests/fixtures/gateway/gateway.js'
import { megabytesInUse } from '../../../tests/fixtures/megabytes-in-use.js'

let warehouses: TestWarehouses
let gateway: TestGateway
beforeAll(async () => {
  warehouses = await openTestWarehouses()
  gateway = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({ cache: { megabytes: 1 } })
})
afterAll(async () => {
  await gateway?.gateway.close()
  await warehouses?.close()
})

const documents = 250

// Each of them takes almost half a megabyte once it is parsed: all of them together are more than what may be kept. None reads anything.
test.each([
  [
    'that have no plan',
    (where: string) => `{ dailyRevenue(build: "none", where: ${where}) { edges { node { source } } } }`,
  ],
  ['that have one', (where: string) => `{ dailyRevenue(build: "none", where: ${where}) { nodes { source } } }`],
])('of documents %s no more are held than there is room for', async (_, text) => {
  await gateway.ask(text('{ source: { eq: "first" } }'))
  const before = megabytesInUse()
  for (let i = 0; i < documents; i += 1) {
    const conditions = Array.from({ length: 190 }, (_, n) => `{ source: { eq: "s${i}_${n}" } }`).join(' ')
    const { status } = await gateway.ask(text(`{ or: [${conditions}] }`))
    expect(status).toBe(200)
  }
  expect(megabytesInUse() - before).toBeLessThan(75)
})

test('what is known of the statements of a document takes no more than was counted for it', async () => {
  const values = Array.from({ length: 3_000 }, (_, n) => n).join(' ')
  const ask = (i: number, first: number) =>
    gateway.ask(
      `query ($first: Int) { dailyRevenue(first: $first, where: { completedOrders: { in: [${values}] } }) { totalCount nodes { source } } } # ${i}`,
      { first },
    )
  await ask(0, 1)
  const before = megabytesInUse()
  for (let i = 1; i <= 4; i += 1) for (let first = 1; first <= 20; first += 1) await ask(i, first)
  expect(megabytesInUse() - before).toBeLessThan(30)
}, 180_000)
