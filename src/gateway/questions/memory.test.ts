import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../../tests/fixtures/gateway/gateway.js'

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

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const megabytesInUse = (): number => {
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

const documents = 400

// Each of them takes half a megabyte once it is parsed: all of them together are more than what may be kept.
test.each([
  [
    'that have no compiled form',
    (conditions: string) => `{ dailyRevenue(where: ${conditions}) { edges { node { source } } } }`,
  ],
  [
    'that fail before anything is read',
    (conditions: string) => `{ dailyRevenue(build: "none", where: ${conditions}) { totalCount } }`,
  ],
])('of documents %s no more are held than there is room for', async (_, text) => {
  await gateway.ask(text('{ source: { eq: "first" } }'))
  const before = megabytesInUse()
  for (let i = 0; i < documents; i += 1) {
    const conditions = Array.from({ length: 190 }, (_, n) => `{ source: { eq: "s${i}_${n}" } }`).join(' ')
    const { status } = await gateway.ask(text(`{ or: [${conditions}] }`))
    expect(status).toBe(200)
  }
  expect(megabytesInUse() - before).toBeLessThan(90)
})
