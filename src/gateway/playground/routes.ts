import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from '../../../resolvers/index.js'
import { PlaygroundAssets } from './assets.js'

/** A question to begin with. */
interface Example {
  readonly name: string
  readonly query: string
}

export interface PlaygroundSettings {
  readonly warehouses: readonly string[]
  readonly defaultWarehouse: string
  /** Such as the caller may ask. */
  examplesOf(access: Access): readonly Example[]
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
    if (!request.caller) throw new Error('A session was asked for without a caller')
    const { name, access } = request.caller
    const { warehouses, defaultWarehouse, examplesOf } = settings
    return { caller: { name, role: access.role }, warehouses, defaultWarehouse, examples: examplesOf(access) }
  })
  app.get<{ Params: { readonly file: string } }>('/playground/:file', open, (request, reply) =>
    send(request.params.file, request, reply),
  )
}
