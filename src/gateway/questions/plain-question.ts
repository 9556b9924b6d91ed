import type { FastifyRequest } from 'fastify'

/** A question as a client of GraphQL over HTTP sends it. */
export interface PlainQuestion {
  readonly query: string
  readonly operationName?: string | undefined
  readonly variables?: Readonly<Record<string, unknown>> | undefined
}

/**
 * What a request to /graphql asks, when it is nothing but a question in JSON (POST) or in the address (GET). Undefined for everything else, bad requests
 * among it: Apollo Server answers those.
 */
export function plainQuestion(request: FastifyRequest): PlainQuestion | undefined {
  if (request.method === 'POST') return fromBody(request.body)
  return request.method === 'GET' && isPreflighted(request) ? fromAddress(request.query) : undefined
}

function fromBody(body: unknown): PlainQuestion | undefined {
  // Fastify parsed it, so it came as application/json, which no form of another page can send.
  if (!isRecord(body)) return undefined
  const { query, operationName, variables, extensions } = body
  if (typeof query !== 'string' || query === '') return undefined
  if (extensions !== undefined && extensions !== null) return undefined
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') return undefined
  if (variables !== undefined && variables !== null && !isRecord(variables)) return undefined
  return { query, operationName: operationName ?? undefined, variables: variables ?? undefined }
}

function fromAddress(address: unknown): PlainQuestion | undefined {
  if (!isRecord(address)) return undefined
  const { query, operationName, variables, extensions } = address
  // What is given twice is a list here.
  if (typeof query !== 'string' || query === '' || extensions !== undefined) return undefined
  if (operationName !== undefined && typeof operationName !== 'string') return undefined
  if (variables === undefined) return { query, operationName }
  const parsed = typeof variables === 'string' ? parsedRecord(variables) : undefined
  return parsed && { query, operationName, variables: parsed }
}

/** Whether a browser would have asked before it sent this from another page. */
function isPreflighted({ headers }: FastifyRequest): boolean {
  if (headers['content-type'] !== undefined) return headers['content-type'] === 'application/json'
  return isGiven(headers['apollo-require-preflight']) || isGiven(headers['x-apollo-operation-name'])
}

const isGiven = (header: string | string[] | undefined): boolean => header !== undefined && header.length > 0

function parsedRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
