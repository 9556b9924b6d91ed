import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestFacts } from '../../resolvers/index.js'

/** What a request says besides its query: who asks, the warehouse header, and whether its client is still there. */
export function requestOf(request: FastifyRequest, reply: FastifyReply): RequestFacts {
  const header = request.headers['x-goldgate-warehouse']
  const left = new AbortController()
  // Also after an answer: where one field has failed, what others still read is for nobody.
  reply.raw.once('close', () => left.abort())
  return {
    access: request.caller?.access,
    warehouse: Array.isArray(header) ? header.join(', ') : header,
    signal: left.signal,
  }
}
