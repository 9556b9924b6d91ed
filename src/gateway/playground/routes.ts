import type { FastifyInstance } from 'fastify'
import type { Access } from '../../../resolvers/index.js'
import { callerOf } from '../callers/ask-callers.js'
import type { StoredOperation } from '../operations/stored-operation.js'
import { servePage, webFiles } from '../page.js'

export interface PlaygroundSettings {
  readonly warehouses: readonly string[]
  readonly defaultWarehouse: string
  /** Those that a caller may ask; the ones that need no parameter are questions to begin with. */
  operationsOf(access: Access): readonly StoredOperation[]
}

/** 9 MB of text: loaded by those who open the page. */
const graphiql = () => import('@graphql-yoga/render-graphiql/graphiql')

const files = {
  ...webFiles('playground', ['index.html', 'playground.js', 'playground.css']),
  'graphiql.js': async () => (await graphiql()).js,
  'graphiql.css': async () => (await graphiql()).css,
  'editorWorkerService.worker.js': async () => (await graphiql()).editorWorkerService,
  'json.worker.js': async () => (await graphiql()).jsonWorker,
  'graphql.worker.js': async () => (await graphiql()).graphqlWorker,
}

/** Monaco sets styles of its own. */
const policy = [
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
]

/** GraphiQL at /playground, with the warehouse, an API key and questions to begin with. What the page reads is asked for like anybody's. */
export function registerPlayground(app: FastifyInstance, settings: PlaygroundSettings): void {
  servePage(app, { url: '/playground', files, policy })
  app.get('/playground/session', async (request) => {
    const { name, access } = callerOf(request)
    const { warehouses, defaultWarehouse, operationsOf } = settings
    const examples = operationsOf(access)
      .filter(({ parameters }) => parameters.every(({ required }) => !required))
      .map(({ path, source }) => ({ name: path, query: source }))
    return { caller: { name, role: access.role }, warehouses, defaultWarehouse, examples }
  })
}
