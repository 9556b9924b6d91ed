import { describe, expect, it } from 'vitest'
import { boolean, date, decimal, integer, optional, required, text, timestamp } from '../../models/columns.js'
import type { Entity } from '../../models/types.js'
import { batchRows, ConformFolder } from './testing/conform-folder.js'
import { things } from './testing/things.js'

const only = <T>(items: readonly T[]): T => {
  expect(items).toHaveLength(1)
  return items[0] as T
}

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
        '2024-01-02T10:00:00+0530': '2024-01-02 04:30:00',
        '2024-01-02T10:00:00-18': '2024-01-03 04:00:00',
        '2024-01-02T10:00:00+18:00': '2024-01-01 16:00:00',
        '2024-01-02T10:00:00+18:01': 'rejected',
        '2024-01-02T10:00:00-19:00': 'rejected',
        '2024-01-02T10:00:00+99:00': 'rejected',
        '2024-01-02T10:00:00-0560': 'rejected',
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
