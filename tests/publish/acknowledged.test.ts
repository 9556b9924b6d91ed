import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BuildLog } from '../../pipeline/control/builds.js'
import { ControlDatabase } from '../../pipeline/control/database.js'
import { Installation } from '../../src/composition/installation.js'
import { recordBuilds } from '../fixtures/control/builds.js'
import { writeBuild } from '../fixtures/gateway/gold-rows.js'
import { sampleRows } from '../fixtures/gateway/sample.js'
import { type DatabaseLine, databaseLine } from '../setup/database-line.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { ended, type GatewayProcess, startGatewayProcess } from './gateways.js'

const BUILDS = 50
const idOf = (n: number): string => `build-${n}`

interface Answer {
  readonly data?: { readonly dailyRevenue: { readonly nodes: readonly { readonly totalOrders: number }[] } } | null
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
  readonly extensions?: { readonly goldgate: { readonly builds: readonly { readonly build: string }[] } }
}

describe('three gateways while builds are published', () => {
  let test: TestInstallation
  let database: ControlDatabase
  let builds: BuildLog
  let line: DatabaseLine
  const gateways: GatewayProcess[] = []
  /** Number of the build whose publish has returned last. */
  let published = 0

  beforeAll(async () => {
    test = await createInstallation({ sources: {} })
    const { TEST_CONTROL_URL: url = '', TEST_WAREHOUSE_URL: warehouse = '' } = test.env
    database = await ControlDatabase.open({ url })
    builds = new BuildLog(database)
    const ids = Array.from({ length: BUILDS }, (_, n) => idOf(n))
    await recordBuilds(database, url, 'postgres', ids)
    await makeTables(test, warehouse, ids)
    await publish(0)
    line = await databaseLine(url)
    const env = { ...test.env, PORT: '0' }
    const started = [env, env, { ...env, TEST_CONTROL_URL: line.url }].map(startGatewayProcess)
    for (const each of started) gateways.push(await each)
  })
  afterAll(async () => {
    for (const { process } of gateways) process.kill('SIGKILL')
    await database?.close()
    line?.close()
    await test?.remove()
  })

  async function publish(n: number): Promise<number> {
    const begun = performance.now()
    await builds.hold('postgres', idOf(n))
    published = n
    return performance.now() - begun
  }

  /** One question, and what is wrong with its answer: it must be of the build that was published when it was asked, or of a newer one. */
  async function ask(gateway: GatewayProcess): Promise<string | undefined> {
    const least = published
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ dailyRevenue(first: 1) { nodes { totalOrders } } }' }),
    })
    const answer = (await response.json()) as Answer
    if (answer.errors) return answer.errors.map(({ extensions }) => extensions.code).join()
    const n = answer.data?.dailyRevenue.nodes[0]?.totalOrders
    const named = answer.extensions?.goldgate.builds[0]?.build
    if (n === undefined || named !== idOf(n)) return `rows of build ${n} said to be of ${named}`
    return n < least ? `build ${n} after ${least} was published` : undefined
  }

  /** Readers of these gateways go on while `work` does; returns what was wrong. */
  async function whileReading(read: readonly GatewayProcess[], work: () => Promise<void>): Promise<string[]> {
    const wrong: string[] = []
    let [working, answers] = [true, 0]
    const reader = async (gateway: GatewayProcess) => {
      while (working) {
        const problem = await ask(gateway)
        if (problem !== undefined) wrong.push(problem)
        answers += 1
      }
    }
    await Promise.all([...read, ...read].map(reader).concat(work().finally(() => (working = false))))
    expect(answers).toBeGreaterThan(10)
    return wrong
  }

  const [first, paused, cut] = [() => at(0), () => at(1), () => at(2)]
  function at(index: number): GatewayProcess {
    const gateway = gateways[index]
    if (!gateway) throw new Error(`There is no gateway ${index}`)
    return gateway
  }

  it('no answer that is asked for after a publish has returned is of an older build', async () => {
    const took: number[] = []
    const wrong = await whileReading(gateways, async () => {
      for (let n = 1; n <= 25; n += 1) took.push(await publish(n))
    })
    expect(wrong).toEqual([])
    // Whoever hears does not make a publish wait for its lease.
    expect(took.sort((a, b) => a - b)[12]).toBeLessThan(2_000)
  })

  it('nor when one is paused and another one cut from the database: they hold a publish up no longer than their lease, and then answer the new build or not at all', async () => {
    paused().process.kill('SIGSTOP')
    line.cut()
    const wrong = await whileReading([first()], async () => {
      const took = await publish(26)
      expect(took).toBeGreaterThan(2_000)
      expect(took).toBeLessThan(7_000)
      expect(await publish(27)).toBeLessThan(4_000)
    })
    expect(wrong).toEqual([])
    // They wait in front of the paused process until it goes on, on connections that it has and on new ones.
    const waiting = Array.from({ length: 20 }, () => ask(paused()))
    const refused = [ask(cut()), ask(cut())]
    paused().process.kill('SIGCONT')
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => undefined))
    expect(await Promise.all(refused)).toEqual(['CONTROL_DATABASE_UNAVAILABLE', 'CONTROL_DATABASE_UNAVAILABLE'])
    line.mend()
    await expect.poll(() => ask(cut()), { timeout: 15_000 }).toBeUndefined()
  })

  it('and all goes on as before when they are back, and when sessions of theirs are ended by the server', async () => {
    const wrong = await whileReading(gateways, async () => {
      for (let n = 28; n < BUILDS; n += 1) {
        if (n % 10 === 0) await endSessions()
        await publish(n)
      }
    })
    // Their pools may have lost a connection in the middle of a question, never their memory.
    expect(wrong.filter((problem) => problem !== 'CONTROL_DATABASE_UNAVAILABLE')).toEqual([])
  })

  it('one that is told to stop is waited for no longer', async () => {
    first().process.kill('SIGTERM')
    expect(await ended(first())).toBe(0)
    const left = await database.query('SELECT FROM goldgate_control.gateways WHERE lease_until > clock_timestamp()')
    expect(left).toHaveLength(2)
  })

  async function endSessions(): Promise<void> {
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'goldgate pointers'`,
    )
  }
})

/** One model with a row or more for each build, whose number of orders is the number of the build. */
async function makeTables(test: TestInstallation, url: string, ids: readonly string[]): Promise<void> {
  const installation = new Installation(test.config)
  const [warehouse] = (await installation.warehouses()).values()
  if (!warehouse) throw new Error('There is no warehouse')
  await writeBuild(warehouse, { buildId: 'sample', tag: 'sample' }, sampleRows())
  await installation.close()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const [n, id] of ids.entries()) {
    const table = `gold_builds."daily_revenue__${id}_1"`
    await client.query(`CREATE TABLE ${table} AS TABLE gold_builds.daily_revenue__sample`)
    await client.query(`UPDATE ${table} SET total_orders = ${n}`)
  }
  await client.end()
}
