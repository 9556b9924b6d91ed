import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closedList, date, decimal, optional, required, text } from '../../models/columns.js'
import type { Entity } from '../../models/types.js'
import { loadMapping } from './load-mappings.js'
import { SourceError } from './source-error.js'
import { TestFolder } from './testing/mapping-folder.js'

const things: Entity = {
  name: 'things',
  description: '',
  key: ['thing_id'],
  columns: [
    required('thing_id', text, ''),
    required('kind', closedList('Kind', ['good', 'bad']), ''),
    optional('made_on', date, ''),
    optional('price', decimal(18, 4), ''),
    { ...required('double_price', decimal(18, 4), ''), computed: 'price * 2' },
  ],
  rowChecks: [],
}

const yaml = `name: shop
currency: EUR
timezone: Europe/Oslo
country: NO
datasets:
  items:
    files: items.csv
    format: { csv: { encoding: utf-8, delimiter: ',', quote: '"', newline: lf, header: true } }
    columns: [Id, Kind, Made, Price]
  prices:
    files: prices.json
    format: json
    columns: [id, price]
entities:
  things:
    from: items
    mode: full
    sql: things.sql
`
const sql = `-- Ting på lager
SELECT i.Id AS thing_id, i.Kind AS kind,
  parse_date(Made, '%d.%m.%Y') AS made_on, p.price, i._line
FROM raw.items AS i
LEFT JOIN raw.prices AS p ON p.id = i.Id;
`

let folder: TestFolder
beforeEach(() => {
  folder = new TestFolder()
})
afterEach(() => folder.remove())

const load = (yamlText = yaml, sqlText = sql) => {
  folder.write({ 'shop/source.yaml': yamlText, 'shop/things.sql': sqlText })
  return loadMapping('shop', [folder.path], [things])
}
const mistake = (loading: Promise<unknown>) =>
  loading.then(
    () => 'none',
    (error: unknown) => {
      if (!(error instanceof SourceError)) throw error
      const { file = '', line, position } = error.where
      expect(error.message).toContain(`${file}:${line}:${position}: `)
      const short = error.message.replace(/^.*?:\d+:\d+: /s, '')
      return `${error.code} ${file.replace(/^.*[\\/]/, '')}:${line}:${position} ${short}`
    },
  )

describe('a mapping', () => {
  it('is read from its folder, lookups found in its SELECT, defaults filled in', async () => {
    const mapping = await load()
    expect(mapping).toMatchObject({ name: 'shop', currency: 'EUR', timezone: 'Europe/Oslo', country: 'NO' })
    expect(mapping.datasets[0]?.format).toEqual({
      ...{ kind: 'csv', encoding: 'utf-8', delimiter: ',', quote: '"', escape: '"', newline: 'lf' },
      ...{ header: true, gzip: false, nullText: '' },
    })
    expect(mapping.datasets[1]).toMatchObject({ format: { kind: 'json', gzip: false }, optional: false })
    expect(mapping.entities).toEqual([
      {
        entity: 'things',
        from: 'items',
        mode: 'full',
        grouped: false,
        maxRejected: 0.5,
        sqlFile: 'things.sql',
        sql: sql.replace(/;\n$/, ''),
        lookups: ['prices'],
      },
    ])
  })

  it('is found in any of several folders, and two of one name are an error', async () => {
    await load()
    const other = new TestFolder().write({ 'shop/source.yaml': yaml, 'shop/things.sql': sql })
    try {
      expect(await loadMapping('shop', [folder.path, folder.path], [things])).toMatchObject({ name: 'shop' })
      await expect(loadMapping('shop', [folder.path, other.path], [things])).rejects.toThrow(
        /shop is there twice: .* and .*/,
      )
    } finally {
      other.remove()
    }
  })

  it('that is not there is an error that lists those that are', async () => {
    await load()
    await expect(loadMapping('shopp', [folder.path], [things])).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: expect.stringMatching(/there are: shop\. .* with --mappings, or under "mappings" in goldgate\.yaml/),
    })
    await expect(loadMapping('shop', [join(folder.path, 'absent')], [things])).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: expect.stringMatching(/absent: correct --mappings, or "mappings" in goldgate\.yaml/),
    })
  })
})

