import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  boolean,
  closedList,
  date,
  decimal,
  integer,
  optional,
  required,
  rowCheck,
  text,
  timestamp,
} from '../../models/columns.js'
import type { Entity } from '../../models/types.js'
import { batchRows, ConformFolder, quarantineLines } from './testing/conform-folder.js'

const things: Entity = {
  name: 'things',
  description: '',
  key: ['thing_id'],
  columns: [
    required('thing_id', text, ''),
    required('kind', closedList('Kind', ['good', 'bad']), ''),
    required('quantity', integer, ''),
    optional('price', decimal(18, 2), ''),
    { ...optional('total', decimal(18, 2), ''), computed: 'quantity * price' },
    optional('made_on', date, ''),
  ],
  rowChecks: [rowCheck('quantity_positive', 'quantity > 0', ''), rowCheck('price_positive', 'price > 0', '', 'warn')],
}

const columns = '[id, kind, quantity, price, made]'
const csv = `{ csv: { encoding: utf-8, delimiter: ',', quote: '"', newline: lf, header: true } }`
const dataset = (format: string, files: string) =>
  `  things: { files: '${files}', format: ${format}, columns: ${columns} }\n`
const yaml = (format = csv, files = 'things.csv', more = '') =>
  `datasets:\n${dataset(format, files)}entities:\n  things: { from: things, mode: full, sql: things.sql${more} }\n`
const sql = 'SELECT id AS thing_id, kind, quantity, price, made AS made_on, _line FROM raw.things'
const good = 'id,kind,quantity,price,made\n1,good,2,1.005,2024-02-29\n2,BAD ,1,,\n'

let source: ConformFolder
beforeEach(() => {
  source = new ConformFolder([things])
})
afterEach(() => source.remove())

const only = <T>(items: readonly T[]): T => {
  expect(items).toHaveLength(1)
  return items[0] as T
}

describe('rows that cannot be used go to quarantine with dataset, object, row, raw row and reason', () => {
  it('all others are loaded, and nothing is lost', async () => {
    const lines = [
      '1,good,2,1.005,2024-02-29',
      '2,ugly,1,1,',
      '3,good,x,1,',
      ',good,1,1,',
      '5,good,0,1,',
      '6,good,1,-1,',
      '7,good,1,1,2024-02-30',
      '8,good,1.5,1,',
      '9,good',
      '10,"good,1,1,',
      '11,good,1,99999999999999999.99,',
      '12,bad,3,,',
    ]
    source.write(
      { 'source.yaml': yaml(), 'things.sql': sql },
      { 'things.csv': `id,kind,quantity,price,made\n${lines.join('\n')}\n` },
    )
    const batch = only((await source.conform()).entities)
    expect(batch.counts).toEqual({ raw: 12, loaded: 3, collapsed: 0, quarantined: 9, filtered: 0 })
    expect(await batchRows(batch, 'thing_id, kind, quantity, price, total, made_on, _run, _object, _row')).toEqual([
      ['1', 'good', '2', '1.01', '2.02', '2024-02-29', 'run1', 'bronze/things/things.csv', '1'],
      ['12', 'bad', '3', null, null, null, 'run1', 'bronze/things/things.csv', '12'],
      ['6', 'good', '1', '-1.00', '-1.00', null, 'run1', 'bronze/things/things.csv', '6'],
    ])
    const rejected = quarantineLines(batch)
    expect(rejected.map(({ row, reason, column }) => [row, reason, column])).toEqual([
      [2, 'NOT_IN_LIST', 'kind'],
      [3, 'NOT_TYPED', 'quantity'],
      [4, 'REQUIRED_MISSING', 'thing_id'],
      [5, 'CHECK_FAILED', 'quantity_positive'],
      [7, 'NOT_TYPED', 'made_on'],
      [8, 'NOT_TYPED', 'quantity'],
      [9, 'TOO_FEW_FIELDS', null],
      [10, 'UNCLOSED_QUOTE', null],
      [11, 'NOT_TYPED', 'price'],
    ])
    for (const { dataset, object, row, raw } of rejected)
      expect([dataset, object, raw]).toEqual(['things', 'bronze/things/things.csv', lines[row - 1]])
    expect(batch.quarantine.find(({ reason, column }) => reason === 'NOT_TYPED' && column === 'quantity')).toEqual({
      ...{ dataset: 'things', reason: 'NOT_TYPED', column: 'quantity', rows: 2 },
      ...{ exampleObject: 'bronze/things/things.csv', exampleRow: 3, exampleText: '3,good,x,1,' },
    })
    expect(batch.quarantine.reduce((sum, { rows }) => sum + rows, 0)).toBe(9)
  })

  it('a source of rejected rows only is an empty batch', async () => {
    source.write({ 'source.yaml': yaml(), 'things.sql': sql }, { 'things.csv': 'id,kind,quantity,price,made\n1\n2\n' })
    const batch = only((await source.run()).entities)
    expect(batch.counts).toEqual({ raw: 2, loaded: 0, collapsed: 0, quarantined: 2, filtered: 0 })
    expect(await batchRows(batch, '*')).toEqual([])
  })
})

