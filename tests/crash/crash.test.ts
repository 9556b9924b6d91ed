import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DurableWrite, durableWrites } from '../../pipeline/durable.js'
import { killAt, runToEnd } from './run-and-kill.js'
import { parseStop, type Stop } from './stops.js'
import { Survival } from './survival.js'

/** As `formatStop` writes it. */
type StopText = `${Stop['when']}:${number}:${DurableWrite}`

describe('a runner of three stores and three warehouses that is killed', () => {
  let survival: Survival
  beforeAll(async () => {
    survival = await Survival.prepare({ stores: { second: true, third: false }, warehouses: ['spare'] })
  })
  afterAll(() => survival?.remove())

  const surviveKillAt = async (...stops: readonly Stop[]): Promise<void> => {
    const killed = await survival.kill(...stops.map((stop) => () => killAt(survival.installation.env, stop)))
    for (const { stopped } of killed) expect(stopped).toBe(true)
  }

  // They are listed in the order of a run, so that one delivery is enough for two of them.
  const writes = durableWrites.filter((write) => write !== 'control.lost' && write !== 'store.remove')
  const inPairs = Array.from({ length: Math.ceil(writes.length / 2) }, (_, i) => writes.slice(2 * i, 2 * i + 2))
  // The run that takes a killed one up makes the write that it did not, and is killed behind it.
  it.each(inPairs.map((pair) => ({ pair, named: pair.join(' and of ') })))(
    'before and after the first $named leave no trace',
    ({ pair }) =>
      surviveKillAt(
        ...pair.flatMap((write) => [
          { write, nth: 1, when: 'before' } as const,
          { write, nth: 1, when: 'after' } as const,
        ]),
      ),
  )

  const later: [StopText, StopText][] = [
    ['after:5:bronze.object', 'before:2:control.publish'],
    ['before:4:conform.batch', 'after:10:warehouse.table'],
    ['before:20:replicate.object', 'after:2:control.parity'],
    ['after:3:replicate.manifest', 'before:11:warehouse.merge'],
    ['before:4:control.replica', 'after:9:warehouse.load'],
    ['before:18:control.step', 'before:1:control.run'],
  ]
  it.each(later)('%s, and %s of the run that takes it up, leave no trace', (...stops) =>
    surviveKillAt(...stops.map(parseStop)),
  )

  it.each(['before', 'after'] as const)('%s it removes what nothing names leaves that to the next', async (when) => {
    const silver = join(survival.installation.folder, 'second', 'silver', 'demo', 'customers')
    const orphan = join(silver, `${'0'.repeat(64)}.parquet`)
    await writeFile(orphan, 'left by a run that failed')
    await surviveKillAt({ write: 'store.remove', nth: 1, when })
    expect(existsSync(orphan)).toBe(false)
  })

  it.each(['before', 'after'] as const)(
    '%s it notes that the tables of a build are lost leaves it to the next to fill them',
    async (when) => {
      const { env, folder } = survival.installation
      await rm(join(folder, 'home', 'warehouses', 'spare', 'builds'), { recursive: true })
      const killed = await killAt(env, { write: 'control.lost', nth: 1, when })
      expect(killed.stopped).toBe(true)
      expect((await runToEnd(env)).end).toMatch(/^END published/)
      await survival.expectGold()
    },
  )
})