describe('a mistake in source.yaml is reported with file, line and column', () => {
  it.each<[string, string, string, string]>([
    ['an unknown key', 'country: NO', 'cuntry: NO', 'source.yaml:4:1 cuntry: unknown key'],
    [
      'an unknown key deep inside',
      'header: true',
      'headers: true',
      'source.yaml:8:80 datasets.items.format.csv.headers: unknown key',
    ],
    ['a missing key', 'country: NO\n', '', 'source.yaml:1:1 country: is missing'],
    ['a wrong value', 'mode: full', 'mode: fuil', 'source.yaml:17:11 entities.things.mode: Invalid option'],
    ['no time zone', 'Europe/Oslo', 'Oslo', 'source.yaml:3:11 timezone: must be an IANA time zone'],
    [
      'an encoding that nobody knows',
      'utf-8',
      'utf-9',
      'source.yaml:8:32 datasets.items.format.csv.encoding: is no encoding',
    ],
    ['an unknown format', 'format: json', 'format: xml', 'source.yaml:12:13 datasets.prices.format: must be json'],
    ['a column twice', 'Made, Price', 'Made, ID', 'source.yaml:9:31 ID is there already'],
    ['an unknown entity', '  things:', '  thing:', 'source.yaml:15:3 There is no entity thing; there are things.'],
    [
      'a dataset that is not declared',
      'from: items',
      'from: item',
      'source.yaml:16:11 There is no dataset item; there are items, prices.',
    ],
    ['a missing SELECT', 'things.sql', 'thing.sql', 'source.yaml:18:10 There is no file'],
    [
      'another name than the folder’s',
      'name: shop',
      'name: shot',
      'source.yaml:1:7 name is shot, but the folder is called shop',
    ],
    ['no YAML', 'columns: [id', 'columns: ][id', 'source.yaml:13:14 '],
    ['an unquoted star', 'files: items.csv', 'files: *.csv', 'source.yaml:7:12 *.csv is a YAML alias of nothing'],
    ['a key twice', 'country: NO', 'country: NO\ncountry: SE', 'source.yaml:5:1 Map keys must be unique'],
    [
      'a filter of an unknown column',
      'mode: full',
      "mode: full\n    filter: { where: Kind = 'x' OR Nope = 1, because: no }",
      'source.yaml:18:36 Referenced column "Nope" not found',
    ],
    [
      'a filter that is no condition',
      'mode: full',
      'mode: full\n    filter: { where: Kind, because: no }',
      'source.yaml:18:22 a filter is true or false',
    ],
    [
      'a filter without a reason',
      'mode: full',
      "mode: full\n    filter: { where: Kind = 'x' }",
      'source.yaml:18:13 entities.things.filter.because: is missing',
    ],
  ])('%s', async (_what, from, to, expected) => {
    expect(await mistake(load(yaml.replace(from, to)))).toContain(`MAPPING_INVALID ${expected}`)
  })
})

describe('a mistake in a SELECT is reported with file, line and column', () => {
  it.each<[string, string, string, string]>([
    ['bad syntax', 'FROM raw.items', 'FORM raw.items', 'things.sql:4:6 syntax error'],
    ['an unknown column', 'i.Kind AS', 'i.Knd AS', 'things.sql:2:26 '],
    ['an unknown dataset', 'raw.prices', 'raw.price', 'things.sql:5:11 '],
    ['a table that is no dataset', 'raw.prices', 'prices', 'things.sql:5:11 '],
    ['an unknown function', 'parse_date(', 'parse_dat(', 'things.sql:3:3 '],
    ['a column of the entity that is missing', 'i.Kind AS kind,', '', 'things.sql:2:8 things needs kind'],
    [
      'a column that the entity does not have',
      'i.Kind AS kind',
      'i.Kind AS kind, 1 AS sort',
      'things.sql:2:42 things has no column sort',
    ],
    [
      'a computed column',
      'i.Kind AS kind',
      'i.Kind AS kind, 1 AS double_price',
      'things.sql:2:42 double_price is always computed',
    ],
    ['a missing _line', ', i._line', '', 'things.sql:2:8 things needs _line'],
    ['a _line that is none', 'i._line', "'x' AS _line", 'things.sql:3:53 _line must be that of a raw row'],
    ['_lines without groups', 'i._line', 'i._line, 1 AS _lines', 'things.sql:3:62 _lines belongs to a grouped entity'],
    [
      'a price that is a binary float',
      'p.price',
      'CAST(p.price AS DOUBLE) / 2 AS price',
      'things.sql:3:68 price is a binary float',
    ],
    [
      'a wrong column whose expression the engine does not place',
      'i.Kind AS kind',
      'i.Kind AS kind, COALESCE(i.Kind, NULL) AS nonsense',
      'things.sql:2:51 things has no column nonsense',
    ],
    [
      'the clock',
      "parse_date(Made, '%d.%m.%Y')",
      'CAST(now() AS DATE)',
      'things.sql:3:8 now() differs from run to run',
    ],
    [
      'the age of a day',
      "parse_date(Made, '%d.%m.%Y')",
      "age(TIMESTAMP '2020-01-01')",
      'things.sql:3:3 age() differs from run to run',
    ],
    ['a number without an order', 'i.Kind AS kind', 'i.Kind AS kind, row_number() OVER () AS n', 'things.sql:2:42 '],
    [
      'a file',
      'raw.prices',
      "read_csv('/etc/passwd', columns = {'id': 'VARCHAR', 'price': 'VARCHAR'})",
      'things.sql:5:11 ',
    ],
    ['two statements', 'i.Id;', 'i.Id; SELECT 1', 'things.sql:1:1 '],
    ['no SELECT', 'SELECT i.Id', 'UPDATE i.Id', 'things.sql:2:'],
    [
      'not the driving dataset',
      'raw.items AS i',
      "(SELECT '1' AS Id, 'x' AS Kind, 'x' AS Made, {'object': 'o', 'row': 1::BIGINT} AS _line) AS i",
      'things.sql:1:1 does not read raw.items',
    ],
  ])('%s', async (_what, from, to, expected) => {
    expect(sql).toContain(from)
    expect(await mistake(load(yaml, sql.replace(from, to)))).toContain(`MAPPING_INVALID ${expected}`)
  })

  it('a grouped SELECT without the number of its lines', async () => {
    const grouped = yaml.replace('mode: full', 'mode: full\n    grouped: true')
    expect(await mistake(load(grouped))).toContain('MAPPING_INVALID things.sql:2:8 things needs _lines')
  })
})