describe('every format gives the same rows', () => {
  const records = [
    { id: '1', kind: 'good', quantity: 2, price: 1.005, made: '2024-02-29' },
    { id: '2', kind: 'BAD ', quantity: 1, price: null, made: null },
  ]
  const ndjson = records.map((record) => JSON.stringify(record)).join('\n')
  it.each<[string, string, string, Buffer | string]>([
    ['CSV', csv, 'things.csv', good],
    ['packed CSV', csv.replace('true }', 'true, gzip: true }'), 'things.csv.gz', gzipSync(good)],
    ['JSON array', 'json', 'things.json', JSON.stringify(records, null, 2)],
    ['packed JSON array', '{ json: { gzip: true } }', 'things.json.gz', gzipSync(JSON.stringify(records))],
    ['NDJSON', 'ndjson', 'things.ndjson', ndjson],
    ['packed NDJSON', '{ ndjson: { gzip: true } }', 'things.ndjson.gz', gzipSync(ndjson)],
  ])('%s', async (_what, format, file, content) => {
    source.write({ 'source.yaml': yaml(format, file), 'things.sql': sql }, { [file]: content })
    await expectGoodRows()
  })

  it('Parquet, its NUL and its untypable rows in quarantine', async () => {
    await writeParquet(
      `SELECT * FROM (VALUES ('1', 'good', 2, 1.005::DECIMAL(9,3), DATE '2024-02-29'), ('2', 'BAD ', 1, NULL, NULL))`,
    )
    await expectGoodRows()
    await writeParquet(
      `SELECT * FROM (VALUES ('1', 'good', 2, 1.5, NULL), ('2' || chr(0), 'bad', 1, NULL, NULL), ('3', 'bad', NULL, NULL, NULL))`,
    )
    const batch = only((await source.run()).entities)
    expect(batch.counts).toMatchObject({ raw: 3, loaded: 1, quarantined: 2 })
    expect(quarantineLines(batch).map(({ row, reason, column }) => [row, reason, column])).toEqual([
      [2, 'NUL_CHARACTER', 'thing_id'],
      [3, 'REQUIRED_MISSING', 'quantity'],
    ])
    expect(JSON.parse(quarantineLines(batch)[1]?.raw ?? '')).toMatchObject({ id: '3', kind: 'bad', quantity: null })
  })

  async function writeParquet(select: string): Promise<void> {
    source.write({ 'source.yaml': yaml('parquet', 'things.parquet'), 'things.sql': sql }, { 'things.parquet': '' })
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(
      `COPY (SELECT * FROM (${select}) AS t(id, kind, quantity, price, made)) TO '${source.folder.path}/data/things.parquet'`,
    )
    connection.closeSync()
    instance.closeSync()
  }

  async function expectGoodRows(): Promise<void> {
    const batch = only((await source.run()).entities)
    expect(batch.counts).toEqual({ raw: 2, loaded: 2, collapsed: 0, quarantined: 0, filtered: 0 })
    expect(await batchRows(batch, 'thing_id, kind, quantity, price, made_on, _row')).toEqual([
      ['1', 'good', '2', '1.01', '2024-02-29', '1'],
      ['2', 'bad', '1', null, null, '2'],
    ])
  }
})

