import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { integer } from '../../../models/columns.js'
import type { Statement } from '../../contract/values.js'
import { Connections } from './connections.js'
import { duckdbDialect } from './dialect.js'
import { Engine } from './engine.js'
import { WarehouseFolder } from './folder.js'
import { duckdbOptions } from './options.js'
import { DuckdbReader } from './reader.js'

let directory: string
let folder: WarehouseFolder
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'goldgate reader '))
  folder = new WarehouseFolder(directory)
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const options = duckdbOptions.parse({})
const one: Statement = { sql: 'SELECT CAST(1 AS BIGINT) AS n', params: [], columns: [{ name: 'n', type: integer }] }
/** Longer than any test. */
const endless: Statement = {
  sql: 'SELECT CAST(sum(a.range * b.range) AS BIGINT) AS n FROM range(10000000) AS a, range(10000000) AS b',
  params: [],
  columns: [{ name: 'n', type: integer }],
}

describe('after a fatal error', () => {
  const broken = new Error('FATAL Error: Failed: database has been invalidated because of a previous fatal error.')

  /** Real engines; the statement `break` fails as in an instance that has died, when `fail` says so. */
  function readerOverBreakingEngines() {
    const made: Engine[] = []
    const closed: Engine[] = []
    const failures: (() => void)[] = []
    const open: typeof Engine.open = async (...args) => {
      const engine = await Engine.open(...args)
      made.push(engine)
      const { connect, close } = engine
      engine.close = async () => {
        closed.push(engine)
        await close.call(engine)
      }
      engine.connect = async () => breaking(await connect.call(engine))
      return engine
    }
    const breaking = (connection: DuckDBConnection) => {
      const prepare = connection.prepare.bind(connection)
      connection.prepare = (sql) =>
        sql.includes('(\nbreak\n)') ? new Promise((_, fail) => failures.push(() => fail(broken))) : prepare(sql)
      return connection
    }
    return { made, closed, failures, reader: new DuckdbReader('main', folder, options, open) }
  }

  it('the instance is closed with its last statement, and the next statement has a new one', async () => {
    const { made, closed, failures, reader } = readerOverBreakingEngines()
    // One after the other: which of two connections is open first is anybody's guess.
    const first = reader.query({ ...one, sql: 'break' }, [])
    await vi.waitFor(() => expect(failures).toHaveLength(1))
    const second = reader.query({ ...one, sql: 'break' }, [])
    await vi.waitFor(() => expect(failures).toHaveLength(2))
    failures[0]?.()
    await expect(first).rejects.toMatchObject({ code: 'WAREHOUSE_ERROR' })
    expect(closed).toEqual([])
    expect(await reader.query(one, [])).toEqual([{ n: 1n }])
    expect(made).toHaveLength(2)
    // The old instance fails once more, late: that says nothing about the new one.
    failures[1]?.()
    await expect(second).rejects.toMatchObject({ code: 'WAREHOUSE_ERROR' })
    expect(closed).toEqual([made[0]])
    expect(await reader.query(one, [])).toEqual([{ n: 1n }])
    expect(made).toHaveLength(2)
    await reader.close()
    expect(closed).toEqual(made)
  })

  it('an instance that could not be opened is tried again', async () => {
    let attempts = 0
    const open: typeof Engine.open = (...args) => {
      attempts += 1
      return attempts === 1 ? Promise.reject(new Error('no memory')) : Engine.open(...args)
    }
    const reader = new DuckdbReader('main', folder, options, open)
    await expect(reader.query(one, [])).rejects.toMatchObject({ message: expect.stringContaining('no memory') })
    expect(await reader.query(one, [])).toEqual([{ n: 1n }])
    await reader.close()
  })
})

describe('values of few rows, which come as they are,', () => {
  const sql = `SELECT * FROM (VALUES
    (1, 'a', CAST(9223372036854775807 AS BIGINT), CAST('99999999999999999999999999999.999999999' AS DECIMAL(38,9)), CAST('0.5' AS DECIMAL(9,9)), DATE '2026-02-28'),
    (2, '', CAST(-9223372036854775808 AS BIGINT), CAST('-0.000000001' AS DECIMAL(38,9)), CAST('-0.000000001' AS DECIMAL(9,9)), DATE '1969-12-31'),
    (3, NULL, NULL, NULL, NULL, NULL),
    (4, 'naïve', 0, 0, 0, DATE '0001-01-01')) AS t(id, word, whole, long, part, day) ORDER BY id`
  const all: Statement['columns'] = [
    { name: 'whole', type: integer },
    { name: 'word', type: { kind: 'text' } },
    { name: 'long', type: { kind: 'decimal', precision: 38, scale: 9 } },
    { name: 'day', type: { kind: 'date' } },
    { name: 'part', type: { kind: 'decimal', precision: 9, scale: 9 } },
  ]

  it.each([
    ['beside texts', all],
    ['alone', all.filter(({ type }) => type.kind === 'integer' || type.kind === 'decimal')],
  ])('are those that the engine writes, %s', async (_, columns) => {
    const reader = new DuckdbReader('main', folder, options)
    const statement: Statement = { sql, columns, params: [] }
    const few = await reader.query({ ...statement, atMostRows: 4 }, [])
    expect(few).toEqual(await reader.query(statement, []))
    expect(few.map(({ part }) => part)).toEqual(['0.500000000', '-0.000000001', null, '0.000000000'])
    await reader.close()
  })
})

