import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginUsageReportingDisabled } from '@apollo/server/plugin/disabled'
import type { GraphQLSchema } from 'graphql'
import type { GoldModel } from '../../models/types.js'
import type { Limits, RequestContext } from '../../resolvers/index.js'
import { answerPlugin } from './answer-plugin.js'
import { ApolloErrors } from './apollo-errors.js'
import { landingPage } from './landing-page.js'
import type { GatewayLogger } from './logger.js'
import { ErrorFormat, withoutSuggestion } from './questions/error-format.js'
import type { PersistedQueries } from './questions/persisted-queries.js'
import { ownRules } from './questions/rules.js'

export interface ApolloSettings {
  /** That of one role. */
  readonly schema: GraphQLSchema
  /** The models of the schema. */
  readonly models: readonly GoldModel[]
  readonly limits: Limits
  readonly persistedQueries: PersistedQueries
  readonly introspection: boolean
  readonly landingPage: boolean
  readonly logger: GatewayLogger
  readonly plugins?: readonly ApolloServerPlugin<RequestContext>[] | undefined
}

/** Apollo Server for the callers of one role, not started. What it would take from NODE_ENV or APOLLO_* variables is set here. */
export function createApollo({
  models,
  schema,
  limits,
  logger,
  ...settings
}: ApolloSettings): ApolloServer<RequestContext> {
  const errors = new ApolloErrors(logger)
  return new ApolloServer<RequestContext>({
    schema,
    // Refused below, in the words of graphql-js.
    introspection: true,
    // Hidden below: Apollo's expression for it takes quadratic time over what a client wrote.
    hideSchemaDetailsFromClientErrors: false,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: { cache: settings.persistedQueries, ttl: null },
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.tokens },
    validationRules: ownRules(limits, settings),
    formatError: (formatted, error) => {
      const { message } = formatted
      const shown = settings.introspection ? message : withoutSuggestion(message)
      return errors.formatOf(error)({ ...formatted, message: shown }, error)
    },
    logger: apolloLogger(logger),
    plugins: [
      answerPlugin(limits, new ErrorFormat(logger, settings.introspection)),
      errors.plugin,
      landingPage(settings.landingPage, models),
      ApolloServerPluginUsageReportingDisabled(),
      ...(settings.plugins ?? []),
    ],
  })
}

function apolloLogger(logger: GatewayLogger) {
  const silent = () => undefined
  return {
    debug: silent,
    info: silent,
    warn: (message?: unknown) => logger.warn(String(message)),
    error: (message?: unknown) => logger.error(String(message)),
  }
}