describe('a file that is wrong as a whole is an error that names source, dataset, file and column', () => {
  const fails = async (content: Buffer | string, format = csv) => {
    source.write({ 'source.yaml': yaml(format), 'things.sql': sql }, { 'things.csv': content })
    return source.conform().then(
      () => undefined,
      (error: { code: string; message: string; where: unknown }) => [error.code, error.where, error.message],
    )
  }
  const where = { source: 'shop', dataset: 'things', file: 'things.csv' }
  const packed = csv.replace('true }', 'true, gzip: true }')

  it.each<[string, Buffer | string, string, string]>([
    ['empty', '', csv, 'FILE_EMPTY'],
    ['cut off in the middle of gzip', gzipSync(good.repeat(500)).subarray(0, 60), packed, 'FILE_UNREADABLE'],
    ['no gzip', good, packed, 'FILE_UNREADABLE'],
    ['no JSON array', '{"id":1}', 'json', 'FILE_UNREADABLE'],
    ['no Parquet', 'PAR1 but not really', 'parquet', 'FILE_UNREADABLE'],
    ['damaged Parquet', 'PAR1 but not really PAR1', 'parquet', 'FILE_UNREADABLE'],
  ])('%s', async (_what, content, format, code) => {
    expect(await fails(content, format)).toEqual([
      code,
      where,
      expect.stringMatching(/^shop, dataset things, file things\.csv: /),
    ])
  })

  it('a vanished column', async () => {
    expect(await fails('id,kind,quantity,made\n1,good,1,\n')).toEqual([
      'COLUMN_UNKNOWN',
      { ...where, column: 'price' },
      expect.stringContaining('has no column "price"; its header is: id, kind, quantity, made'),
    ])
  })
})

describe('duplicates', () => {
  const row = (id: string, quantity: number, version = '') => `${id},good,${quantity},1.00,${version}`
  const file = (...rows: string[]) => `id,kind,quantity,price,made\n${rows.join('\n')}\n`

  it('exact ones collapse to the first; different content of a key stays for the checks to find', async () => {
    source.write(
      { 'source.yaml': yaml(csv, '*.csv'), 'things.sql': sql },
      { 'a.csv': file(row('1', 1), row('1', 2), row('2', 1)), 'b.csv': file(row('1', 1), row('2', 1)) },
    )
    const batch = only((await source.run()).entities)
    expect(batch.counts).toEqual({ raw: 5, loaded: 3, collapsed: 2, quarantined: 0, filtered: 0 })
    expect(await batchRows(batch, 'thing_id, quantity, _object, _row')).toEqual([
      ['1', '1', 'bronze/things/a.csv', '1'],
      ['1', '2', 'bronze/things/a.csv', '2'],
      ['2', '1', 'bronze/things/a.csv', '3'],
    ])
  })

  it('with a version the highest wins, whatever the order; then the last object and row', async () => {
    const versioned = sql.replace('made AS made_on', 'NULL AS made_on, made AS _version')
    source.write(
      { 'source.yaml': yaml(csv, '*.csv'), 'things.sql': versioned },
      {
        'a.csv': file(row('1', 1, '2024-01-02'), row('2', 1, '2024-01-01'), row('3', 1)),
        'b.csv': file(row('1', 2, '2024-01-01'), row('2', 2, '2024-01-01'), row('3', 2), row('4', 1, 'x')),
      },
    )
    const batch = only((await source.run()).entities)
    expect(batch.counts).toEqual({ raw: 7, loaded: 3, collapsed: 3, quarantined: 1, filtered: 0 })
    expect(await batchRows(batch, 'thing_id, quantity, _version')).toEqual([
      ['1', '1', '1704153600000000'],
      ['2', '2', '1704067200000000'],
      ['3', '2', null],
    ])
  })

  it('in append mode the last delivered wins', async () => {
    const append = yaml(csv, '*.csv').replace('mode: full', 'mode: append')
    source.write(
      { 'source.yaml': append, 'things.sql': sql },
      { 'a.csv': file(row('1', 1), row('1', 2)), 'b.csv': file(row('1', 3)) },
    )
    const batch = only((await source.run()).entities)
    expect(batch.counts).toMatchObject({ raw: 3, loaded: 1, collapsed: 2 })
    expect(await batchRows(batch, 'quantity, _object')).toEqual([['3', 'bronze/things/b.csv']])
  })
})

