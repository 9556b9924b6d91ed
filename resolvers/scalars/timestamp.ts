import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import { isRealDate } from './calendar.js'
import { located } from './located.js'

const iso = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(?:Z|([+-])(\d{2}):(\d{2}))$/

/** ISO 8601 with an offset or Z → the UTC instant as "YYYY-MM-DDTHH:MM:SS.ffffffZ". */
export function parseTimestamp(value: unknown): string {
  if (typeof value !== 'string') throw new GraphQLError('Timestamp takes a string like "2024-03-31T18:30:00Z".')
  const match = iso.exec(value)
  const fail = () =>
    new GraphQLError(
      `Timestamp cannot hold ${JSON.stringify(value.slice(0, 40))}: write a real instant in ISO 8601 with Z or an offset, ` +
        'at most microseconds, like "2024-03-31T18:30:00Z" or "2024-03-31T20:30:00.123456+02:00".',
    )
  if (!match) throw fail()
  const [, year, month, day, hour, minute, second = '0', fraction = '', sign, offsetHour = '0', offsetMinute = '0'] =
    match
  const parts = [year, month, day, hour, minute, second, offsetHour, offsetMinute].map(Number)
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, oh = 0, om = 0] = parts
  if (!isRealDate(y, mo, d) || h > 23 || mi > 59 || s > 59 || oh > 23 || om > 59) throw fail()
  const instant = new Date(0)
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  instant.setUTCFullYear(y, mo - 1, d)
  instant.setUTCHours(h, mi - (sign === '-' ? -1 : 1) * (oh * 60 + om), s)
  const utcYear = instant.getUTCFullYear()
  if (utcYear < 1 || utcYear > 9999) throw fail()
  return `${instant.toISOString().slice(0, 19)}.${fraction.padEnd(6, '0')}Z`
}

export const TimestampScalar = new GraphQLScalarType<string, string>({
  name: 'Timestamp',
  description:
    'An instant in UTC with microseconds, "YYYY-MM-DDTHH:MM:SS.ffffffZ". As input any ISO 8601 instant with Z or an offset.',
  serialize: (value) => {
    if (typeof value !== 'string') throw new TypeError(`A timestamp came as ${typeof value}`)
    return value
  },
  parseValue: parseTimestamp,
  parseLiteral: (node) => located(node, () => parseTimestamp(node.kind === Kind.STRING ? node.value : undefined)),
})
