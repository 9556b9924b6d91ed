import { appendFile, cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { DurableWrite } from '../../pipeline/durable.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { findOrphans } from '../setup/orphans.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { storeContent } from '../setup/store-content.js'
import { type RunnerResult, runToEnd } from './run-and-kill.js'

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

/** An installation that gets one of two deliveries of the same source, which differ in every file, and whose runs are killed. */
export class Survival {
  private turn = 0

  private constructor(
    readonly installation: TestInstallation,
    private readonly scratch: TestInstallation,
    private readonly versions: readonly { readonly folder: string; readonly hash: string }[],
    private readonly copies: { readonly stores: readonly string[]; readonly warehouses: readonly string[] },
    /** How long a clean run of one delivery took, its process included. */
    readonly runMilliseconds: number,
  ) {}

  static async prepare(more: {
    readonly stores?: Readonly<Record<string, boolean>>
    readonly warehouses?: readonly string[]
  }): Promise<Survival> {
    const scratch = await createInstallation({ sources: { demo: '.' } })
    const settings = {
      sources: { demo: join(scratch.folder, 'current') },
      ...(more.stores && { moreStores: more.stores }),
      ...(more.warehouses && { moreWarehouses: more.warehouses }),
    }
    const installation = await createInstallation(settings)
    const versions: { folder: string; hash: string }[] = []
    let runMilliseconds = 0
    for (const seed of [1, 2]) {
      const folder = await generateSmallDemo(scratch.folder, { seed })
      // So that there is something to quarantine.
      await appendFile(join(folder, 'customers.ndjson'), 'not JSON\n')
      const clean = await createInstallation({ sources: { demo: folder } })
      const started = performance.now()
      await expectPublished(clean)
      runMilliseconds = performance.now() - started
      const gold = await readGold(clean.config)
      const hash = goldHash(gold.get('postgres'))
      expect(goldHash(gold.get('duckdb'))).toBe(hash)
      versions.push({ folder, hash })
      await clean.remove()
    }
    const copies = {
      stores: Object.keys(more.stores ?? {}),
      warehouses: ['postgres', 'duckdb', ...(more.warehouses ?? [])],
    }
    const survival = new Survival(installation, scratch, versions, copies, runMilliseconds)
    await survival.deliver(1)
    await expectPublished(installation)
    return survival
  }

  async remove(): Promise<void> {
    await this.installation.remove()
    await this.scratch.remove()
  }

  /**
   * The other delivery comes, its run is killed, and so are the runs that take it up, as often as there are kills; the next one follows to its end: Gold is
   * that of a clean run, and nothing else is left.
   */
  async kill(...kills: readonly (() => Promise<RunnerResult>)[]): Promise<readonly RunnerResult[]> {
    const { installation, versions, copies } = this
    await this.deliver(this.turn)
    const killed: RunnerResult[] = []
    for (const kill of kills) {
      killed.push(await kill())
      const between = await readGold(installation.config)
      for (const copy of between.values()) expect(versions.map(({ hash }) => hash)).toContain(goldHash(copy))
    }
    const last = await runToEnd(installation.env)
    expect(last.end).toMatch(/^END (published|unchanged)/)
    await this.expectGold(this.version(this.turn).hash)
    const first = await storeContent(join(installation.folder, 'home', 'store'))
    for (const store of copies.stores) expect(await storeContent(join(installation.folder, store))).toEqual(first)
    for (const [n, run] of killed.entries()) expectNoSecondWrite(run, killed[n + 1] ?? last)
    this.turn += 1
    return killed
  }

  /** All warehouses hold the same build of this Gold, by default of whatever the first one has, and no files or tables besides. */
  async expectGold(hash?: string): Promise<void> {
    const { installation, copies } = this
    const gold = await readGold(installation.config)
    const expected = hash ?? goldHash(gold.get('postgres'))
    for (const name of copies.warehouses) expect(goldHash(gold.get(name)), name).toBe(expected)
    expect(new Set([...gold.values()].map(({ buildId }) => buildId)).size).toBe(1)
    expect(await findOrphans(installation)).toEqual([])
  }

  private async deliver(index: number): Promise<void> {
    const data = join(this.scratch.folder, 'current')
    await rm(data, { recursive: true, force: true })
    await mkdir(data, { recursive: true })
    await cp(this.version(index).folder, data, { recursive: true })
  }

  private version(index: number) {
    return this.versions[index % 2] ?? { folder: '', hash: '' }
  }
}

async function expectPublished(installation: TestInstallation): Promise<void> {
  expect((await runToEnd(installation.env)).end).toMatch(/^END published/)
}

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
