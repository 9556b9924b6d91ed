import type { FastifyRequest } from 'fastify'

type Fields = Readonly<Record<string, unknown>>

/** A question as a client of GraphQL over HTTP sends it. */
export interface PlainQuestion {
  /** Undefined where `extensions` name a persisted query. */
  readonly query?: string | undefined
  readonly operationName?: string | undefined
  readonly variables?: Fields | undefined
  readonly extensions?: Fields | undefined
}

/**
 * What a request to /graphql asks, when it is nothing but a question in JSON (POST) or in the address (GET). Undefined for everything else, bad requests
 * among it: Apollo Server answers those.
 */
export function plainQuestion(request: FastifyRequest): PlainQuestion | undefined {
  // Fastify parsed a body, so it came as application/json, which no form of another page can send.
  if (request.method === 'POST') return questionInBody(request.body)
  return request.method === 'GET' && isPreflighted(request) ? questionIn(request.query, asText) : undefined
}

/** The same of a body that came as application/json. */
export const questionInBody = (body: unknown): PlainQuestion | undefined => questionIn(body, inJson)

function questionIn(given: unknown, record: (value: unknown) => Fields | undefined | 'bad'): PlainQuestion | undefined {
  if (!isRecord(given)) return undefined
  const operationName = given.operationName ?? undefined
  const variables = record(given.variables)
  const extensions = record(given.extensions)
  if (variables === 'bad' || extensions === 'bad') return undefined
  if (operationName !== undefined && typeof operationName !== 'string') return undefined
  const { query } = given
  // What an address has twice is a list here.
  if (query === undefined ? extensions?.persistedQuery === undefined : typeof query !== 'string' || query === '')
    return undefined
  return { query: typeof query === 'string' ? query : undefined, operationName, variables, extensions }
}

const inJson = (value: unknown): Fields | undefined | 'bad' =>
  value === undefined || value === null ? undefined : isRecord(value) ? value : 'bad'

function asText(value: unknown): Fields | undefined | 'bad' {
  if (value === undefined) return undefined
  if (typeof value !== 'string') return 'bad'
  try {
    const parsed: unknown = JSON.parse(value)
    return isRecord(parsed) ? parsed : 'bad'
  } catch {
    return 'bad'
  }
}

/** Whether a browser would have asked before it sent this from another page. */
function isPreflighted({ headers }: FastifyRequest): boolean {
  if (headers['content-type'] !== undefined) return headers['content-type'] === 'application/json'
  return isGiven(headers['apollo-require-preflight']) || isGiven(headers['x-apollo-operation-name'])
}

const isGiven = (header: string | string[] | undefined): boolean => header !== undefined && header.length > 0

export const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
