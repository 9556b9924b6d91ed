import type { ApolloServerPlugin } from '@apollo/server'
import type { GoldModel } from '../../models/types.js'
import {
  type Access,
  createSchema,
  type GatewayServices,
  type Limits,
  RequestContext,
  StatementCache,
} from '../../resolvers/index.js'
import { Apollos } from './apollos.js'
import type { Roles } from './callers/roles.js'
import { Front } from './front/front.js'
import { loadOperations } from './operations/load.js'
import { describedIn, type StoredOperation } from './operations/stored-operation.js'
import { createAnswerer } from './questions/answerer.js'
import type { Answerer } from './questions/contract.js'
import { createFastLane, type FastLane } from './questions/fast-lane.js'
import { PersistedQueries } from './questions/persisted-queries.js'
import { rulesOf } from './questions/rules.js'
import { requestOf } from './request.js'
import { type StoredDocuments, storedDocuments } from './safelist.js'
import { schemasOf } from './schemas.js'
import type { GatewaySettings } from './settings.js'
import type { Observed } from './telemetry/observe.js'

export interface AnsweringParts {
  readonly models: readonly GoldModel[]
  readonly limits: Limits
  readonly roles: Roles
  readonly observed: Observed
  readonly drain: ApolloServerPlugin
}

/** Whatever answers questions, however they come. */
export interface Answering {
  readonly services: GatewayServices
  readonly answerer: Answerer
  /** Undefined: every request to /graphql is Apollo's. */
  readonly fastLane: FastLane | undefined
  readonly apollos: Apollos
  readonly front: Front
  /** By path. */
  readonly operations: ReadonlyMap<string, StoredOperation>
  /** Those that a caller may ask. */
  operationsOf(access: Access): readonly StoredOperation[]
  /** The only documents that are answered; undefined: all are. */
  readonly stored: StoredDocuments | undefined
  close(): Promise<void>
}

export async function openAnswering(
  settings: GatewaySettings,
  { models, limits, roles, observed, drain }: AnsweringParts,
): Promise<Answering> {
  const { warehouses, metrics } = observed
  // Half for rows of statements, three eighths for answers to questions, one eighth for answers to whole requests.
  const cacheBytes = (settings.cache?.megabytes ?? 0) * 2 ** 20
  const statements =
    cacheBytes > 0 ? new StatementCache(cacheBytes / 2, (hit) => metrics?.cached('rows', hit)) : undefined
  // A safelist looks at the body, and spans lie around what hooks do.
  const heads = settings.fastLane !== false && !settings.safelist && !settings.tracing
  const front = new Front(settings.catalog, { replayBytes: cacheBytes / 8, heads })
  const services: GatewayServices = { ...settings, models, warehouses, limits, statements }
  const schema = createSchema(models)
  const schemaOf = schemasOf(schema, models, roles)
  const answerer = createAnswerer({
    ...settings,
    services,
    schemaOf,
    answerBytes: (3 * cacheBytes) / 8,
    meter: metrics,
  })
  const rules = rulesOf(limits, { introspection: true })
  const operations = await loadOperations(settings.operations ?? [], schema, rules)
  const stored = settings.safelist ? storedDocuments([...operations.values()].map(({ source }) => source)) : undefined
  const persistedQueries = new PersistedQueries(stored)
  const apollos = await Apollos.start(
    { ...settings, persistedQueries, plugins: [drain] },
    roles,
    schemaOf,
    async (request) => new RequestContext(services, requestOf(request)),
  )
  return {
    ...{ services, answerer, apollos, operations, stored, front },
    fastLane:
      settings.fastLane === false
        ? undefined
        : createFastLane(answerer, persistedQueries, (...sent) => front.keep(...sent)),
    operationsOf: (access) =>
      [...operations.values()].flatMap((operation) => {
        const preparation = answerer.prepare(operation.document.text, access)
        return 'prepared' in preparation ? [describedIn(preparation.prepared.schema, operation)] : []
      }),
    close: () => apollos.stop(),
  }
}
