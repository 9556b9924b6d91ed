import type { FastifyInstance } from 'fastify'
import type { Access } from '../../../resolvers/index.js'
import { callerOf } from '../callers/ask-callers.js'
import type { AuthenticationSettings } from '../callers/authenticate.js'
import { servePage, webFiles } from '../page.js'
import { openapiDocument } from './openapi.js'
import type { StoredOperation } from './stored-operation.js'

export interface DocumentationSettings {
  readonly version: string
  /** What a caller may ask. */
  readonly operationsOf: (access: Access) => readonly StoredOperation[]
  readonly warehouses: readonly string[]
  readonly defaultWarehouse: string
  readonly authentication: AuthenticationSettings | undefined
}

/** /openapi.json with the operations that the caller may ask, and a page at /api to try them. */
export function registerDocumentation(app: FastifyInstance, settings: DocumentationSettings): void {
  const { operationsOf, authentication, ...rest } = settings
  const { verifiers = [], anonymous } = authentication ?? {}
  const access = { asked: verifiers.length > 0, open: verifiers.length === 0 || anonymous !== undefined }
  app.get('/openapi.json', async (request) =>
    openapiDocument({ ...rest, access, operations: operationsOf(callerOf(request).access) }),
  )
  servePage(app, {
    url: '/api',
    files: webFiles('api', ['index.html', 'api.js', 'form.js', 'api.css']),
    policy: ["style-src 'self'", 'img-src data:'],
  })
}
