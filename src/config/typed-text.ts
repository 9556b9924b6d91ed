import { alternatives, type JsonSchema, schemasBelow } from './json-schema.js'

/**
 * Variables are text. Where the schema wants a number or a switch and no text, text that reads as one becomes one; everything
 * else stays as it is, for the schema to judge.
 */
export function withTypedText(value: unknown, schema: JsonSchema): unknown {
  return typed(value, alternatives(schema, value))
}

function typed(value: unknown, schemas: readonly JsonSchema[]): unknown {
  if (typeof value === 'string') return typedScalar(value, new Set(schemas.map((schema) => schema.type)))
  if (Array.isArray(value)) return value.map((each, index) => typed(each, schemasBelow(schemas, index, each)))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, typed(each, schemasBelow(schemas, key, each))]),
  )
}

function typedScalar(text: string, types: ReadonlySet<unknown>): unknown {
  if (types.has('string')) return text
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  const numeric = types.has('integer') || types.has('number')
  return numeric && /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text
}
