import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import { GoldgateError } from '../errors/goldgate-error.js'
import { located } from './located.js'

const largest = BigInt(Number.MAX_SAFE_INTEGER)

function parseSafeInt(text: string): bigint {
  const value = /^-?\d{1,16}$/.test(text) ? BigInt(text) : undefined
  if (value === undefined || value > largest || value < -largest) {
    throw new GraphQLError(`SafeInt holds integers from -${largest} to ${largest}.`)
  }
  return value
}

export const SafeIntScalar = new GraphQLScalarType<bigint, number>({
  name: 'SafeInt',
  description:
    'An integer as a JSON number, exact from -(2^53 - 1) to 2^53 - 1. A value beyond is an error, never rounded.',
  serialize: (value) => {
    if (typeof value !== 'bigint') throw new TypeError(`An integer came as ${typeof value}`)
    if (value > largest || value < -largest) {
      throw new GoldgateError(
        'INTEGER_OUT_OF_RANGE',
        `The integer ${value} is beyond 2^53 - 1 and cannot be an exact JSON number.`,
      )
    }
    return Number(value)
  },
  parseValue: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
    throw new GraphQLError(`SafeInt takes an integer from -${largest} to ${largest}.`)
  },
  parseLiteral: (node) =>
    located(node, () => {
      if (node.kind === Kind.INT) return parseSafeInt(node.value)
      throw new GraphQLError(`SafeInt takes an integer from -${largest} to ${largest}.`)
    }),
})
