import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GoldgateApp } from '../../src/composition/goldgate-app.js'
import { Installation } from '../../src/composition/installation.js'
import { buildGateway, type Gateway } from '../../src/gateway/gateway.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'

const PUBLISHES = 500
const READS = 10_000
const READERS = 6

const DAYS = 'dailyRevenue(first: 3, warehouse: $warehouse) { totalCount nodes { revenueDate totalOrders netRevenue } }'
const PRODUCTS =
  'productSalesPerformance(first: 3, warehouse: $warehouse) { totalCount nodes { productId netRevenue unitsSold } }'

interface Answer {
  readonly data: Readonly<Record<string, unknown>>
  readonly errors?: unknown
  readonly extensions: { readonly goldgate: { readonly builds: readonly { readonly build: string }[] } }
}

describe('readers while builds are published', () => {
  let test: TestInstallation
  let installation: Installation
  let gateway: Gateway
  /** By build id: the whole answer of both models. */
  const expected = new Map<string, string>()

  beforeAll(async () => {
    const scratch = await createInstallation({ sources: { demo: '.' } })
    const data = join(scratch.folder, 'current')
    test = await createInstallation({ sources: { demo: data } })
    const app: GoldgateApp = test.open()
    for (const seed of [1, 2]) {
      await rm(data, { recursive: true, force: true })
      await mkdir(data, { recursive: true })
      await cp(await generateSmallDemo(scratch.folder, { seed }), data, { recursive: true })
      expect((await app.run({}, () => {})).status).toBe('published')
    }
    await app.close()
    await scratch.remove()
    installation = new Installation(test.config)
    const logger = {
      info: () => {},
      warn: () => {},
      error: (message: string, fields?: unknown) => console.error(message, fields),
    }
    gateway = await buildGateway({
      warehouses: await installation.warehouses(),
      defaultWarehouse: 'postgres',
      catalog: (await installation.control()).builds,
      introspection: true,
      landingPage: false,
      logger,
    })
    const builds = (await (await installation.control()).report.builds()).filter(
      (build) => build.warehouse === 'postgres',
    )
    for (const { buildId } of builds) {
      await publish(buildId)
      expected.set(buildId, JSON.stringify((await ask(`${DAYS} ${PRODUCTS}`, 'postgres')).data))
    }
    expect(new Set(expected.values()).size).toBe(2)
  })
  afterAll(async () => {
    await gateway?.close()
    await installation?.close()
    await test?.remove()
  })

  async function ask(fields: string, warehouse: string): Promise<Answer> {
    const response = await gateway.app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: `query ($warehouse: String) { ${fields} }`, variables: { warehouse } },
    })
    const answer = response.json<Answer>()
    if (answer.errors !== undefined) throw new Error(response.body)
    return answer
  }

  async function publish(buildId: string): Promise<void> {
    const { builds } = await installation.control()
    for (const warehouse of ['postgres', 'duckdb']) await builds.hold(warehouse, buildId)
  }

  /** Readers read while the pointers go back and forth; returns how many answers were those of no single build. */
  async function hammer(
    read: (warehouse: string) => Promise<string>,
    reads: number,
    publishes: number,
  ): Promise<number> {
    const whole = new Set(expected.values())
    let [read_, published, torn, reading] = [0, 0, 0, true]
    const reader = async (warehouse: string) => {
      while (read_ < reads || published < publishes) {
        read_ += 1
        if (!whole.has(await read(warehouse))) torn += 1
      }
      reading = false
    }
    const publisher = async () => {
      const ids = [...expected.keys()]
      while (reading) {
        await publish(ids[published % 2] ?? '')
        published += 1
      }
    }
    const readers = Array.from({ length: READERS }, (_, i) => reader(i % 2 === 0 ? 'postgres' : 'duckdb'))
    await Promise.all([publisher(), ...readers])
    expect(published).toBeGreaterThanOrEqual(publishes)
    return torn
  }

  it(`get ${READS} whole answers of one build each during ${PUBLISHES} publishes`, { timeout: 600_000 }, async () => {
    const read = async (warehouse: string) => {
      const answer = await ask(`${DAYS} ${PRODUCTS}`, warehouse)
      const [build] = answer.extensions.goldgate.builds
      const text = JSON.stringify(answer.data)
      return expected.get(build?.build ?? '') === text ? text : `torn: ${text}`
    }
    expect(await hammer(read, READS, PUBLISHES)).toBe(0)
  })

  it('would get torn answers if each model were read by the pointer of its own moment', {
    timeout: 600_000,
  }, async () => {
    const read = async (warehouse: string) => {
      const days = await ask(DAYS, warehouse)
      const products = await ask(PRODUCTS, warehouse)
      return JSON.stringify({ ...days.data, ...products.data })
    }
    expect(await hammer(read, 1000, 50)).toBeGreaterThan(0)
  })
})
