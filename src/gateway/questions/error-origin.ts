import { GraphQLError, type GraphQLSchema, isScalarType } from 'graphql'
import { LRUCache } from 'lru-cache'

type Serialize = (value: unknown) => unknown

/** What scalars threw, by its message: graphql-jit keeps nothing else of it. */
const thrown = new LRUCache<string, Error>({ max: 1000 })
const known = new WeakMap<GraphQLSchema, Record<string, Serialize>>()

/** How the scalars of a schema write values, for graphql-jit. */
export function serializersOf(schema: GraphQLSchema): Record<string, Serialize> {
  const made =
    known.get(schema) ??
    Object.fromEntries(
      Object.values(schema.getTypeMap())
        .filter(isScalarType)
        .map((type) => [type.name, remembering((value) => type.serialize(value))]),
    )
  known.set(schema, made)
  return made
}

const remembering =
  (serialize: Serialize): Serialize =>
  (value) => {
    try {
      return serialize(value)
    } catch (error) {
      if (error instanceof Error) thrown.set(error.message, error)
      throw error
    }
  }

/** An error of graphql-jit as graphql-js would have made it: with the error behind it, and where that one says that it is. */
export function withOrigin(error: GraphQLError): GraphQLError {
  const originalError = error.originalError ?? thrown.get(error.message)
  if (!originalError) return error
  const locations = originalError instanceof GraphQLError ? originalError.locations : undefined
  return Object.create(error, {
    originalError: { value: originalError },
    locations: { value: locations ?? error.locations, enumerable: true },
  })
}
