import type { LogicalType } from '../../models/types.js'
import type { Value } from '../../warehouses/contract/values.js'

/** Kinds of dimensions that a rule may be about: values of others have more than one spelling. */
const kinds = ['text', 'enum', 'integer', 'boolean', 'date'] as const

export const canBeRuled = ({ kind }: LogicalType): boolean => kinds.some((each) => each === kind)

/**
 * A value of the configuration or of a claim, as the column holds it. Undefined for a value that no row can have: it is not guessed at, since `1001`
 * and `"1001"`, or `DE` and `de`, may be two things.
 */
export function ruleValue(type: LogicalType, value: unknown): NonNullable<Value> | undefined {
  switch (type.kind) {
    case 'text':
      return typeof value === 'string' && !/\0|\p{Surrogate}/u.test(value) ? value : undefined
    case 'enum':
      return typeof value === 'string' && type.values.includes(value) ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'integer':
      return Number.isSafeInteger(value) ? BigInt(value as number) : undefined
    case 'date':
      return typeof value === 'string' && isDay(value) ? value : undefined
    default:
      return undefined
  }
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