it('texts of any length come as they are, NULL between them, also of more rows than were thought', async () => {
  const reader = new DuckdbReader('main', folder, options)
  const sql = `SELECT CASE WHEN i % 7 = 0 THEN NULL WHEN i % 3 = 0 THEN repeat('ü', CAST(i % 40 AS INTEGER)) ELSE 'text ' || i END AS word
    FROM range(5000) AS numbers(i) ORDER BY i`
  const statement: Statement = { sql, columns: [{ name: 'word', type: { kind: 'text' } }], params: [] }
  const expected = Array.from({ length: 5_000 }, (_, i) => ({
    word: i % 7 === 0 ? null : i % 3 === 0 ? 'ü'.repeat(i % 40) : `text ${i}`,
  }))
  expect(await reader.query({ ...statement, atMostRows: 50 }, [])).toEqual(expected)
  expect(await reader.query(statement, [])).toEqual(expected)
  await reader.close()
})

describe('while all connections are lent', () => {
  it('a statement that waits is given up when its caller goes away, and when its time is up', async () => {
    const reader = new DuckdbReader('main', folder, options)
    const stop = new AbortController()
    const lent = Array.from({ length: 4 }, () => reader.query(endless, [], { signal: stop.signal }))
    const ended = Promise.allSettled(lent)
    const leave = new AbortController()
    const left = reader.query(one, [], { signal: leave.signal })
    await expect(reader.query(one, [], { timeoutMs: 200 })).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' })
    leave.abort()
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED' })
    stop.abort()
    await ended
    await reader.close()
  })
})

it.each([
  'SELECT CAST(9223372036854775807 AS BIGINT) + CAST(range AS BIGINT) AS n FROM range(1, 2)',
  'SELECT CAST(SUM(9223372036854775807 - range) AS BIGINT) AS n FROM range(9)',
  'SELECT CAST(CAST(range + 100 AS DECIMAL(38,0)) * 10000000000000000000000000000000000000 AS BIGINT) AS n FROM range(9)',
  'SELECT CAST(CAST(range + 100 AS DECIMAL(18,0)) AS DECIMAL(3,2)) AS n FROM range(9)',
])('a number that no type holds says so: %s', async (sql) => {
  const reader = new DuckdbReader('main', folder, options)
  await expect(reader.query({ ...one, sql }, [])).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
  await reader.close()
})

it('ratios are exact far beyond the amounts of any retailer', async () => {
  const reader = new DuckdbReader('main', folder, options)
  const big = "CAST('123456789012345678901.27' AS DECIMAL(38,2))"
  const sql = `SELECT ${['CAST(3 AS BIGINT)', '-1', `${big} * 2`]
    .map((divisor, i) => `CAST(${duckdbDialect.macros.ratio(big, divisor, 6)} AS VARCHAR) AS r${i}`)
    .join(', ')}`
  const columns = ['r0', 'r1', 'r2'].map((name) => ({ name, type: { kind: 'text' } as const }))
  expect(await reader.query({ sql, params: [], columns }, [])).toEqual([
    { r0: '41152263004115226300.423333', r1: '-123456789012345678901.270000', r2: '0.500000' },
  ])
  await reader.close()
})

it('a statement that its memory is too small for says so, and the next one is answered', async () => {
  const reader = new DuckdbReader('main', folder, duckdbOptions.parse({ memoryLimitMb: 64 }))
  const sql = 'SELECT CAST(len(list(range)) AS BIGINT) AS n FROM range(50000000)'
  await expect(reader.query({ ...one, sql }, [])).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' })
  expect(await reader.query(one, [])).toEqual([{ n: 1n }])
  await reader.close()
})

describe('connections', () => {
  const never = new AbortController().signal

  it('go to those who wait in turn, and a wait has an end', async () => {
    const engine = await Engine.open(':memory:', 'reader', folder, options)
    const connections = new Connections(() => engine.connect(), 1, 50)
    const order: string[] = []
    let end = () => {}
    const first = connections.lend(never, () => new Promise<void>((done) => (end = done)))
    const leave = new AbortController()
    const left = connections.lend(leave.signal, async () => order.push('left'))
    const tooLong = connections.lend(never, async () => order.push('too long'))
    leave.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    await expect(tooLong).rejects.toThrow('AllBusy')
    const [second, third] = ['second', 'third'].map((name) => connections.lend(never, async () => order.push(name)))
    end()
    await Promise.all([first, second, third])
    expect(order).toEqual(['second', 'third'])
    await engine.close()
  })
})
