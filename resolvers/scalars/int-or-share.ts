import { GraphQLScalarType } from 'graphql'
import { DecimalScalar } from './decimal.js'
import { SafeIntScalar } from './safe-int.js'

/** Of measures that count: GraphQL has one type for a field, whatever its argument `as` says. Only in answers. */
export const IntOrShareScalar = new GraphQLScalarType<unknown, number | string>({
  name: 'IntOrShare',
  description:
    'An integer as a JSON number, like SafeInt; with `as: SHARE` the share of the total, like Decimal: a string such as "0.250000".',
  serialize: (value) =>
    typeof value === 'bigint' ? SafeIntScalar.serialize(value) : (DecimalScalar.serialize(value) as string),
  parseValue: () => {
    throw new TypeError('IntOrShare is only in answers')
  },
})
