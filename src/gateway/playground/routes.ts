import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from '../../../resolvers/index.js'
import { callerOf } from '../callers/ask-callers.js'
import type { StoredOperation } from '../operations/stored-operation.js'
import { PlaygroundAssets } from './assets.js'

export interface PlaygroundSettings {
  readonly warehouses: readonly string[]
  readonly defaultWarehouse: string
  /** Those that a caller may ask; the ones that need no parameter are questions to begin with. */
  operationsOf(access: Access): readonly StoredOperation[]
}

/** Everything from this host; Monaco sets styles of its own. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** GraphiQL at /playground, with the warehouse, an API key and questions to begin with. The page holds no data; what it reads is asked for like anybody's. */
export function registerPlayground(app: FastifyInstance, settings: PlaygroundSettings): void {
  const assets = new PlaygroundAssets()
  const send = async (name: string, request: FastifyRequest, reply: FastifyReply) => {
    const asset = await assets.find(name)
    if (!asset) return reply.callNotFound()
    reply.headers({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
      etag: asset.etag,
    })
    if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send()
    reply.type(asset.type)
    const compressed = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
    return compressed ? reply.header('content-encoding', 'gzip').send(asset.gzipped) : reply.send(asset.plain)
  }
  // The page asks for a key itself.
  const open = { config: { open: true } }
  app.get('/playground', open, (request, reply) => send('index.html', request, reply))
  app.get('/playground/session', async (request) => {
    const { name, access } = callerOf(request)
    const { warehouses, defaultWarehouse, operationsOf } = settings
    const examples = operationsOf(access)
      .filter(({ parameters }) => parameters.every(({ required }) => !required))
      .map(({ path, source }) => ({ name: path, query: source }))
    return { caller: { name, role: access.role }, warehouses, defaultWarehouse, examples }
  })
  app.get<{ Params: { readonly file: string } }>('/playground/:file', open, (request, reply) =>
    send(request.params.file, request, reply),
  )
}
