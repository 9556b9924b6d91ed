import { EventEmitter, once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DurableWrite } from '../../pipeline/durable.js'
import { type Runner, runToEnd, startRunner } from '../crash/run-and-kill.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { findOrphans } from '../setup/orphans.js'
import { goldHash, readGold } from '../setup/read-gold.js'

describe('a runner that was paused past its lease', () => {
  let installation: TestInstallation
  let data: string
  const folders: string[] = []
  let turn = 0

  beforeAll(async () => {
    const scratch = await createInstallation({ sources: { demo: '.' } })
    data = join(scratch.folder, 'current')
    installation = await createInstallation({ sources: { demo: data }, leaseSeconds: 1 })
    for (const seed of [1, 2]) folders.push(await generateSmallDemo(scratch.folder, { seed }))
    await deliver()
    expect((await runToEnd(installation.env)).end).toMatch(/^END published/)
    return () => scratch.remove()
  })
  afterAll(() => installation.remove())

  async function deliver(): Promise<void> {
    await rm(data, { recursive: true, force: true })
    await mkdir(data, { recursive: true })
    await cp(folders[turn % 2] ?? '', data, { recursive: true })
    turn += 1
  }

  /** The run that takes over, once the lease is free. */
  async function takeOver(): Promise<void> {
    let other = await runToEnd(installation.env)
    while (other.end?.includes('RUN_IN_PROGRESS')) other = await runToEnd(installation.env)
    expect(other.end).toMatch(/^END (published|unchanged)/)
  }

  async function wakeAndCompare(paused: Runner, wake = wakeAtStop): Promise<void> {
    const before = await readGold(installation.config)
    wake(paused)
    const woken = await paused.result
    expect(woken.end).toMatch(/^ERROR FENCED/)
    const after = await readGold(installation.config)
    for (const name of ['postgres', 'duckdb']) {
      expect(after.get(name)?.buildId).toBe(before.get(name)?.buildId)
      expect(goldHash(after.get(name)), name).toBe(goldHash(before.get(name)))
    }
    expect(await findOrphans(installation)).toEqual([])
  }

  const moments: DurableWrite[] = [
    'bronze.object',
    'conform.batch',
    'control.batches',
    'warehouse.load',
    'warehouse.merge',
    'warehouse.table',
    'warehouse.finish',
    'control.checks',
    'control.publish',
  ]
  it.each(moments)('before %s changes nothing when it wakes up', async (write) => {
    await deliver()
    // Told to stop there, so that the pause surely falls before this write; then really paused, and woken up to go on.
    const paused = startRunner(installation.env, { write, nth: 1, when: 'before' })
    expect(await paused.atStop).toBe(true)
    paused.process.kill('SIGSTOP')
    await takeOver()
    await wakeAndCompare(paused)
  })

  it('removes nothing when it wakes up, whatever it had found without a name', async () => {
    await deliver()
    const key = join('silver', 'demo', 'customers', `${'0'.repeat(64)}.parquet`)
    const path = join(installation.folder, 'home', 'store', key)
    await writeFile(path, 'left by a run that failed')
    const paused = startRunner(installation.env, { write: 'store.remove', nth: 1, when: 'before' })
    expect(await paused.atStop).toBe(true)
    paused.process.kill('SIGSTOP')
    await takeOver()
    expect(existsSync(path)).toBe(false)
    // As if the successor had named it by now.
    await writeFile(path, 'of the successor')
    wakeAtStop(paused)
    expect((await paused.result).end).toMatch(/^ERROR FENCED/)
    expect(existsSync(path)).toBe(true)
    await rm(path)
  })

  it('during conform, whose process goes on, changes nothing when it wakes up', async () => {
    await deliver()
    const events = new EventEmitter()
    const paused = startRunner(installation.env, undefined, (event) => events.emit(event))
    await once(events, 'conform progress')
    paused.process.kill('SIGSTOP')
    await takeOver()
    await wakeAndCompare(paused, (runner) => runner.process.kill('SIGCONT'))
  })

  it('takes nothing away from its successor when that works while it wakes up', async () => {
    await deliver()
    const stop = { write: 'conform.batch', nth: 1, when: 'before' } as const
    const paused = startRunner(installation.env, stop)
    expect(await paused.atStop).toBe(true)
    paused.process.kill('SIGSTOP')
    let successor = startRunner(installation.env, stop)
    while (!(await successor.atStop)) {
      expect((await successor.result).end).toContain('RUN_IN_PROGRESS')
      successor = startRunner(installation.env, stop)
    }
    wakeAtStop(paused)
    expect((await paused.result).end).toMatch(/^ERROR FENCED/)
    successor.process.kill('SIGUSR2')
    expect((await successor.result).end).toMatch(/^END published/)
    expect(await findOrphans(installation)).toEqual([])
  })
})

function wakeAtStop(runner: Runner): void {
  runner.process.kill('SIGCONT')
  runner.process.kill('SIGUSR2')
}
