import type { ApolloServerPlugin } from '@apollo/server'
import type { FastifyInstance } from 'fastify'
import pTimeout from 'p-timeout'
import type { Exchanges } from './exchanges.js'

/** How long an answer that has begun may take to end. */
const drainMs = 10_000

/**
 * On stopping, answers what has begun and then closes every connection. Browsers and clients hold connections open on which
 * nothing was ever asked; Node counts those as busy, and waiting for them would hold up the end of the process.
 */
export const drainPlugin = (app: FastifyInstance, exchanges: Exchanges): ApolloServerPlugin => ({
  async serverWillStart() {
    return {
      async drainServer() {
        const closing = app.close()
        await pTimeout(exchanges.drained(), { milliseconds: drainMs, fallback: () => undefined })
        app.server.closeAllConnections()
        await closing
      },
    }
  },
})
