import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { recordBuilds } from '../../tests/fixtures/control/builds.js'
import { createTestDatabase, type TestDatabase } from '../../tests/setup/database.js'
import { type DatabaseLine, databaseLine } from '../../tests/setup/database-line.js'
import { BuildLog } from './builds.js'
import { ControlDatabase } from './database.js'
import { Lease } from './lease.js'
import { PointerWatch, type WatchOptions } from './pointer-watch.js'

let test: TestDatabase
let database: ControlDatabase
let builds: BuildLog

beforeAll(async () => {
  test = await createTestDatabase()
  database = await ControlDatabase.open(test)
  builds = new BuildLog(database)
  await recordBuilds(database, test.url, 'w', ['one', 'two'])
})
afterAll(async () => {
  await database.close()
  await test.drop()
})
beforeEach(async () => {
  await builds.hold('w', 'one')
})

async function watch(url = test.url, options: WatchOptions = {}): Promise<PointerWatch> {
  const watching = await PointerWatch.start({ url }, builds, options)
  onTestFinished(() => watching.close())
  return watching
}

/** What it knows without asking. */
const known = (watching: PointerWatch) => watching.current()?.get('w')?.buildId

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

async function onOwnConnection(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: test.url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

async function line(): Promise<DatabaseLine> {
  const way = await databaseLine(test.url)
  onTestFinished(() => way.close())
  return way
}

describe('the pointers in memory', () => {
  it('are those of the moment when a hold or a release has returned, and it waits no longer than for that', async () => {
    const watches = await Promise.all([watch(), watch(), watch()])
    for (let turn = 0; turn < 20; turn += 1) {
      const buildId = turn % 2 === 0 ? 'two' : 'one'
      expect(await millisecondsOf(() => builds.hold('w', buildId))).toBeLessThan(2_000)
      expect(watches.map(known)).toEqual([buildId, buildId, buildId])
    }
    await builds.release('w')
    expect(watches.map((each) => each.current()?.get('w'))).toMatchObject([
      { buildId: 'two', held: false },
      { buildId: 'two', held: false },
      { buildId: 'two', held: false },
    ])
  })

  it('are those of the moment when a run has published', async () => {
    const watching = await watch()
    await builds.hold('w', 'two')
    await database.pool.query(`UPDATE goldgate_control.published SET held = false`)
    const lease = await Lease.acquire({ url: test.url, seconds: 30 })
    await builds.publish(lease, { warehouse: 'w', buildId: 'one', tag: 'one_1' })
    expect(known(watching)).toBe('one')
    await lease.release()
  })

  it('follow a pointer that was moved by hand, and what else a reader is told of it', async () => {
    const watching = await watch()
    await database.pool.query(`UPDATE goldgate_control.published SET build_id = 'two', tag = 'two_1'`)
    await vi.waitFor(() => expect(known(watching)).toBe('two'))
    await database.pool.query(`UPDATE goldgate_control.builds SET data_through = '{"demo": "2025-02-01"}'`)
    await vi.waitFor(() => expect(watching.current()?.get('w')?.dataThrough).toEqual({ demo: '2025-02-01' }))
  })

  it('are heard of at once: no look that would be due later has to come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldClearNativeTimers: true })
    const watching = await watch()
    onTestFinished(() => void vi.useRealTimers())
    for (const buildId of ['two', 'one', 'two']) {
      await onOwnConnection(`UPDATE goldgate_control.published SET build_id = '${buildId}', tag = '${buildId}_1'`)
      await expect.poll(() => known(watching)).toBe(buildId)
    }
    expect(vi.getTimerCount()).toBeGreaterThan(0)
  })

  it('are looked at every second where nothing is heard', async () => {
    const watching = await watch()
    // What the triggers do, without the notification.
    await onOwnConnection(
      `SET session_replication_role = replica;
       UPDATE goldgate_control.published SET build_id = 'two', tag = 'two_1';
       UPDATE goldgate_control.generation SET generation = generation + 1`,
    )
    await vi.waitFor(() => expect(known(watching)).toBe('two'), { timeout: 3_000 })
  })

  it('are the same map until something changes, and a build that is named is read once until then', async () => {
    const watching = await watch()
    const before = watching.current()
    const named = await watching.retained('w', 'one')
    expect(named).toMatchObject({ buildId: 'one' })
    await setTimeout(1_200)
    expect(watching.current()).toBe(before)
    expect(await watching.retained('w', 'one')).toBe(named)
    await builds.hold('w', 'two')
    expect(watching.current()).not.toBe(before)
    expect(await watching.retained('w', 'one')).not.toBe(named)
    expect(await watching.retained('w', 'never')).toBeUndefined()
  })

  it('of one that has left are waited for by nobody', async () => {
    const watching = await watch()
    await watching.close()
    expect(watching.current()).toBeUndefined()
    expect(await millisecondsOf(() => builds.hold('w', 'two'))).toBeLessThan(2_000)
  })
})