describe('every driving row is accounted for', () => {
  const two = (entity: string) =>
    `datasets:\n${dataset(csv, 'things.csv')}  names: { files: names.csv, format: ${csv}, columns: [id, name] }\nentities:\n  things: { from: things, mode: full, ${entity}sql: things.sql }\n`
  const names = 'id,name\n1,a\n1,b\n'

  it('a filter leaves rows out on purpose, and they are counted', async () => {
    source.write(
      {
        'source.yaml': yaml(csv, 'things.csv', ', filter: { where: price IS NULL, because: no price }'),
        'things.sql': sql,
      },
      { 'things.csv': good },
    )
    expect(only((await source.run()).entities).counts).toEqual({
      raw: 2,
      loaded: 1,
      collapsed: 0,
      quarantined: 0,
      filtered: 1,
    })
  })

  it.each([
    [
      'loses rows',
      'SELECT t.id AS thing_id, kind, quantity, price, made AS made_on, t._line FROM raw.things AS t JOIN (SELECT DISTINCT id FROM raw.names) AS n ON n.id = t.id',
      '1 rows are lost',
    ],
    [
      'multiplies rows',
      'SELECT t.id AS thing_id, kind, quantity, price, made AS made_on, t._line FROM raw.things AS t LEFT JOIN raw.names AS n ON n.id = t.id',
      '1 of them repeat a row',
    ],
    [
      'loses one and doubles another',
      'SELECT t.id AS thing_id, kind, quantity, price, made AS made_on, t._line FROM raw.things AS t JOIN raw.names AS n ON n.id = t.id',
      '1 of them repeat a row; 1 rows are lost',
    ],
    [
      'takes the lines of a lookup',
      "SELECT t.id AS thing_id, kind, quantity, price, made AS made_on, n._line FROM raw.things AS t JOIN raw.names AS n ON n.name = CASE t.id WHEN 1 THEN 'a' ELSE 'b' END",
      '2 have a _line of another dataset or none',
    ],
  ])('a SELECT that %s is an error', async (_what, select, told) => {
    source.write({ 'source.yaml': two(''), 'things.sql': select }, { 'things.csv': good, 'names.csv': names })
    await expect(source.run()).rejects.toMatchObject({
      code: 'MAPPING_INVALID',
      message: expect.stringContaining(told),
    })
  })

  it('a grouped SELECT folds lines, and a rejected group counts all of its lines', async () => {
    const grouped =
      'SELECT id AS thing_id, min(kind) AS kind, sum(TRY_CAST(quantity AS BIGINT)) AS quantity, NULL AS price, NULL AS made_on, count(*) AS _lines, min(_line) AS _line FROM raw.things GROUP BY id'
    const lines =
      'id,kind,quantity,price,made\n1,good,1,,\n1,good,2,,\n2,good,-1,,\n2,good,-1,,\n2,good,-1,,\n3,good,1,,\n'
    source.write(
      { 'source.yaml': two('grouped: true, '), 'things.sql': grouped },
      { 'things.csv': lines, 'names.csv': names },
    )
    const batch = only((await source.run()).entities)
    expect(batch.counts).toEqual({ raw: 6, loaded: 2, collapsed: 1, quarantined: 3, filtered: 0 })
    expect(await batchRows(batch, 'thing_id, quantity, _row')).toEqual([
      ['1', '3', '1'],
      ['3', '1', '6'],
    ])
    expect(batch.quarantine).toMatchObject([
      { reason: 'CHECK_FAILED', rows: 3, exampleRow: 3, exampleText: '2,good,-1,,' },
    ])

    source.write({ 'things.sql': grouped.replace('GROUP BY', "WHERE id <> '3' GROUP BY") }, {})
    await expect(source.run()).rejects.toMatchObject({
      code: 'MAPPING_INVALID',
      message: expect.stringContaining('1 rows are lost'),
    })
  })

  it('rejected records of a lookup are told, and are nobody’s rows', async () => {
    source.write(
      { 'source.yaml': two(''), 'things.sql': `${sql} LEFT JOIN (SELECT id AS n FROM raw.names) ON n = '9'` },
      { 'things.csv': good, 'names.csv': `${names}2\n` },
    )
    const result = await source.run()
    expect(only(result.entities).counts).toMatchObject({ raw: 2, loaded: 2, quarantined: 0 })
    expect(result.datasets).toEqual([
      { dataset: 'names', objects: 1, records: 3, rejected: 1 },
      { dataset: 'things', objects: 1, records: 2, rejected: 0 },
    ])
  })

  it('an optional dataset without a file is an empty batch', async () => {
    source.write(
      { 'source.yaml': yaml().replace("files: 'things.csv'", 'files: none.csv, optional: true'), 'things.sql': sql },
      { 'x.csv': '' },
    )
    expect(only((await source.run()).entities).counts).toMatchObject({ raw: 0, loaded: 0 })
  })
})

