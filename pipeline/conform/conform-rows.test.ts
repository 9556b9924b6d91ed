import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchRows, ConformFolder, quarantineLines } from './testing/conform-folder.js'
import { csv, dataset, good, sql, things, yaml } from './testing/things.js'

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
