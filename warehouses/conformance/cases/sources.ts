import { date, optional, required, text } from '../../../models/columns.js'
import type { Entity } from '../../../models/types.js'
import type { SourceState } from '../../contract/batch.js'
import type { Row } from '../../contract/values.js'
import type { WarehouseWriter } from '../../contract/warehouse.js'
import { equal } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { Workbench } from '../workbench.js'

const dated = (name: string, key: string, column: string): Entity => ({
  name,
  description: 'Has a date.',
  key: [key],
  columns: [required(key, text, 'Key.'), optional(column, date, 'Date.')],
  rowChecks: [],
})
const sales = dated('sales', 'sale_id', 'order_date')
const returns = dated('returns', 'return_id', 'return_date')

const state = (changes: Partial<SourceState> = {}): SourceState => ({
  source: 'shop',
  currency: 'EUR',
  timezone: 'Europe/Berlin',
  country: 'DE',
  givenAsOf: null,
  entities: ['sales', 'returns'],
  ...changes,
})

const typed = (name: string, kind: 'text' | 'date') => ({ name, type: { kind } })

function sourcesOf(bench: Workbench, writer: WarehouseWriter): Promise<Row[]> {
  const columns = [
    typed('source', 'text'),
    typed('currency', 'text'),
    typed('timezone', 'text'),
    typed('country', 'text'),
    typed('as_of', 'date'),
  ]
  const sql = `SELECT source, currency, timezone, country, as_of FROM ${bench.warehouse.dialect.silverTable('sources')} ORDER BY source`
  return writer.query({ sql, params: [], columns })
}

async function entitiesOf(bench: Workbench, writer: WarehouseWriter): Promise<string> {
  const sql = `SELECT source, entity FROM ${bench.warehouse.dialect.silverTable('source_entities')} ORDER BY source, entity`
  const rows = await writer.query({ sql, params: [], columns: [typed('source', 'text'), typed('entity', 'text')] })
  return rows.map((row) => `${row.source}.${row.entity}`).join(' ')
}

const open = (subject: Parameters<typeof Workbench.open>[0]) => Workbench.open(subject, { entities: [sales, returns] })

export const sourceCases: readonly ConformanceCase[] = [
  {
    name: 'as_of is the newest order or return of the source',
    async run(subject) {
      const bench = await open(subject)
      await bench.write(async (writer) => {
        await bench.fill(
          writer,
          [
            { sale_id: '1', order_date: '2024-01-31' },
            { sale_id: '2', order_date: null },
          ],
          { entity: sales },
        )
        await bench.fill(writer, [{ sale_id: '1', order_date: '2030-01-01' }], { entity: sales, source: 'market' })
        await writer.mergeSource(state())
        equal(
          (await sourcesOf(bench, writer)).map((row) => row.as_of),
          ['2024-01-31'],
          'by orders',
        )
        await bench.fill(writer, [{ return_id: '1', return_date: '2024-02-29' }], { entity: returns })
        await writer.mergeSource(state())
        equal(
          (await sourcesOf(bench, writer)).map((row) => row.as_of),
          ['2024-02-29'],
          'by returns',
        )
      })
    },
  },
  {
    name: 'a given as_of counts, and none is NULL',
    async run(subject) {
      const bench = await open(subject)
      await bench.write(async (writer) => {
        await writer.mergeSource(state({ source: 'empty' }))
        await bench.fill(writer, [{ sale_id: '1', order_date: '2024-01-31' }], { entity: sales })
        await writer.mergeSource(state({ givenAsOf: '2023-06-30' }))
        equal(
          (await sourcesOf(bench, writer)).map((row) => row.as_of),
          [null, '2023-06-30'],
          'as_of',
        )
      })
    },
  },
  {
    name: 'what a warehouse knows about a source is replaced, and nobody else’s',
    async run(subject) {
      const bench = await open(subject)
      await bench.write(async (writer) => {
        await writer.mergeSource(state({ source: `o'market "x"`, entities: ['sales'] }))
        await writer.mergeSource(state())
        await writer.mergeSource(state({ currency: 'USD', timezone: 'UTC', country: 'US', entities: ['returns'] }))
        equal(
          await sourcesOf(bench, writer),
          [
            { source: `o'market "x"`, currency: 'EUR', timezone: 'Europe/Berlin', country: 'DE', as_of: null },
            { source: 'shop', currency: 'USD', timezone: 'UTC', country: 'US', as_of: null },
          ],
          'sources',
        )
        equal(await entitiesOf(bench, writer), `o'market "x".sales shop.returns`, 'entities')
      })
    },
  },
]
