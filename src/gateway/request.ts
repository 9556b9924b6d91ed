import { setMaxListeners } from 'node:events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { GoldgateError, type RequestFacts } from '../../resolvers/index.js'

/** One for all: an AbortError with its stack for each request costs more than many an answer. */
const gone = new Error('The client went away, or has its answer.')

/** What a request says besides its query: who asks, the warehouse header, and whether its client is still there. */
export function requestOf(request: FastifyRequest, reply: FastifyReply): RequestFacts {
  const header = request.headers['x-goldgate-warehouse']
  let left: AbortController | undefined
  return {
    access: request.caller?.access,
    requestId: request.id,
    explain: asksToExplain(request),
    warehouse: Array.isArray(header) ? header.join(', ') : header,
    /** Made when it is first asked for: an answer from a cache needs none. */
    get signal() {
      if (left) return left.signal
      const controller = new AbortController()
      left = controller
      // Every statement of the request listens to it.
      setMaxListeners(0, controller.signal)
      // Also after an answer: where one field has failed, what others still read is for nobody.
      if (reply.raw.closed) controller.abort(gone)
      else reply.raw.once('close', () => controller.abort(gone))
      return controller.signal
    },
  }
}

/** Whether the header `x-goldgate-explain` asks what would be read, in place of reading. Throws BAD_REQUEST for a value that it might be meant by. */
export function asksToExplain({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const value = headers['x-goldgate-explain']
  if (value === undefined || value === 'false') return false
  if (value === 'true') return true
  throw new GoldgateError('BAD_REQUEST', 'The header x-goldgate-explain takes true or false.')
}
