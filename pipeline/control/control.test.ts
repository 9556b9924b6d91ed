import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../tests/setup/database.js'
import { BatchLog } from './batches.js'
import { BuildLog } from './builds.js'
import { ControlDatabase } from './database.js'
import { Lease } from './lease.js'
import { ParityLog } from './parity.js'
import { ControlReport } from './report.js'
import { RunLog } from './runs.js'

let test: TestDatabase
let database: ControlDatabase
let builds: BuildLog
let parity: ParityLog

beforeAll(async () => {
  test = await createTestDatabase()
})
afterAll(() => test.drop())

beforeEach(async () => {
  const fresh = await ControlDatabase.open(test)
  await fresh.pool.query('DROP SCHEMA goldgate_control CASCADE')
  await fresh.close()
  database = await ControlDatabase.open(test)
  builds = new BuildLog(database)
  parity = new ParityLog(database)
  return () => database.close()
})

const acquire = (seconds = 30) => Lease.acquire({ url: test.url, seconds })

const attemptAt = (buildId: string) => ({ warehouse: 'w', buildId, tag: `${buildId}_1` })

/** A run and its build, with one check of the given outcome. */
async function makeBuild(lease: Lease, buildId: string, status: 'passed' | 'failed' = 'passed') {
  await new RunLog(database, lease).begin({ runId: buildId, sources: ['demo'], dataDirectory: null, givenAsOf: null })
  const attempt = { ...attemptAt(buildId), fingerprint: buildId, inputFingerprint: buildId, runId: buildId }
  await builds.recordBuilt(lease, attempt, { m: 1n })
  const check = { name: 'c', severity: 'error', status, violations: status === 'failed' ? 1n : 0n, sample: '' } as const
  await builds.recordChecks(lease, attempt, [check], { demo: '2025-01-01' })
  await parity.settle(lease, attempt, [], { severity: 'error', among: ['w'] })
}

describe('the control database', () => {
  it('that cannot be reached is CONTROL_UNAVAILABLE', async () => {
    await expect(ControlDatabase.open({ url: 'postgresql://goldgate@127.0.0.1:1/goldgate' })).rejects.toMatchObject({
      code: 'CONTROL_UNAVAILABLE',
    })
  })

  it('that refuses a statement is another error, in its own words', async () => {
    const refused = { code: 'CONTROL_ERROR', message: expect.stringContaining('SQLSTATE 42P01') }
    await database.pool.query('DROP SCHEMA goldgate_control CASCADE')
    await expect(builds.published(['w'])).rejects.toMatchObject(refused)
    await expect(new BatchLog(database).states()).rejects.toMatchObject(refused)
    await expect(new ControlReport(database).runs()).rejects.toMatchObject(refused)
    await expect(acquire()).rejects.toMatchObject(refused)
    await expect(builds.hold('w', 'r1')).rejects.toMatchObject(refused)
  })

  it('whose schema may not be made by this user says which right is missing', async () => {
    await database.pool.query('DROP SCHEMA goldgate_control CASCADE; DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN')
    await database.pool.query(`ALTER ROLE weak PASSWORD 'weak'`)
    const url = new URL(test.url)
    url.username = 'weak'
    url.password = 'weak'
    await expect(ControlDatabase.open({ url: url.href })).rejects.toMatchObject({
      code: 'CONTROL_ERROR',
      message: expect.stringContaining('permission denied for database'),
    })
    await database.pool.query('DROP ROLE weak')
  })
})

