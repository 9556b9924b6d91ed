import { z } from 'zod'
import type { Kind, Kinds } from './kinds.js'
import { fileSchema, profileSchema } from './schema.js'

export type JsonSchema = Record<string, unknown>

/** What goldgate.yaml holds once variables are replaced. */
export function configSchema(kinds: Kinds): JsonSchema {
  const { $schema: _dialect, ...profile } = inputSchema(profileSchema)
  const settings = properties(profile)
  settings.stores = { ...object(settings.stores), items: anyKind(kinds.stores, object(object(settings.stores).items)) }
  const warehouses = object(settings.warehouses)
  settings.warehouses = {
    ...warehouses,
    additionalProperties: anyKind(kinds.warehouses, object(warehouses.additionalProperties)),
  }
  const { $schema, ...file } = inputSchema(fileSchema)
  properties(file).profiles = { ...object(properties(file).profiles), additionalProperties: profile }
  return { $schema, title: 'goldgate.yaml', ...file }
}

/** JSON Schema of goldgate.yaml for editors: what must look in a certain way (numbers, switches, lists, patterns) may also be written as a variable. */
export function configJsonSchema(kinds: Kinds): JsonSchema {
  return object(allowVariables(configSchema(kinds)))
}

/** The schemas that `value` may follow: of a choice between kinds only those of its own kind. */
export function alternatives(schema: JsonSchema, value: unknown): JsonSchema[] {
  const branches = [...list(schema.anyOf), ...list(schema.oneOf), ...list(schema.allOf)].map(object)
  const kind = object(value).kind
  const fitting = branches.filter((branch) => {
    const { const: wanted } = object(properties(branch).kind)
    return wanted === undefined || wanted === kind
  })
  return [schema, ...fitting.flatMap((branch) => alternatives(branch, value))]
}

/** The schemas of what stands under `key`. */
export function schemasBelow(schemas: readonly JsonSchema[], key: string | number, value: unknown): JsonSchema[] {
  return schemas.flatMap((schema) => {
    const next = typeof key === 'number' ? schema.items : (properties(schema)[key] ?? schema.additionalProperties)
    return alternatives(object(next), value)
  })
}

/** The keys that may stand directly below `path` of `file`. */
export function keysAt(schema: JsonSchema, file: unknown, path: readonly (string | number)[]): string[] {
  let value = file
  let here = alternatives(schema, file)
  for (const key of path) {
    value = (value as Record<string | number, unknown> | undefined)?.[key]
    here = schemasBelow(here, key, value)
  }
  return [...new Set(here.flatMap((each) => Object.keys(properties(each))))]
}

/** One branch for each kind: its options beside `kind` and what every one has. */
function anyKind(kinds: readonly Kind[], common: JsonSchema): JsonSchema {
  return {
    anyOf: kinds.map((each) => {
      const { $schema: _dialect, ...options } = each.optionsJsonSchema()
      const required = [...list(common.required), ...list(options.required)]
      return {
        ...options,
        type: 'object',
        properties: { ...properties(common), kind: { const: each.kind }, ...properties(options) },
        required: [...new Set(required)],
        additionalProperties: false,
      }
    }),
  }
}

function inputSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
}

function allowVariables(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowVariables)
  if (typeof schema !== 'object' || schema === null) return schema
  const walked = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, allowVariables(value)]))
  const closed = ['integer', 'number', 'boolean'].includes(String(walked.type)) || Array.isArray(walked.enum)
  const shaped = walked.type === 'string' && ('pattern' in walked || 'format' in walked)
  // A kind is what decides on everything around it.
  if (!(closed || shaped) || ('const' in walked && walked.type !== 'boolean')) return walked
  const { description, default: fallback, ...type } = walked
  const kept = {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  }
  return { ...kept, anyOf: [type, { type: 'string', pattern: '\\$\\{' }] }
}

function properties(schema: JsonSchema): Record<string, unknown> {
  return object(schema.properties)
}

function object(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {}
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
