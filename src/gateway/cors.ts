import type { FastifyInstance } from 'fastify'

/** Which pages of other origins may read answers. */
export interface CorsSettings {
  /** As browsers send them, `https://bi.example.com`; `*`: all of them. */
  readonly origins: readonly string[]
}

/** What a script may read of an answer besides its body. */
const exposed = [
  ...['etag', 'x-request-id', 'retry-after', 'content-disposition'],
  ...['x-goldgate-warehouse', 'x-goldgate-build', 'x-goldgate-published-at'],
].join(', ')
const maxAgeSeconds = 600

/** Where there is something to read; health, metrics and pages are for nobody's script. */
const isShared = (path: string): boolean =>
  path === '/graphql' || path === '/export' || path === '/openapi.json' || path.startsWith('/api/v1/')

/**
 * Lets pages of the configured origins read answers, and tells all others nothing: no header, and no answer to their preflight but the one that everybody has. Written out,
 * since @fastify/cors answers for all paths, tells strangers which headers and methods there are, and refuses in a form of its own. Never with
 * credentials: whoever asks from another origin sends his key himself. A preflight, which cannot carry a key, is answered before anybody is asked for one.
 */
export function allowOrigins(app: FastifyInstance, { origins }: CorsSettings): void {
  if (origins.length === 0) return
  const all = origins.includes('*')
  app.addHook('onRequest', async (request, reply) => {
    const { origin, 'access-control-request-method': method, 'access-control-request-headers': asked } = request.headers
    if (!isShared(request.url.split('?', 1)[0] ?? '')) return
    if (!all) reply.header('vary', 'origin')
    if (origin === undefined || !(all || origins.includes(origin))) return
    reply.header('access-control-allow-origin', all ? '*' : origin)
    if (request.method !== 'OPTIONS' || method === undefined) {
      reply.header('access-control-expose-headers', exposed)
      return
    }
    reply.headers({
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-max-age': maxAgeSeconds,
      // Which headers a client sends is its own affair: the origin is trusted, and none of them is a cookie.
      ...(asked === undefined ? {} : { 'access-control-allow-headers': asked }),
    })
    return reply.code(204).send()
  })
}
