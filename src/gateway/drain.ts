import type { ServerResponse } from 'node:http'
import type { ApolloServerPlugin } from '@apollo/server'
import type { FastifyInstance } from 'fastify'

/** How long an answer that has begun may take to end. */
const drainMs = 10_000

/**
 * On stopping, answers what has begun and then closes every connection. Browsers and clients hold connections open on which
 * nothing was ever asked; Node counts those as busy, and waiting for them would hold up the end of the process.
 */
export function drainPlugin(app: FastifyInstance): ApolloServerPlugin {
  const open = new Set<ServerResponse>()
  let emptied: (() => void) | undefined
  app.addHook('onRequest', (_, { raw }, done) => {
    open.add(raw)
    raw.once('close', () => {
      open.delete(raw)
      if (open.size === 0) emptied?.()
    })
    done()
  })
  const drained = async (): Promise<void> => {
    if (open.size === 0) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      emptied = resolve
      timer = setTimeout(resolve, drainMs)
    })
    clearTimeout(timer)
  }
  return {
    async serverWillStart() {
      return {
        async drainServer() {
          const closing = app.close()
          await drained()
          app.server.closeAllConnections()
          await closing
        },
      }
    },
  }
}