describe('a gateway that cannot hear', () => {
  it('is sure of nothing before a publish that it missed returns, which takes a lease and not longer', async () => {
    const way = await line()
    const onDeaf = vi.fn()
    const watching = await watch(way.url, { onDeaf, leaseMs: 2_000 })
    const hearing = await watch()
    expect(known(watching)).toBe('one')
    way.cut()
    const wrong: string[] = []
    let returned = false
    const look = setInterval(() => {
      if (returned && known(watching) === 'one') wrong.push('the old build')
    })
    const took = await millisecondsOf(() => builds.hold('w', 'two'))
    returned = true
    expect(known(hearing)).toBe('two')
    expect(took).toBeGreaterThan(1_000)
    expect(took).toBeLessThan(3_000)
    await setTimeout(300)
    clearInterval(look)
    expect(wrong).toEqual([])
    expect(watching.current()).toBeUndefined()
    // What it reads for each request goes by the pool, which is not cut here.
    expect((await watching.published(['w'])).get('w')).toMatchObject({ buildId: 'two' })
    expect(await millisecondsOf(() => builds.hold('w', 'one'))).toBeLessThan(2_000)
    way.mend()
    await vi.waitFor(() => expect(known(watching)).toBe('one'), { timeout: 15_000 })
    expect(onDeaf).toHaveBeenCalledTimes(1)
  })

  it('connects again when the server ends its session, and goes on with its lease', async () => {
    const [onDeaf, onHearing] = [vi.fn(), vi.fn()]
    const watching = await watch(test.url, { onDeaf, onHearing })
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'goldgate pointers'`,
    )
    await vi.waitFor(() => expect(onHearing).toHaveBeenCalledTimes(1), { timeout: 5_000 })
    expect(onDeaf).toHaveBeenCalledTimes(1)
    expect(await millisecondsOf(() => builds.hold('w', 'two'))).toBeLessThan(2_000)
    expect(known(watching)).toBe('two')
  })

  it('does not keep the process from ending', async () => {
    const way = await line()
    const watching = await PointerWatch.start({ url: way.url }, builds)
    way.cut()
    expect(await millisecondsOf(() => watching.close())).toBeLessThan(2_000)
    await database.pool.query('DELETE FROM goldgate_control.gateways')
  })
})

describe('whoever publishes', () => {
  it('holds no lock on the pointer and no connection while it waits, and waits for a gateway that was killed until its lease is over', async () => {
    await database.pool.query(
      `INSERT INTO goldgate_control.gateways VALUES ('killed', '', clock_timestamp() + interval '2 seconds', 0)`,
    )
    let returned = false
    const waiting = builds.hold('w', 'two').finally(() => {
      returned = true
    })
    await vi.waitFor(async () => expect((await builds.published(['w'])).get('w')?.buildId).toBe('two'))
    const idle = await database.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
    )
    expect(idle.rowCount).toBe(0)
    await database.pool.query(`SELECT FROM goldgate_control.published FOR UPDATE NOWAIT`)
    await setTimeout(500)
    expect(returned).toBe(false)
    expect(await millisecondsOf(() => waiting)).toBeLessThan(3_000)
  })
})
