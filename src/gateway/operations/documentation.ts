import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Access } from '../../../resolvers/index.js'
import { packageRoot } from '../../../warehouses/package-root.js'
import { callerOf } from '../callers/ask-callers.js'
import { openapiDocument } from './openapi.js'
import type { StoredOperation } from './stored-operation.js'

export interface DocumentationSettings {
  readonly version: string
  /** What a caller may ask. */
  readonly operationsOf: (access: Access) => readonly StoredOperation[]
  readonly warehouses: readonly string[]
  readonly defaultWarehouse: string
}

const types: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'api.js': 'text/javascript; charset=utf-8',
  'api.css': 'text/css; charset=utf-8',
}

const policy = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "connect-src 'self'", 'img-src data:'],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ')

/** /openapi.json with the operations that the caller may ask, and a page at /api to try them, which loads nothing from another host and holds no data itself. */
export function registerDocumentation(app: FastifyInstance, settings: DocumentationSettings): void {
  const { operationsOf, ...rest } = settings
  app.get('/openapi.json', async (request) =>
    openapiDocument({ ...rest, operations: operationsOf(callerOf(request).access) }),
  )
  for (const [file, type] of Object.entries(types)) {
    const url = file === 'index.html' ? '/api' : `/api/${file}`
    app.get(url, { config: { open: true } }, async (_, reply) => {
      const text = await readFile(join(packageRoot(), 'web', 'api', file), 'utf8')
      return reply
        .headers({
          'content-security-policy': policy,
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-cache',
        })
        .type(type)
        .send(text)
    })
  }
}
