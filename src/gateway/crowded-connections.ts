import type { FastifyInstance } from 'fastify'
import { GoldgateError } from '../../resolvers/index.js'
import type { Exchanges } from './exchanges.js'

/** Requests on one connection that wait for their answers; browsers and drivers send one at a time. */
export const mostOnConnection = 32

/**
 * Against clients that send and do not read: further requests on a connection on which many wait are refused, and a connection that takes nothing of its answers for so long is closed.
 * What waits for a warehouse is not: nothing is there to be taken.
 */
export function limitConnections(app: FastifyInstance, exchanges: Exchanges, stallMs: number): void {
  app.addHook('onRequest', async (request, reply) => {
    if (exchanges.openOn(request.raw) <= mostOnConnection) return
    void reply.header('connection', 'close')
    throw new GoldgateError(
      'BAD_REQUEST',
      `More than ${mostOnConnection} requests wait on this connection for their answers. Read them, or use several connections.`,
    )
  })
  app.server.setTimeout(stallMs, (socket) => {
    if (socket.writableLength > 0 || exchanges.openOn({ socket }) === 0) socket.destroy()
  })
}
