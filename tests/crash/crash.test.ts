import { appendFile, cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DurableWrite, durableWrites } from '../../pipeline/durable.js'
import { createRandom } from '../../pipeline/sources/demo/random.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { findOrphans } from '../setup/orphans.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { storeContent } from '../setup/store-content.js'
import { killAfter, killAt, type RunnerResult, runToEnd } from './run-and-kill.js'
import type { Stop } from './stops.js'

const RANDOM_KILLS = 50

/** Which step a durable write belongs to: when that step has ended, the write is never made again in the run. */
const stepOf: Partial<Record<DurableWrite, string>> = {
  'bronze.object': 'land',
  'bronze.manifest': 'land',
  'control.delivery': 'land',
  'conform.batch': 'conform',
  'conform.quarantine': 'conform',
  'conform.manifest': 'conform',
  'control.batches': 'conform',
  'replicate.object': 'replicate',
  'replicate.manifest': 'replicate',
  'warehouse.load': 'load',
  'warehouse.merge': 'merge',
  'warehouse.sources': 'merge',
  'warehouse.table': 'build',
  'warehouse.finish': 'build',
  'control.build': 'build',
  'control.checks': 'check',
  'control.parity': 'parity',
  'control.publish': 'publish',
  'warehouse.views': 'publish',
  'warehouse.retain': 'publish',
}

const warehouses = ['postgres', 'duckdb', 'spare']

describe('a runner that is killed', () => {
  let installation: TestInstallation
  let data: string
  const versions: { folder: string; hash: string }[] = []
  let turn = 0
  let runMilliseconds = 0

  /** Two deliveries of the same source that differ in every file; the installation goes back and forth between them. */
  beforeAll(async () => {
    const scratch = await createInstallation({ sources: { demo: '.' } })
    data = join(scratch.folder, 'current')
    installation = await createInstallation({
      sources: { demo: data },
      moreStores: { second: true, third: false },
      moreWarehouses: ['spare'],
    })
    for (const seed of [1, 2]) {
      const folder = await generateSmallDemo(scratch.folder, { seed })
      // So that there is something to quarantine.
      await appendFile(join(folder, 'customers.ndjson'), 'not JSON\n')
      const clean = await createInstallation({ sources: { demo: folder } })
      const started = performance.now()
      await expectEnd(runToEnd(clean.env), 'published')
      runMilliseconds = performance.now() - started
      const gold = await readGold(clean.config)
      const hash = goldHash(gold.get('postgres'))
      expect(goldHash(gold.get('duckdb'))).toBe(hash)
      versions.push({ folder, hash })
      await clean.remove()
    }
    await deliver(1)
    await expectEnd(runToEnd(installation.env), 'published')
    return () => scratch.remove()
  })
  afterAll(() => installation.remove())

  async function deliver(index: number): Promise<void> {
    await rm(data, { recursive: true, force: true })
    await mkdir(data, { recursive: true })
    await cp(version(index).folder, data, { recursive: true })
  }
  const version = (index: number) => versions[index % 2] ?? { folder: '', hash: '' }

  /** The other delivery comes, its run is killed, the next run follows: Gold is that of a clean run, and nothing else is left. */
  async function surviveKill(kill: () => Promise<RunnerResult>): Promise<RunnerResult> {
    await deliver(turn)
    const killed = await kill()
    const between = await readGold(installation.config)
    for (const copy of between.values()) expect(versions.map(({ hash }) => hash)).toContain(goldHash(copy))
    const next = await runToEnd(installation.env)
    expect(next.end).toMatch(/^END (published|unchanged)/)
    const after = await readGold(installation.config)
    for (const name of warehouses) expect(goldHash(after.get(name)), name).toBe(version(turn).hash)
    expect(new Set([...after.values()].map(({ buildId }) => buildId)).size).toBe(1)
    expect(await findOrphans(installation)).toEqual([])
    const first = await storeContent(join(installation.folder, 'home', 'store'))
    for (const store of ['second', 'third']) expect(await storeContent(join(installation.folder, store))).toEqual(first)
    expectNoSecondWrite(killed, next)
    turn += 1
    return killed
  }

  const stops = durableWrites
    .filter((write) => write !== 'control.lost')
    .flatMap((write): Stop[] => (['before', 'after'] as const).map((when) => ({ write, nth: 1, when })))
  it.each(stops)('$when its first $write leaves no trace', async (stop) => {
    const killed = await surviveKill(() => killAt(installation.env, stop))
    expect(killed.stopped).toBe(true)
  })

  const later: Stop[] = [
    { write: 'bronze.object', nth: 5, when: 'after' },
    { write: 'conform.batch', nth: 4, when: 'before' },
    { write: 'replicate.object', nth: 20, when: 'before' },
    { write: 'replicate.manifest', nth: 3, when: 'after' },
    { write: 'control.replica', nth: 4, when: 'before' },
    { write: 'warehouse.load', nth: 9, when: 'after' },
    { write: 'warehouse.merge', nth: 11, when: 'before' },
    { write: 'warehouse.table', nth: 10, when: 'after' },
    { write: 'control.parity', nth: 2, when: 'after' },
    { write: 'control.publish', nth: 2, when: 'before' },
    { write: 'control.step', nth: 18, when: 'before' },
    { write: 'control.run', nth: 2, when: 'before' },
  ]
  it.each(later)('$when its write number $nth of $write leaves no trace', async (stop) => {
    const killed = await surviveKill(() => killAt(installation.env, stop))
    expect(killed.stopped).toBe(true)
  })

  it.each(['before', 'after'] as const)(
    '%s it notes that the tables of a build are lost leaves it to the next to fill them',
    async (when) => {
      const builds = join(installation.folder, 'home', 'warehouses', 'spare', 'builds')
      await rm(builds, { recursive: true })
      const killed = await killAt(installation.env, { write: 'control.lost', nth: 1, when })
      expect(killed.stopped).toBe(true)
      expect((await runToEnd(installation.env)).end).toMatch(/^END published/)
      const after = await readGold(installation.config)
      for (const name of warehouses) expect(goldHash(after.get(name)), name).toBe(goldHash(after.get('postgres')))
      expect(new Set([...after.values()].map(({ buildId }) => buildId)).size).toBe(1)
      expect(await findOrphans(installation)).toEqual([])
    },
  )

  it(`at ${RANDOM_KILLS} random moments leaves no trace`, { timeout: 1_800_000 }, async () => {
    const random = createRandom(20_261_121, 'moments of kills')
    for (let i = 0; i < RANDOM_KILLS; i += 1) {
      await surviveKill(() => killAfter(installation.env, random.next() * runMilliseconds))
    }
  })
})

/** What a step that had ended before the kill wrote is not written again. */
function expectNoSecondWrite(killed: RunnerResult, next: RunnerResult): void {
  const ended = new Set(killed.writes.flatMap((write) => /^control\.step (\S+ \S+) ended$/.exec(write)?.[1] ?? []))
  const again = next.writes.filter((write) => {
    const [name = '', subject = ''] = write.split(' ')
    const step = stepOf[name as DurableWrite]
    const owner =
      /^(warehouse|replicate)\./.test(name) || /^control\.(build|checks|parity|publish)/.test(name) ? subject : 'demo'
    return step !== undefined && ended.has(`${step} ${owner}`)
  })
  expect(again).toEqual([])
}

async function expectEnd(run: Promise<RunnerResult>, status: string): Promise<void> {
  expect((await run).end).toMatch(new RegExp(`^END ${status}`))
}
