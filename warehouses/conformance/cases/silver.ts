import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Row } from '../../contract/values.js'
import { equal, rejects } from '../expect.js'
import { writeParquetOf } from '../parquet.js'
import type { ConformanceCase } from '../subject.js'
import { thing, things } from '../things.js'
import { Workbench } from '../workbench.js'

const labels = (rows: readonly Row[]): string =>
  rows.map((row) => `${row.source}.${row.thing_id}=${row.label}`).join(' ')

export const silverCases: readonly ConformanceCase[] = [
  {
    name: 'a batch is loaded once',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        const batch = await bench.batch([thing('a', { label: '1' }), thing('b', { label: '2' })])
        equal(await writer.load(batch), true, 'the first load')
        equal(await writer.load(batch), false, 'the second load')
        equal(await writer.merge(batch), true, 'the first merge')
        equal(await writer.merge(batch), false, 'the second merge')
        equal(await writer.load(batch), false, 'a load after the merge')
        equal(labels(await bench.silver(writer)), 'shop.a=1 shop.b=2', 'Silver')
      })
    },
  },
  {
    name: 'the ledger says what is loaded and what is merged, by source',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const first = await bench.batch([thing('a')])
      const second = await bench.batch([thing('b')])
      await bench.write(async (writer) => {
        await writer.load(first)
        await writer.merge(first)
        await writer.load(second)
      })
      await bench.write(async (writer) => {
        const loaded = new Set([first.hash, second.hash])
        equal(await writer.ledger('shop'), { loaded, merged: new Set([first.hash]) }, 'the source')
        equal(await writer.ledger('other'), { loaded: new Set(), merged: new Set() }, 'another source')
      }, 2n)
    },
  },
  {
    name: 'a runner that ends between load and merge leaves work that the next one goes on with',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const batch = await bench.batch([thing('a', { label: '1' })])
      await bench.write((writer) => writer.load(batch), 1n)
      await bench.write(async (writer) => {
        equal(await bench.silver(writer), [], 'Silver before the merge')
        equal(await writer.load(batch), false, 'the load')
        equal(await writer.merge(batch), true, 'the merge')
        equal(labels(await bench.silver(writer)), 'shop.a=1', 'Silver')
      }, 2n)
    },
  },
  {
    name: 'a batch with another number of rows than it says is refused and leaves nothing',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        const batch = await bench.batch([thing('a', { label: '1' })])
        await rejects(writer.load({ ...batch, rows: 2n }), 'WAREHOUSE_ERROR', 'the load')
        await rejects(writer.merge(batch), 'WAREHOUSE_ERROR', 'the merge of what is not loaded')
        equal((await writer.ledger('shop')).loaded, new Set(), 'the ledger')
        equal(await writer.load(batch), true, 'the right load')
      })
    },
  },
  {
    name: 'an empty batch is loaded and merged',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        await bench.fill(writer, [thing('a', { label: '1' })])
        await bench.fill(writer, [])
        equal(await bench.silver(writer), [], 'Silver')
      })
    },
  },
  {
    name: 'a large batch arrives whole',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const rows = 300_001
      const parquetPath = join(subject.directory, 'large.parquet')
      await writeParquetOf(
        parquetPath,
        `SELECT 'shop' AS source, CAST(i AS VARCHAR) AS thing_id, CAST(i AS VARCHAR) AS label, CAST(i AS DECIMAL(38, 9)) AS exact,
         CAST(i AS DECIMAL(18, 2)) AS amount, i AS quantity, i % 2 = 0 AS is_new, DATE '1970-01-01' + CAST(i % 9999 AS INTEGER) AS day,
         CAST(NULL AS TIMESTAMPTZ) AS moment, 'red' AS colour, CAST(NULL AS BIGINT) AS _version, 'run1' AS _run, 'object' AS _object, i AS _row
         FROM range(${rows}) AS numbers(i)`,
      )
      await bench.write(async (writer) => {
        const hash = randomBytes(32).toString('hex')
        const batch = {
          source: 'shop',
          entity: things,
          mode: 'full',
          runId: 'run1',
          hash,
          parquetPath,
          uris: [],
          rows: BigInt(rows),
          bytes: 1,
        } as const
        await writer.load(batch)
        await writer.merge(batch)
        const sql = `SELECT COUNT(*) AS n, COUNT(DISTINCT thing_id) AS ids, ${bench.warehouse.dialect.cast('SUM(quantity)', { kind: 'decimal', precision: 38, scale: 0 })} AS total FROM ${bench.warehouse.dialect.silverTable('things')}`
        const integer = { kind: 'integer' } as const
        const columns = ['n', 'ids', 'total'].map((name) => ({ name, type: integer }))
        const [found] = await writer.query({ sql, params: [], columns })
        equal(found, { n: 300_001n, ids: 300_001n, total: 45_000_150_000n }, 'what arrived')
      })
    },
  },
  {
    name: 'a full batch replaces all rows of its source and no others',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        await bench.fill(writer, [thing('a', { label: '1' }), thing('b', { label: '1' })])
        await bench.fill(writer, [thing('a', { label: 'other' })], { source: 'market' })
        await bench.fill(writer, [thing('b', { label: '2' }), thing('c', { label: '2' })])
        equal(labels(await bench.silver(writer)), 'market.a=other shop.b=2 shop.c=2', 'Silver')
      })
    },
  },
  {
    name: 'rows of a full batch with the same key all stay, for a check to find',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        await bench.fill(writer, [thing('a', { label: '1' }), thing('a', { label: '1' })])
        equal(labels(await bench.silver(writer)), 'shop.a=1 shop.a=1', 'Silver')
      })
    },
  },
  {
    name: 'an appended row replaces an older version of its key and leaves the rest',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        const append = { mode: 'append' } as const
        await bench.fill(
          writer,
          [thing('a', { label: 'a1', _version: 1n }), thing('b', { label: 'b5', _version: 5n })],
          append,
        )
        await bench.fill(writer, [thing('a', { label: 'other', _version: 9n })], { ...append, source: 'market' })
        await bench.fill(
          writer,
          [thing('a', { label: 'a2', _version: 2n }), thing('c', { label: 'c1', _version: 1n })],
          append,
        )
        equal(labels(await bench.silver(writer)), 'market.a=other shop.a=a2 shop.b=b5 shop.c=c1', 'Silver')
      })
    },
  },
  {
    name: 'a version that comes late loses against a newer one',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        const append = { mode: 'append' } as const
        await bench.fill(writer, [thing('a', { label: 'new', _version: 5n })], append)
        await bench.fill(
          writer,
          [thing('a', { label: 'late', _version: 4n }), thing('b', { label: 'b', _version: 1n })],
          append,
        )
        equal(labels(await bench.silver(writer)), 'shop.a=new shop.b=b', 'Silver')
      })
    },
  },
  {
    name: 'of equal or unknown versions the later batch wins',
    async run(subject) {
      const bench = await Workbench.open(subject)
      await bench.write(async (writer) => {
        const append = { mode: 'append' } as const
        const ids = ['a', 'b', 'c', 'd']
        const before = [5n, null, 5n, null]
        const after = [5n, null, null, 5n]
        await bench.fill(
          writer,
          ids.map((id, at) => thing(id, { label: 'first', _version: before[at] ?? null })),
          append,
        )
        await bench.fill(
          writer,
          ids.map((id, at) => thing(id, { label: 'second', _version: after[at] ?? null })),
          append,
        )
        equal(labels(await bench.silver(writer)), ids.map((id) => `shop.${id}=second`).join(' '), 'Silver')
      })
    },
  },
]