describe('the lease', () => {
  it('is held by one runner at a time, and the refusal names the holder', async () => {
    const lease = await acquire()
    await expect(acquire()).rejects.toMatchObject({
      code: 'RUN_IN_PROGRESS',
      message: expect.stringContaining(`process ${process.pid}`),
    })
    await lease.release()
    const next = await acquire()
    expect(next.token).toBe(lease.token + 1n)
    await next.release()
  })

  it('goes to one of many runners that ask at once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => acquire()))
    const held = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    expect(held).toHaveLength(1)
    await held[0]?.release()
  })

  it('is free at once when its holder was killed', async () => {
    const script = `
      const pg = (await import('pg')).default
      const client = new pg.Client({ connectionString: process.argv[1] })
      await client.connect()
      await client.query("UPDATE goldgate_control.lease SET token = token + 1, holder = 'child', expires_at = now() + interval '1 hour', (backend_pid, backend_start) = (SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())")
      console.log('held')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, test.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await expect(acquire()).rejects.toMatchObject({ code: 'RUN_IN_PROGRESS' })
    child.kill('SIGKILL')
    await once(child, 'exit')
    // The server notices the closed connection by itself, within moments but not at a moment of ours.
    let next: Lease | undefined
    await expect.poll(async () => (next ??= await acquire().catch(() => undefined)), { timeout: 10_000 }).toBeDefined()
    await next?.release()
  })

  it('passes on when it is not renewed, and its old holder can write nothing more', async () => {
    const old = await acquire()
    await database.pool.query(`UPDATE goldgate_control.lease SET expires_at = now() - interval '1 second'`)
    const next = await acquire()
    const log = new RunLog(database, old)
    const run = { runId: 'r1', sources: ['demo'], dataDirectory: null, givenAsOf: null }
    await expect(log.begin(run)).rejects.toMatchObject({ code: 'FENCED' })
    expect((await database.pool.query('SELECT FROM goldgate_control.runs')).rowCount).toBe(0)
    await old.release()
    await expect(acquire()).rejects.toMatchObject({ code: 'RUN_IN_PROGRESS' })
    await next.release()
  })

  it('tells its holder when it is lost', async () => {
    const lease = await acquire(0.3)
    await database.pool.query('UPDATE goldgate_control.lease SET token = token + 1')
    await new Promise<void>((done) => lease.lost.addEventListener('abort', () => done()))
    expect(lease.lost.reason).toMatchObject({ code: 'FENCED' })
    await lease.release()
  })
})

describe('a lease over a network that is cut', () => {
  it('is lost to its holder, and can be let go of', async () => {
    const network = await CutableNetwork.to(test.url)
    onTestFinished(() => network.close())
    const lease = await Lease.acquire({ url: network.url, seconds: 0.9 })
    // Renewed a few times, so that it lives by its renewals.
    await setTimeout(1_500)
    expect(lease.lost.aborted).toBe(false)
    network.cut()
    // Ten times as long as it should take, for a machine that is busy.
    await once(lease.lost, 'abort', { signal: AbortSignal.timeout(9_000) })
    expect(lease.lost.reason).toMatchObject({ code: 'FENCED', message: expect.stringContaining('does not answer') })
    await lease.release()
  })
})

/** A way to a server that can be cut, so that packets are lost and nobody is told. */
class CutableNetwork {
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: string): Promise<CutableNetwork> {
    const { hostname, port } = new URL(target)
    const server = createServer((near) => {
      const far = connect(Number(port), hostname)
      for (const socket of [near, far]) socket.on('error', () => {})
      near.pipe(far).pipe(near)
      network.sockets.add(near).add(far)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = new URL(target)
    url.port = String((server.address() as AddressInfo).port)
    const network = new CutableNetwork(server, url.href)
    return network
  }

  cut(): void {
    for (const socket of this.sockets) socket.unpipe().pause()
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }
}

describe('the pointer', () => {
  let lease: Lease
  beforeEach(async () => {
    lease = await acquire()
    return () => lease.release()
  })
  const pointer = async () => (await builds.published(['w'])).get('w')

  it('names the build that was published last', async () => {
    expect(await pointer()).toBeUndefined()
    await makeBuild(lease, 'r1')
    expect(await builds.publish(lease, attemptAt('r1'))).toBe(true)
    expect(await pointer()).toMatchObject({
      buildId: 'r1',
      tag: 'r1_1',
      gate: 'passed',
      stale: false,
      held: false,
      dataThrough: { demo: '2025-01-01' },
    })
  })

  it('says when that was, as the build itself does later', async () => {
    await makeBuild(lease, 'r1')
    await builds.publish(lease, attemptAt('r1'))
    const published = (await pointer())?.publishedAt
    await makeBuild(lease, 'r2')
    await builds.publish(lease, attemptAt('r2'))
    expect((await builds.retained('w', 'r1'))?.publishedAt).toBe(published)
  })

  it('keeps the moment while it stays where it is: held, released or published once more', async () => {
    await makeBuild(lease, 'r1')
    await builds.publish(lease, attemptAt('r1'))
    const published = (await pointer())?.publishedAt
    expect((await builds.hold('w', 'r1')).publishedAt).toBe(published)
    expect((await builds.release('w')).publishedAt).toBe(published)
    await builds.publish(lease, attemptAt('r1'))
    expect((await pointer())?.publishedAt).toBe(published)
  })

  it('stays where it is when a build fails its checks, and readers can see that', async () => {
    await makeBuild(lease, 'r1')
    await builds.publish(lease, attemptAt('r1'))
    await makeBuild(lease, 'r2', 'failed')
    await expect(builds.publish(lease, attemptAt('r2'))).rejects.toThrow()
    expect(await pointer()).toMatchObject({ buildId: 'r1', gate: 'failed', stale: true })
    await expect(builds.hold('w', 'r2')).rejects.toMatchObject({ code: 'BUILD_NOT_PUBLISHABLE' })
    expect(await builds.retained('w', 'r2')).toBeUndefined()
  })

  it('is held by a rollback until it is released', async () => {
    for (const id of ['r1', 'r2']) {
      await makeBuild(lease, id)
      await builds.publish(lease, attemptAt(id))
    }
    expect(await builds.hold('w', 'r1')).toMatchObject({ buildId: 'r1', held: true, stale: true })
    await makeBuild(lease, 'r3')
    expect(await builds.publish(lease, attemptAt('r3'))).toBe(false)
    expect(await pointer()).toMatchObject({ buildId: 'r1', held: true })
    expect(await builds.release('w')).toMatchObject({ buildId: 'r3', held: false, stale: false })
  })

  it('is not moved by a runner with an older token', async () => {
    await makeBuild(lease, 'r1')
    await database.pool.query('UPDATE goldgate_control.lease SET token = token + 1')
    await expect(builds.publish(lease, attemptAt('r1'))).rejects.toMatchObject({ code: 'FENCED' })
    expect(await pointer()).toBeUndefined()
  })

  it('cannot be moved to a build that does not exist', async () => {
    await expect(builds.hold('w', 'r9')).rejects.toMatchObject({ code: 'BUILD_UNKNOWN' })
    await expect(builds.release('w')).rejects.toMatchObject({ code: 'NOTHING_PUBLISHED' })
  })
})

describe('a rollback by hand while a run works', () => {
  /** The first half of a rollback to `r1`: its transaction is open while `work` begins, and commits once that waits for it. */
  async function rollbackBeside<T>(work: () => Promise<T>): Promise<T> {
    const client = await database.pool.connect()
    try {
      await client.query('BEGIN')
      await client.query(
        `UPDATE goldgate_control.published SET build_id = 'r1', tag = 'r1_1', held = true WHERE warehouse = 'w'`,
      )
      await client.query(`UPDATE goldgate_control.builds SET superseded_at = NULL WHERE build_id = 'r1'`)
      const working = work()
      await waitingForLock()
      await client.query('COMMIT')
      return await working
    } finally {
      client.release()
    }
  }

  async function waitingForLock(): Promise<void> {
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    while ((await database.pool.query(waiting)).rowCount === 0) await setTimeout(5)
  }

  it.each(['SELECT held', 'UPDATE goldgate_control.published'])(
    'stands when it comes before %s of the run',
    async (statement) => {
      const lease = await acquire()
      for (const id of ['r1', 'r2', 'r3']) await makeBuild(lease, id)
      await builds.publish(lease, attemptAt('r2'))
      let rollback: Promise<unknown> | undefined
      const interrupted = new BuildLog(
        pausing(statement, async () => {
          rollback = builds.hold('w', 'r1')
          await Promise.race([rollback, waitingForLock()])
        }),
      )
      await interrupted.publish(lease, attemptAt('r3'))
      await rollback
      expect((await builds.published(['w'])).get('w')).toMatchObject({ buildId: 'r1', held: true })
      await lease.release()
    },
  )

  /** The database, with something done right before a statement that begins like this. */
  function pausing(statement: string, pause: () => Promise<void>): ControlDatabase {
    const transaction: ControlDatabase['transaction'] = (work) =>
      database.transaction((client) => {
        const query = async (text: string, values: unknown[]) => {
          if (text.startsWith(statement)) await pause()
          return client.query(text, values)
        }
        return work(Object.create(client, { query: { value: query } }))
      })
    return Object.create(database, { transaction: { value: transaction } })
  }

  it('keeps the tables it goes back to', async () => {
    const lease = await acquire()
    for (const id of ['r1', 'r2', 'r3']) {
      await makeBuild(lease, id)
      await builds.publish(lease, attemptAt(id))
    }
    expect(await rollbackBeside(() => builds.retain(lease, 'w', 1, 0))).toContain('r1_1')
    expect((await builds.published(['w'])).get('w')).toMatchObject({ buildId: 'r1' })
    await lease.release()
  })
})

describe('retention', () => {
  it('keeps the published build, the newest ones, the newest failed one and whatever readers may still be in', async () => {
    const lease = await acquire()
    for (const id of ['r1', 'r2', 'r3', 'r4']) {
      await makeBuild(lease, id)
      await builds.publish(lease, attemptAt(id))
    }
    await makeBuild(lease, 'r5', 'failed')
    expect([...(await builds.retain(lease, 'w', 2, 3600))].sort()).toEqual(['r1_1', 'r2_1', 'r3_1', 'r4_1', 'r5_1'])
    await builds.hold('w', 'r1')
    expect([...(await builds.retain(lease, 'w', 2, 0))].sort()).toEqual(['r1_1', 'r3_1', 'r4_1', 'r5_1'])
    expect(await builds.retained('w', 'r2')).toBeUndefined()
    expect(await builds.retained('w', 'r3')).toMatchObject({ buildId: 'r3' })
    await lease.release()
  })
})
