import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dailyRevenue } from '../../models/gold/daily-revenue.js'
import { BuildLog } from '../../pipeline/control/builds.js'
import { ControlDatabase } from '../../pipeline/control/database.js'
import { Installation } from '../../src/composition/installation.js'
import { recordBuilds } from '../fixtures/control/builds.js'
import { writeBuild } from '../fixtures/gateway/gold-rows.js'
import { sampleRows } from '../fixtures/gateway/sample.js'
import { type DatabaseLine, databaseLine } from '../setup/database-line.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { ended, type GatewayProcess, goldgate, startGatewayProcess } from './gateways.js'

type Asked = 'postgres' | 'duckdb'

const BUILDS = { postgres: 50, duckdb: 8 }
const idOf = (n: number, warehouse: Asked = 'postgres'): string => `${warehouse}_${n}`
const idsOf = (warehouse: Asked): string[] => Array.from({ length: BUILDS[warehouse] }, (_, n) => idOf(n, warehouse))

interface Answer {
  readonly data?: { readonly dailyRevenue: { readonly nodes: readonly { readonly totalOrders: number }[] } } | null
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
  readonly extensions?: { readonly goldgate: { readonly builds: readonly { readonly build: string }[] } }
}

describe('three gateways while builds are published and keys are revoked', () => {
  let test: TestInstallation
  let database: ControlDatabase
  let builds: BuildLog
  let line: DatabaseLine
  const gateways: GatewayProcess[] = []
  /** Numbers of the builds whose publish has returned last. */
  const published = { postgres: 0, duckdb: 0 }

  beforeAll(async () => {
    test = await createInstallation({
      sources: {},
      gateway: { authentication: { keys: true, anonymous: 'unrestricted' } },
    })
    const { TEST_CONTROL_URL: url = '', TEST_WAREHOUSE_URL: warehouse = '' } = test.env
    database = await ControlDatabase.open({ url })
    builds = new BuildLog(database)
    for (const each of ['postgres', 'duckdb'] as const) await recordBuilds(database, url, each, idsOf(each))
    await makeBuilds(test, warehouse)
    await publish(0)
    await publish(0, 'duckdb')
    line = await databaseLine(url)
    const env = { ...test.env, PORT: '0' }
    const started = [env, env, { ...env, TEST_CONTROL_URL: line.url }].map((each) => startGatewayProcess(each))
    for (const each of started) gateways.push(await each)
  })
  afterAll(async () => {
    for (const { process } of gateways) process.kill('SIGKILL')
    await database?.close()
    line?.close()
    await test?.remove()
  })

  async function publish(n: number, warehouse: Asked = 'postgres'): Promise<number> {
    const begun = performance.now()
    await builds.hold(warehouse, idOf(n, warehouse))
    published[warehouse] = n
    return performance.now() - begun
  }

  /** One question, and what is wrong with its answer: it must be of the build that was published when it was asked, or of a newer one. */
  async function ask(gateway: GatewayProcess, warehouse: Asked = 'postgres'): Promise<string | undefined> {
    const least = published[warehouse]
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: `{ dailyRevenue(first: 1, warehouse: "${warehouse}") { nodes { totalOrders } } }`,
      }),
    })
    const answer = (await response.json()) as Answer
    if (answer.errors) return answer.errors.map(({ extensions }) => extensions.code).join()
    const n = answer.data?.dailyRevenue.nodes[0]?.totalOrders
    const named = answer.extensions?.goldgate.builds[0]?.build
    if (n === undefined || named !== idOf(n, warehouse)) return `rows of build ${n} said to be of ${named}`
    return n < least ? `build ${n} after ${least} was published` : undefined
  }

  /** Readers of these gateways go on while `work` does; returns what was wrong. */
  async function whileReading(
    read: readonly GatewayProcess[],
    work: () => Promise<void>,
    warehouse: Asked = 'postgres',
  ): Promise<string[]> {
    const wrong: string[] = []
    let [working, answers] = [true, 0]
    const reader = async (gateway: GatewayProcess) => {
      while (working) {
        const problem = await ask(gateway, warehouse)
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

  it.each([
    ['postgres', 25],
    ['duckdb', 6],
  ] as const)(
    'no answer from %s that is asked for after a publish has returned is of an older build',
    async (warehouse, last) => {
      const took: number[] = []
      const publishing = async () => {
        for (let n = 1; n <= last; n += 1) took.push(await publish(n, warehouse))
      }
      expect(await whileReading(gateways, publishing, warehouse)).toEqual([])
      // Whoever hears does not make a publish wait for its lease.
      expect(took.sort((a, b) => a - b)[Math.floor(last / 2)]).toBeLessThan(2_000)
    },
  )

  /** A key of the command line, which every gateway has answered so often that it asks nobody any more whose it is. */
  async function keyInMemory(name: string): Promise<string> {
    const { stdout } = await goldgate(test, ['keys', 'create', name, '--role', 'unrestricted'])
    const key = stdout.trim()
    for (const gateway of gateways) {
      const answers = [1, 2, 3, 4].map(() => '')
      for (const i of answers.keys()) answers[i] = await askWith(key, gateway)
      // The third comes from a cache, behind which it is kept whole.
      expect(answers.slice(2)).toEqual([expect.stringMatching(/^200 .*"cache":"hit"/), answers[2]])
    }
    return key
  }

  async function askWith(key: string, { url }: GatewayProcess): Promise<string> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ query: '{ dailyRevenue(first: 2) { nodes { totalOrders } } }' }),
    })
    return `${response.status} ${await response.text()}`
  }

  const revoke = async (key: string) => expect(await goldgate(test, ['keys', 'revoke', key])).toMatchObject({ code: 0 })
  const refused = expect.stringMatching(/^401 /)

  it('a key is taken by none of them once revoking it has returned', async () => {
    const key = await keyInMemory('moved on')
    await revoke(key)
    expect(await Promise.all(gateways.map((gateway) => askWith(key, gateway)))).toEqual([refused, refused, refused])
  })

  it('nor by one that was paused meanwhile, when it goes on; and the list says that they are revoked', async () => {
    const [key, other] = await Promise.all([keyInMemory('lost'), keyInMemory('in use')])
    paused().process.kill('SIGSTOP')
    await revoke(key)
    expect(await Promise.all([first(), cut()].map((gateway) => askWith(key, gateway)))).toEqual([refused, refused])
    // Some wait on connections that it has, some on new ones.
    const waiting = Array.from({ length: 10 }, () => askWith(key, paused()))
    const good = askWith(other, paused())
    paused().process.kill('SIGCONT')
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => refused))
    expect(await good).toMatch(/^200 /)
    const { stdout } = await goldgate(test, ['keys', 'list', '--json'])
    const listed = JSON.parse(stdout) as { readonly name: string; readonly state: string }[]
    expect(Object.fromEntries(listed.map(({ name, state }) => [name, state]))).toEqual({
      ...{ 'moved on': 'revoked', lost: 'revoked', 'in use': 'good' },
    })
  })

  it('nor is an answer of an older build when one is paused and another one cut from the database: they hold a publish up no longer than their lease, and then answer the new build or not at all', async () => {
    paused().process.kill('SIGSTOP')
    line.cut()
    const wrong = await whileReading([first()], async () => {
      const took = await publish(26)
      expect(took).toBeGreaterThan(2_000)
      expect(took).toBeLessThan(7_000)
      expect(await publish(27)).toBeLessThan(4_000)
      await publish(7, 'duckdb')
    })
    expect(wrong).toEqual([])
    // They wait in front of the paused process until it goes on, on connections that it has and on new ones.
    const waiting = Array.from({ length: 20 }, (_, i) => ask(paused(), i % 2 === 0 ? 'postgres' : 'duckdb'))
    const refused = [ask(cut()), ask(cut())]
    paused().process.kill('SIGCONT')
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => undefined))
    expect(await Promise.all(refused)).toEqual(['CONTROL_DATABASE_UNAVAILABLE', 'CONTROL_DATABASE_UNAVAILABLE'])
    line.mend()
    await expect.poll(() => ask(cut()), { timeout: 15_000 }).toBeUndefined()
  })

  it('and all goes on as before when they are back, and when sessions of theirs are ended by the server', async () => {
    const wrong = await whileReading(gateways, async () => {
      for (let n = 28; n < BUILDS.postgres; n += 1) {
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
async function makeBuilds(test: TestInstallation, url: string): Promise<void> {
  const installation = new Installation(test.config)
  const warehouses = await installation.warehouses()
  const [postgres, duckdb] = [warehouses.get('postgres'), warehouses.get('duckdb')]
  if (!postgres || !duckdb) throw new Error('A warehouse is missing')
  const { daily_revenue: rows = [] } = sampleRows()
  for (const [n, buildId] of idsOf('duckdb').entries()) {
    const ofBuild = { daily_revenue: rows.map((row) => ({ ...row, total_orders: BigInt(n) })) }
    await writeBuild(duckdb, { buildId, tag: `${buildId}_1` }, ofBuild, [dailyRevenue])
  }
  await writeBuild(postgres, { buildId: 'sample', tag: 'sample' }, { daily_revenue: rows }, [dailyRevenue])
  await installation.close()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const [n, id] of idsOf('postgres').entries()) {
    const table = `gold_builds."daily_revenue__${id}_1"`
    await client.query(`CREATE TABLE ${table} AS TABLE gold_builds.daily_revenue__sample`)
    await client.query(`UPDATE ${table} SET total_orders = ${n}`)
  }
  await client.end()
}
