import type { WarehouseWriter } from '../../contract/warehouse.js'
import { equal, rejects } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing, thingList } from '../things.js'
import { buildRef, Workbench } from '../workbench.js'

const state = {
  source: 'shop',
  currency: 'EUR',
  timezone: 'UTC',
  country: 'DE',
  givenAsOf: '2024-01-01',
  entities: ['things'],
}

export const fenceCases: readonly ConformanceCase[] = [
  {
    name: 'a runner with a smaller token cannot open a writer',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.publish([thing('a', { label: '1' })], 'run1_7', 7n)
      await rejects(bench.writer(6n), 'FENCED', 'the older runner')
      await rejects((await Workbench.open(subject)).writer(6n), 'FENCED', 'the older runner in a process of its own')
      await bench.write(async (writer) => equal((await bench.silver(writer)).length, 1, 'Silver'), 7n)
    },
  },
  {
    name: 'a runner that lost its lease changes nothing, whatever it tries',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const old = await bench.writer(1n)
      let current: WarehouseWriter | undefined
      try {
        const merged = await bench.fill(old, [thing('a', { label: '1' })])
        const waiting = await bench.batch([thing('a', { label: 'stale' })])
        await old.load(waiting)
        const begun = buildRef('run1_1')
        await old.buildTable(begun, thingList, bench.select(thingList))

        const next = await Workbench.open(subject)
        current = await next.writer(2n)
        // A warehouse whose Silver an older runner still holds begins anew and is filled from the batches.
        if (!(await current.ledger('shop')).merged.has(merged.hash)) {
          await current.load(merged)
          await current.merge(merged)
        }
        const published = await next.build(current, 'run2_2')

        const attempts: readonly [string, () => Promise<unknown>][] = [
          ['ledger', () => old.ledger('shop')],
          ['load', async () => old.load(await bench.batch([thing('z')]))],
          ['merge', () => old.merge(waiting)],
          ['mergeSource', () => old.mergeSource(state)],
          ['buildTable', () => old.buildTable(begun, thingList, bench.select(thingList))],
          ['finishBuild', () => old.finishBuild(begun)],
          ['retain', () => old.retain(new Set())],
          ['exposeViews', () => old.exposeViews(begun, [thingList])],
        ]
        for (const [method, attempt] of attempts) await rejects(attempt(), 'FENCED', method)

        equal(
          (await next.silver(current)).map((row) => row.label),
          ['1'],
          'Silver',
        )
        equal(await next.readColumn(published, 'label'), ['1'], 'the published build')
        equal((await current.ledger('shop')).merged, new Set([merged.hash]), 'the ledger')
      } finally {
        await current?.close()
        await old.close()
      }
    },
  },
  {
    name: 'the same runner may open a writer again, and a later one goes on with its Silver',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write((writer) => bench.fill(writer, [thing('a', { label: '1' })]), 3n)
      for (const token of [3n, 4n, 12_345_678_901_234_567n])
        await bench.write(async (writer) => {
          equal(
            (await bench.silver(writer)).map((row) => row.label),
            ['1'],
            `Silver with token ${token}`,
          )
        }, token)
    },
  },
]
