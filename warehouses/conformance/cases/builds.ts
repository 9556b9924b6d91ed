import { text } from '../../../models/columns.js'
import { equal, holds, rejects } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing, thingDays, thingList, things } from '../things.js'
import { buildRef, Workbench } from '../workbench.js'

const one = [thing('a', { label: 'one' })]
const two = [thing('a', { label: 'two' }), thing('b', { label: 'two' })]

export const buildCases: readonly ConformanceCase[] = [
  {
    name: 'a table is built from its SELECT and counted',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        await bench.fill(writer, two)
        equal(
          await writer.buildTable(buildRef('run1_1'), thingList, bench.select(thingList)),
          { rows: 2n },
          'the first time',
        )
        equal(
          await writer.buildTable(buildRef('run1_1'), thingList, bench.select(thingList)),
          { rows: 2n },
          'once more',
        )
        await writer.finishBuild(buildRef('run1_1'))
        await writer.finishBuild(buildRef('run1_1'))
      })
      equal(await bench.readColumn(buildRef('run1_1'), 'label'), ['two', 'two'], 'the rows')
    },
  },
  {
    name: 'a table may read another one of its build',
    async run(subject) {
      const bench = await Workbench.open(subject, { models: [thingList, thingDays] })
      const build = buildRef('run1_1')
      await bench.write(async (writer) => {
        await bench.fill(writer, [thing('a', { day: '2024-01-01' }), thing('b', { day: '2024-01-01' }), thing('c')])
        await writer.buildTable(build, thingList, bench.select(thingList))
        const list = bench.warehouse.dialect.goldTable(build, 'thing_list')
        await writer.buildTable(
          build,
          thingDays,
          `SELECT source, day, COUNT(*) AS thing_count FROM ${list} GROUP BY source, day`,
        )
        await writer.finishBuild(build)
      })
      const found = await bench.read(build, ['day', 'thing_count'], { model: thingDays })
      equal(
        found,
        [
          { day: '2024-01-01', thing_count: 2n },
          { day: null, thing_count: 1n },
        ],
        'the groups',
      )
    },
  },
  {
    name: 'the writer reads Gold before and after the build is finished',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = buildRef('run1_1')
      const { dialect } = bench.warehouse
      const statement = {
        sql: `SELECT g.label FROM ${dialect.goldTable(build, 'thing_list')} AS g JOIN ${dialect.silverTable('things')} AS s ON s.thing_id = g.thing_id`,
        params: [],
        columns: [{ name: 'label', type: { kind: 'text' } as const }],
      }
      await bench.write(async (writer) => {
        await bench.fill(writer, one)
        await writer.buildTable(build, thingList, bench.select(thingList))
        equal(await writer.query(statement, build), [{ label: 'one' }], 'before')
        await writer.finishBuild(build)
        equal(await writer.query(statement, build), [{ label: 'one' }], 'after')
      })
      await bench.write(async (writer) => {
        equal(await writer.query(statement, build), [{ label: 'one' }], 'in a later session')
      }, 2n)
    },
  },
  {
    name: 'a build that is being made shows a reader whole tables or none',
    async run(subject) {
      const bench = await Workbench.open(subject, { models: [thingList, thingDays] })
      const build = buildRef('run1_1')
      await rejects(bench.read(build, ['label']), 'WAREHOUSE_ERROR', 'a build that was never begun')
      await bench.write(async (writer) => {
        await bench.fill(writer, two)
        await writer.buildTable(build, thingList, bench.select(thingList))
        const found = await bench.readColumn(build, 'label').catch(() => 'none')
        holds(found === 'none' || found.length === 2, 'whole or none')
        await rejects(
          bench.read(build, ['day'], { model: thingDays }),
          'WAREHOUSE_ERROR',
          'a table that is not there yet',
        )
      })
    },
  },
  {
    name: 'a SELECT that fails leaves no table and a writer that works',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = buildRef('run1_1')
      await bench.write(async (writer) => {
        await bench.fill(writer, one)
        await rejects(
          writer.buildTable(build, thingList, 'SELECT nothing FROM nowhere'),
          'WAREHOUSE_ERROR',
          'the wrong SELECT',
        )
        const noKey = bench.select(thingList).replaceAll(`SELECT * FROM`, `SELECT * FROM (SELECT *, 1 AS extra FROM`)
        await rejects(writer.buildTable(build, thingList, noKey), 'WAREHOUSE_ERROR', 'the unclosed SELECT')
        await writer.buildTable(build, thingList, bench.select(thingList))
        await writer.finishBuild(build)
      })
      equal(await bench.readColumn(build, 'label'), ['one'], 'the rows')
    },
  },
  {
    name: 'a column that may not be NULL refuses NULL',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        await bench.fill(writer, one)
        const table = bench.warehouse.dialect.silverTable('things')
        const columns = things.columns.map(({ name }) =>
          name === 'thing_id' ? `${bench.warehouse.dialect.cast('NULL', text)} AS thing_id` : name,
        )
        const select = `SELECT source, ${columns.join(', ')} FROM ${table}`
        await rejects(writer.buildTable(buildRef('run1_1'), thingList, select), 'WAREHOUSE_ERROR', 'the build')
      })
    },
  },
  {
    name: 'rows of Gold with the same grain are built, for a check to find',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish([thing('a', { label: '1' }), thing('a', { label: '1' })])
      equal(await bench.readColumn(build, 'label'), ['1', '1'], 'the rows')
    },
  },
  {
    name: 'a published build stays as it is while another one is made',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const first = await bench.publish(one, 'run1_1', 1n)
      const elsewhere = await subject.open()
      await bench.write(async (writer) => {
        await bench.fill(writer, two)
        equal(await bench.readColumn(first, 'label'), ['one'], 'after the merge')
        const second = buildRef('run2_2')
        await writer.buildTable(second, thingList, bench.select(thingList))
        equal(await bench.readColumn(first, 'label'), ['one'], 'while the other is made')
        await writer.finishBuild(second)
        equal(await bench.readColumn(first, 'label'), ['one'], 'after the other is finished')
        equal(await bench.readColumn(second, 'label'), ['two', 'two'], 'the other')
      }, 2n)
      await elsewhere.ping()
      equal(await bench.readColumn(first, 'label'), ['one'], 'in the end')
    },
  },
  {
    name: 'one request may read two builds',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const first = await bench.publish(one, 'run1_1', 1n)
      const second = await bench.publish(two, 'run2_2', 2n)
      const [before, after] = await Promise.all([bench.readColumn(first, 'label'), bench.readColumn(second, 'label')])
      equal([before, after], [['one'], ['two', 'two']], 'the rows')
    },
  },
  {
    name: 'builds that are retained stay and all others go',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const builds = []
      for (const token of [1n, 2n, 3n]) builds.push(await bench.publish(one, `run${token}_${token}`, token))
      const [first, second, third] = builds
      if (first === undefined || second === undefined || third === undefined) throw new Error('three builds were made')
      await bench.write(async (writer) => {
        await writer.buildTable(buildRef('run4_4'), thingList, bench.select(thingList))
        const dropped = await writer.retain(new Set([second.tag, third.tag]))
        holds(
          dropped.some((name) => name.includes(first.tag)),
          'the dropped build is named',
        )
        holds(
          dropped.some((name) => name.includes('run4_4')),
          'the unfinished build is named',
        )
        holds(!dropped.some((name) => name.includes(second.tag)), 'the retained build is not named')
        equal(await writer.retain(new Set([second.tag, third.tag])), [], 'what is dropped the second time')
      }, 4n)
      equal(await bench.readColumn(second, 'label'), ['one'], 'a retained build')
      equal(await bench.readColumn(third, 'label'), ['one'], 'the newest build')
      const other = await Workbench.open(subject)
      await rejects(other.read(first, ['label']), 'WAREHOUSE_ERROR', 'the dropped build')
      await rejects(other.read(buildRef('run4_4'), ['label']), 'WAREHOUSE_ERROR', 'the unfinished build')
      await bench.write(async (writer) => {
        equal((await bench.silver(writer)).length, 1, 'Silver')
        const batch = await bench.batch(two)
        await writer.load(batch)
        await writer.retain(new Set([second.tag]))
        equal(await writer.merge(batch), true, 'a batch that waits for its merge')
      }, 5n)
    },
  },
  {
    name: 'a build is there when all its tables are',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish(one, 'run1_1', 1n)
      await bench.write(async (writer) => {
        equal(await writer.hasBuild(build, [thingList]), true, 'a finished build')
        equal(await writer.hasBuild(build, [thingList, thingDays]), false, 'a build that lacks a table')
        equal(await writer.hasBuild(buildRef('run2_2'), [thingList]), false, 'a build that was never begun')
        const second = await bench.build(writer, 'run3_2')
        equal(await writer.hasBuild(second, [thingList]), true, 'a build of this session')
        await writer.retain(new Set([second.tag]))
        equal(await writer.hasBuild(build, [thingList]), false, 'a build that was dropped')
        equal(await writer.hasBuild(second, [thingList]), true, 'the one that was kept')
      }, 2n)
    },
  },
  {
    name: 'views follow the published build, where the warehouse has views',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const first = await bench.publish(one, 'run1_1', 1n)
      const second = await bench.publish(two, 'run2_2', 2n)
      const shown = () =>
        bench.warehouse.query(
          {
            sql: `SELECT COUNT(*) AS n FROM ${bench.warehouse.dialect.goldView('thing_list')}`,
            params: [],
            columns: [{ name: 'n', type: { kind: 'integer' } }],
          },
          [],
        )
      await bench.write(async (writer) => {
        await writer.exposeViews(first, [thingList])
        if (bench.warehouse.capabilities.views) equal(await shown(), [{ n: 1n }], 'the first build')
        await writer.exposeViews(second, [thingList])
        if (bench.warehouse.capabilities.views) equal(await shown(), [{ n: 2n }], 'the second build')
        const fewer = { ...thingList, columns: thingList.columns.filter(({ name }) => name !== 'label') }
        const third = buildRef('run3_3')
        await writer.buildTable(third, fewer, bench.select(fewer))
        await writer.finishBuild(third)
        await writer.exposeViews(third, [fewer])
        await writer.retain(new Set([third.tag]))
        if (bench.warehouse.capabilities.views) equal(await shown(), [{ n: 2n }], 'a build with other columns')
      }, 3n)
    },
  },
]
