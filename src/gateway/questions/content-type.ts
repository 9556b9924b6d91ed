import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

const json = 'application/json; charset=utf-8'
const types = [json, 'application/graphql-response+json; charset=utf-8']

/** The content type of an answer, as the client prefers it; undefined where it accepts none of GraphQL's, or HTML rather. */
export function contentTypeFor({ method, headers }: FastifyRequest): string | undefined {
  const { accept } = headers
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return json
  // GET with this header may ask for the landing page.
  if (method === 'GET' && accept.includes('text/html')) return undefined
  return new Negotiator({ headers: { accept } }).mediaType(types)
}
