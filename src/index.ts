import type { IncomingMessage, ServerResponse } from 'node:http'
import { gatewaySettings } from './composition/gateway-settings.js'
import { Installation } from './composition/installation.js'
import { createLogger } from './composition/logger.js'
import type { Config } from './config/config.js'
import { buildGateway } from './gateway/gateway.js'

export { loadConfig } from './config/load-config.js'

/** A gateway inside of another Node application. */
export interface MountedGateway {
  /**
   * Answers a request: for `http.createServer`, or below a path of Express (`app.use('/analytics', gateway.handler)`). The body must not have been read. All
   * links are relative: whoever cuts a path off by himself sends `/analytics` on to `/analytics/`, as is done here for Express. The `Host` that the application
   * is reached by must be among `gateway.allowedHosts`, unless it is this machine's own.
   */
  handler(request: IncomingMessage, response: ServerResponse): void
  /** Answers what has begun, then closes warehouses and the control database. The application's own server stays open. */
  close(): Promise<void>
}

/**
 * The gateway of an installation without a server of its own: `createGateway(loadConfig({ cwd: process.cwd(), env: process.env }))`. It runs no
 * schedules. Who may reach it is for the application to say; without `gateway.authentication` everyone who does reads everything.
 */
export async function createGateway(config: Config): Promise<MountedGateway> {
  const installation = new Installation(config)
  try {
    const parts = await gatewaySettings(installation, createLogger(config.log.level))
    try {
      const { app, handle, close } = await buildGateway(parts.settings)
      await app.ready()
      let closed: Promise<void> | undefined
      return {
        handler(request, response) {
          const location = withSlash(request)
          if (location === undefined) handle(request, response)
          else response.writeHead(308, { location }).end()
        },
        close() {
          closed ??= inTurn([close, parts.close, () => installation.close()])
          return closed
        },
      }
    } catch (error) {
      await parts.close()
      throw error
    }
  } catch (error) {
    await installation.close()
    throw error
  }
}

/** Express and its like answer `/analytics` and `/analytics/` alike, and of the first every relative link would lead elsewhere. */
function withSlash(request: IncomingMessage & { readonly originalUrl?: unknown }): string | undefined {
  const { originalUrl, url = '' } = request
  if (typeof originalUrl !== 'string' || !/^\/(\?|$)/.test(url)) return undefined
  const [path = '', ...query] = originalUrl.split(/(?=\?)/)
  return path.endsWith('/') ? undefined : `./${path.slice(path.lastIndexOf('/') + 1)}/${query.join('')}`
}

async function inTurn(steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) await step()
}
