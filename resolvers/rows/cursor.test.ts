import { describe, expect, test } from 'vitest'
import {
  boolean as bool,
  closedList,
  date,
  dimension,
  integer,
  money,
  sourceDimension,
  text,
  timestamp,
} from '../../models/columns.js'
import type { GoldModel } from '../../models/types.js'
import type { Row } from '../../warehouses/contract/values.js'
import { decodeCursor, encodeCursor, type Question, questionHash } from './cursor.js'
import { readOrder } from './order.js'

const columns = [
  sourceDimension,
  dimension('id', integer, 'Key.'),
  dimension('amount', money, 'Amount.', { nullable: true }),
  dimension('day', date, 'Day.'),
  dimension('at', timestamp, 'Instant.'),
  dimension('open', bool, 'Flag.'),
  dimension('name', text, 'Name.'),
  dimension('status', closedList('Status', ['good', 'bad']), 'Status.'),
]
const model: GoldModel = {
  name: 'things',
  description: 'Things.',
  grain: ['source', 'id'],
  columns,
  defaultOrder: [{ column: 'id', direction: 'asc' }],
  rowChecks: [],
}
const all = columns.map(({ name }) => ({ field: name, direction: 'asc' as const }))
const question: Question = { model, asks: { column: 'id', op: 'gt', value: 5n }, order: readOrder(model, all) }
const hash = questionHash(question)
const row: Row = {
  source: 'démo "1"\n',
  id: -9223372036854775808n,
  amount: null,
  day: '2024-02-29',
  at: '2024-02-29T10:00:00.123456Z',
  open: false,
  name: '',
  status: 'bad',
}

const codeOf = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return undefined
}

function forged(change: (cursor: { key: unknown[]; [name: string]: unknown }) => void): string {
  const cursor = JSON.parse(Buffer.from(encodeCursor(question, hash, 'b1', row), 'base64url').toString())
  change(cursor)
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

describe('a cursor', () => {
  test('carries its build and gives every value back in its type', () => {
    expect(decodeCursor(question, hash, encodeCursor(question, hash, 'b1', row))).toEqual({
      buildId: 'b1',
      values: columns.map(({ name }) => row[name]),
    })
  })

  test.each([
    '',
    'x',
    'not base64!',
    'e30',
    'W10',
    'bnVsbA',
    Buffer.from('{"v":2}').toString('base64url'),
    'A'.repeat(100_000),
  ])('of garbage is refused: %.20s', (text) =>
    expect(codeOf(() => decodeCursor(question, hash, text))).toBe('CURSOR_INVALID'),
  )

  test.each<[string, (cursor: { key: unknown[]; [name: string]: unknown }) => void]>([
    ['a missing key', (cursor) => cursor.key.pop()],
    ['a NULL where none can be', (cursor) => (cursor.key[1] = null)],
    ['an integer beyond 64 bits', (cursor) => (cursor.key[1] = '9223372036854775808')],
    ['a decimal that the column would round', (cursor) => (cursor.key[2] = '1.005')],
    ['a decimal that the column cannot hold', (cursor) => (cursor.key[2] = '99999999999999999')],
    ['no date', (cursor) => (cursor.key[3] = '2024-02-30')],
    ['no instant', (cursor) => (cursor.key[4] = 'yesterday')],
    ['a text for a boolean', (cursor) => (cursor.key[5] = 'true')],
    ['a NUL character', (cursor) => (cursor.key[6] = 'a\0b')],
    ['half a surrogate pair', (cursor) => (cursor.key[6] = '\ud800')],
    ['a value that is not on the closed list', (cursor) => (cursor.key[7] = 'ugly')],
    ['a number', (cursor) => (cursor.key[1] = 7)],
    ['more than a cursor holds', (cursor) => (cursor.more = 1)],
  ])('with %s is refused', (_, change) => {
    expect(codeOf(() => decodeCursor(question, hash, forged(change)))).toBe('CURSOR_INVALID')
  })

  test.each<[string, Question]>([
    ['another filter', { ...question, asks: { column: 'id', op: 'gt', value: 6n } }],
    ['the same filter on a text of the same digits', { ...question, asks: { column: 'id', op: 'gt', value: '5' } }],
    ['no filter', { ...question, asks: undefined }],
    [
      'another order',
      { ...question, order: readOrder(model, [{ field: 'source', direction: 'desc' }, ...all.slice(1)]) },
    ],
    ['another NULL order', { ...question, order: question.order.map((key) => ({ ...key, nulls: 'first' as const })) }],
    ['another model', { ...question, model: { ...model, name: 'others' } }],
  ])('of %s is a mismatch', (_, asked) => {
    const cursor = encodeCursor(asked, questionHash(asked), 'b1', row)
    expect(codeOf(() => decodeCursor(question, hash, cursor))).toBe('CURSOR_MISMATCH')
  })
})
