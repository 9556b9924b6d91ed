import { date, dimension, optional, required, sourceDimension, text } from '../../../models/columns.js'
import type { Entity, GoldModel } from '../../../models/types.js'
import { equal, rejects } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing, thingList } from '../things.js'
import { buildRef, Workbench } from '../workbench.js'

const names = [
  'select',
  'Upper Case',
  `quote"d`,
  `apo'strophe`,
  'semi;colon--',
  'ünï çödé 🦆',
  'a.b',
  '$1',
  'back\\slash',
]

const hostileEntity: Entity = {
  name: `or"der; DROP`,
  description: `A hostile 'name' "here"; --`,
  key: ['group'],
  columns: [
    required('group', text, 'Key.'),
    ...names.map((name) => optional(name, text, `It's ${name}`)),
    optional('when', date, 'D'),
  ],
  rowChecks: [],
}
const hostileModel: GoldModel = {
  name: `view"'; x`,
  description: `A hostile 'name' "here"; --`,
  grain: ['source', 'group'],
  columns: [
    sourceDimension,
    dimension('group', text, 'Key.'),
    ...names.map((name) => dimension(name, text, `It's "${name}"; --`, { nullable: true })),
  ],
  defaultOrder: [{ column: `quote"d`, direction: 'desc' }],
  rowChecks: [],
}

const hostileValues = [
  `'; DROP SCHEMA silver CASCADE; --`,
  `" OR 1=1 --`,
  `\\'; DELETE FROM things; --`,
  `$1`,
  `$$; SELECT 1; $$`,
  `' UNION SELECT * FROM x --`,
  `\u0000`,
  `a\u0000b`,
  // Half a character.
  `\ud83d`,
]

export const hostileCases: readonly ConformanceCase[] = [
  {
    name: 'hostile names of entities, columns and models are names and nothing else',
    needs: 'anyNames',
    async run(subject) {
      const bench = await Workbench.open(subject, { entities: [hostileEntity], models: [hostileModel] })
      const row = { group: 'g', ...Object.fromEntries(names.map((name) => [name, `value of ${name}`])) }
      await bench.write(async (writer) => {
        for (const label of ['first', 'second'])
          await bench.fill(writer, [{ ...row, select: label }], {
            entity: hostileEntity,
            mode: 'append',
            source: `o'"source`,
          })
        const build = await bench.build(writer, 'run1_1')
        await writer.exposeViews(build, [hostileModel])
        const [found] = await bench.read(build, names, { model: hostileModel })
        equal(
          found,
          { ...Object.fromEntries(names.map((name) => [name, `value of ${name}`])), select: 'second' },
          'the row',
        )
      })
    },
  },
  {
    name: 'hostile values in a filter find nothing and change nothing',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const build = await bench.publish([thing('a', { label: 'safe' }), thing('b', { label: `'; DROP TABLE x; --` })])
      for (const value of hostileValues) {
        for (const op of ['eq', 'contains', 'startsWith'] as const)
          equal(await bench.read(build, ['label'], { where: { column: 'label', op, value } }), [], `${op} ${value}`)
        const others = await bench.readColumn(build, 'thing_id', {
          where: { column: 'label', op: 'notIn', values: [value] },
        })
        equal(others, ['a', 'b'], `not in ${value}`)
      }
      const where = { column: 'label', op: 'eq', value: `'; DROP TABLE x; --` } as const
      equal(await bench.readColumn(build, 'thing_id', { where }), ['b'], 'the hostile value that is there')
    },
  },
  {
    name: 'a hostile source is data',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const source = `x'); DELETE FROM silver.things; --`
      await bench.write(async (writer) => {
        await bench.fill(writer, [thing('a', { label: 'shop' })])
        await bench.fill(writer, [thing('a', { label: 'hostile' })], { source })
        equal(
          (await bench.silver(writer)).map((row) => [row.source, row.label]),
          [
            ['shop', 'shop'],
            [source, 'hostile'],
          ],
          'Silver',
        )
        equal((await writer.ledger(source)).merged.size, 1, 'its ledger')
      })
    },
  },
  {
    name: 'what is no tag of a build is refused',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        await bench.fill(writer, [thing('a')])
        for (const tag of ['../escape', 'a"b', "a'b", '', 'UPPER', 'a'.repeat(37), 'a/b', 'a b', '..'])
          await rejects(writer.buildTable(buildRef(tag), thingList, bench.select(thingList)), 'WAREHOUSE_ERROR', tag)
      })
    },
  },
]