describe('types', () => {
  const typed: Entity = {
    ...things,
    columns: [
      required('thing_id', text, ''),
      optional('i', integer, ''),
      optional('d', decimal(18, 2), ''),
      optional('b', boolean, ''),
      optional('t', timestamp, ''),
      optional('on_day', date, ''),
    ],
    rowChecks: [],
  }
  const column = async (name: string, values: readonly string[]) => {
    const folder = new ConformFolder([typed])
    try {
      const others = ['i', 'd', 'b', 't', 'on_day'].map((each) => (each === name ? `v AS ${each}` : `NULL AS ${each}`))
      folder.write(
        {
          'source.yaml':
            'datasets:\n  rows: { files: rows.ndjson, format: ndjson, columns: [id, v] }\nentities:\n  things: { from: rows, mode: full, sql: things.sql }\n',
          'things.sql': `SELECT id AS thing_id, ${others.join(', ')}, _line FROM raw.rows`,
        },
        { 'rows.ndjson': values.map((v, id) => JSON.stringify({ id: 100 + id, v })).join('\n') },
      )
      const batch = only((await folder.run()).entities)
      const found = new Map(
        (await batchRows(batch, `thing_id, CAST(${name} AS VARCHAR)`)).map(([id, value]) => [id, value]),
      )
      return values.map((value, id) => [value, found.get(String(100 + id)) ?? 'rejected'])
    } finally {
      folder.remove()
    }
  }
  const cases = (pairs: Readonly<Record<string, string>>) => Object.entries(pairs)

  it.each<[string, Readonly<Record<string, string>>]>([
    [
      'i',
      {
        '12': '12',
        ' -7 ': '-7',
        '17850.0': '17850',
        '12.7': 'rejected',
        '1_000': 'rejected',
        '0x1f': 'rejected',
        '1e3': 'rejected',
        '': 'rejected',
        '9223372036854775808': 'rejected',
      },
    ],
    [
      'd',
      {
        '1.005': '1.01',
        '-1.005': '-1.01',
        '1.00499999999999999999': '1.00',
        '.5': '0.50',
        '1234567890123456.785': '1234567890123456.79',
        '1.5e2': '150.00',
        '1,5': 'rejected',
        '1_0': 'rejected',
        NaN: 'rejected',
        '99999999999999999': 'rejected',
      },
    ],
    ['b', { true: 'true', F: 'false', '1': 'true', yes: 'true', maybe: 'rejected' }],
    [
      'on_day',
      {
        '2024-02-29': '2024-02-29',
        '1969-12-31': '1969-12-31',
        '2024-01-02T00:00:00Z': '2024-01-02',
        '2024-01-02 10:00': 'rejected',
        '2023-02-29': 'rejected',
        '1/2/16': 'rejected',
        infinity: 'rejected',
        '0016-01-02': 'rejected',
        '20240102': 'rejected',
      },
    ],
    [
      't',
      {
        '2024-01-02T10:00:00Z': '2024-01-02 10:00:00',
        '2024-01-02 10:00:00.123456': '2024-01-02 10:00:00.123456',
        '2024-01-02T10:00:00+02:00': '2024-01-02 08:00:00',
        '2024-01-02': '2024-01-02 00:00:00',
        '2024-01-02 25:00': 'rejected',
        now: 'rejected',
        epoch: 'rejected',
      },
    ],
  ])('%s is read strictly from text, rounded half away from zero, in UTC', async (name, pairs) => {
    expect(await column(name, Object.keys(pairs))).toEqual(cases(pairs))
  })
})

