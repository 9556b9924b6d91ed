import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import { isRealDate } from './calendar.js'
import { located } from './located.js'

/** "YYYY-MM-DD" of a real calendar date, from 0001-01-01 to 9999-12-31. */
export function parseDate(value: unknown): string {
  if (typeof value !== 'string') throw new GraphQLError('Date takes a string like "2024-03-31".')
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value)
  if (!match || !isRealDate(Number(match[1]), Number(match[2]), Number(match[3]))) {
    throw new GraphQLError(`Date cannot hold ${JSON.stringify(value.slice(0, 40))}: write a real date as "YYYY-MM-DD".`)
  }
  return value
}

export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A calendar date as "YYYY-MM-DD", from 0001-01-01 to 9999-12-31.',
  serialize: (value) => {
    if (typeof value !== 'string') throw new TypeError(`A date came as ${typeof value}`)
    return value
  },
  parseValue: parseDate,
  parseLiteral: (node) => located(node, () => parseDate(node.kind === Kind.STRING ? node.value : undefined)),
})
