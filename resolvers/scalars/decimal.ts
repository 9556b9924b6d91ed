import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import { located } from './located.js'

const plain = /^-?\d+(?:\.\d+)?$/
const maxDigits = 38
/** With zeros before and behind them. What is longer is not looked at: to look for its zeros takes the square of its length. */
const maxLength = 200
/** A double tells decimal numbers of up to this many digits apart; JSON numbers with more may have been rounded on the way. */
const digitsOfDouble = 15

/** Exact decimal text without an exponent, leading or trailing zeros: "007.50" → "7.5", "-0" → "0". */
export function parseDecimal(text: string): string {
  if (text.length > maxLength) throw tooLong()
  if (!plain.test(text)) throw new GraphQLError(`Decimal cannot hold ${quoted(text)}: write it plainly, like "-12.50".`)
  const negative = text.startsWith('-')
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  const integer = whole.replace(/^0+(?=\d)/, '')
  const decimals = fraction.replace(/0+$/, '')
  if ((integer === '0' ? 0 : integer.length) + decimals.length > maxDigits) throw tooLong()
  const magnitude = decimals === '' ? integer : `${integer}.${decimals}`
  return negative && magnitude !== '0' ? `-${magnitude}` : magnitude
}

function parseJson(value: unknown): string {
  if (typeof value === 'string') return parseDecimal(value)
  if (typeof value !== 'number') throw new GraphQLError('Decimal takes a string like "12.50" or a number.')
  const text = String(value)
  if (!plain.test(text) || text.replace(/\D/g, '').replace(/^0+/, '').length > digitsOfDouble) {
    throw new GraphQLError(`Decimal cannot take the JSON number ${text} exactly: send it as a string.`)
  }
  return parseDecimal(text)
}

export const DecimalScalar = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description:
    'An exact decimal number as a string in plain notation, like "1234.50": never an exponent, never a binary float. ' +
    'As input also a number, where its digits are exact.',
  serialize: (value) => {
    if (typeof value !== 'string') throw new TypeError(`A decimal came as ${typeof value}`)
    return value
  },
  parseValue: parseJson,
  parseLiteral: (node) =>
    located(node, () => {
      if (node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT)
        return parseDecimal(node.value)
      throw new GraphQLError('Decimal takes a string like "12.50" or a number.')
    }),
})

const tooLong = (): GraphQLError => new GraphQLError(`Decimal holds at most ${maxDigits} digits.`)

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