describe('the process', () => {
  const rows = Array.from(
    { length: 300_000 },
    (_, index) => `${(index * 7919) % 250_000},good,${(index % 5) + 1},${index / 100},2024-01-0${(index % 9) + 1}`,
  )

  it('the same input gives the same bytes', async () => {
    source.write(
      { 'source.yaml': yaml(csv, '*.csv'), 'things.sql': sql },
      {
        'a.csv': `id,kind,quantity,price,made\n${rows.slice(0, 200_000).join('\n')}\n`,
        'b.csv': `id,kind,quantity,price,made\n${rows.slice(200_000).join('\n')}\nx,y\n1,2,3\n`,
      },
    )
    const outputs: string[][] = []
    for (let run = 0; run < 3; run++) {
      const batch = only((await source.conform()).entities)
      outputs.push([readFileSync(batch.parquetPath, 'hex'), readFileSync(batch.quarantinePath ?? '', 'hex')])
    }
    expect(outputs[1]).toEqual(outputs[0])
    expect(outputs[2]).toEqual(outputs[0])
  })

  it('a child that dies is an error which says what it was doing, and the parent lives', async () => {
    source.write(
      { 'source.yaml': yaml(), 'things.sql': sql },
      { 'things.csv': `id,kind,quantity,price,made\n${rows.join('\n')}\n` },
    )
    let killed = false
    const conforming = source.conform({
      onProgress: () => {
        if (killed) return
        killed = true
        for (const pid of execFileSync('pgrep', ['-f', '-P', String(process.pid), 'conform/child'])
          .toString()
          .trim()
          .split('\n'))
          process.kill(Number(pid), 'SIGKILL')
      },
    })
    await expect(conforming).rejects.toMatchObject({
      code: 'CONFORM_FAILED',
      message: expect.stringMatching(
        /shop failed while it read the dataset things: its process ended with signal SIGKILL/,
      ),
    })
  })

  it('stops when it is told to', async () => {
    source.write({ 'source.yaml': yaml(), 'things.sql': sql }, { 'things.csv': good })
    const stop = new AbortController()
    const conforming = source.conform({ signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(conforming).rejects.toThrow('enough')
  })

  it('a cast of the mapping that fails is an error which names the SELECT', async () => {
    source.write(
      { 'source.yaml': yaml(), 'things.sql': sql.replace('quantity,', 'CAST(made AS INTEGER) AS quantity,') },
      { 'things.csv': good },
    )
    await expect(source.run()).rejects.toMatchObject({
      code: 'CONFORM_FAILED',
      message: expect.stringMatching(/2024-02-29.*things\.sql with TRY_CAST/s),
    })
  })
})
