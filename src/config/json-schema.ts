import { z } from 'zod'
import type { Kind, Kinds } from './kinds.js'
import { fileSchema, profileSchema } from './schema.js'

export type JsonSchema = Record<string, unknown>

/** JSON Schema of goldgate.yaml, for editors: what the file may hold before variables are replaced. */
export function configJsonSchema(kinds: Kinds): JsonSchema {
  const profile = inputSchema(profileSchema)
  const settings = properties(profile)
  settings.stores = { ...object(settings.stores), items: anyKind(kinds.stores, object(object(settings.stores).items)) }
  const warehouses = object(settings.warehouses)
  settings.warehouses = {
    ...warehouses,
    additionalProperties: anyKind(kinds.warehouses, object(warehouses.additionalProperties)),
  }
  const file = inputSchema(fileSchema)
  properties(file).profiles = { ...object(properties(file).profiles), additionalProperties: profile }
  return { title: 'goldgate.yaml', ...object(allowVariables(file)) }
}

/** The keys that may stand directly below `path`. */
export function keysAt(schema: JsonSchema, path: readonly (string | number)[]): string[] {
  let here: JsonSchema[] = alternatives(schema)
  for (const part of path) {
    here = here.flatMap((each) => {
      const next = typeof part === 'number' ? each.items : (properties(each)[part] ?? each.additionalProperties)
      return alternatives(object(next))
    })
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

/** Numbers, switches and closed lists may also come from a variable. */
function allowVariables(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowVariables)
  if (typeof schema !== 'object' || schema === null) return schema
  const walked = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, allowVariables(value)]))
  const closed = ['integer', 'number', 'boolean'].includes(String(walked.type)) || Array.isArray(walked.enum)
  if (!closed || 'const' in walked) return walked
  const { description, default: fallback, ...type } = walked
  const kept = {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  }
  return { ...kept, anyOf: [type, { type: 'string', pattern: '\\$\\{' }] }
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  const branches = [...list(schema.anyOf), ...list(schema.oneOf), ...list(schema.allOf)]
  return [schema, ...branches.flatMap((branch) => alternatives(object(branch)))]
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
