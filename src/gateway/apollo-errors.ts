import type { ApolloServerPlugin } from '@apollo/server'
import { createFormatError, type RequestContext } from '../../resolvers/index.js'
import { errorsOf, type GatewayLogger } from './logger.js'

type Format = ReturnType<typeof createFormatError>

/** Apollo Server formats errors without saying of which request they are: that is noted when they are met, so that lines of the log can name it. */
export class ApolloErrors {
  private readonly requests = new WeakMap<object, string>()

  constructor(private readonly logger: Pick<GatewayLogger, 'error'>) {}

  readonly plugin: ApolloServerPlugin<RequestContext> = {
    requestDidStart: async () => ({
      didEncounterErrors: async ({ errors, contextValue: { requestId } }) => {
        if (requestId !== undefined) for (const error of errors) this.requests.set(error, requestId)
      },
    }),
  }

  formatOf(error: unknown): Format {
    const requestId = typeof error === 'object' && error !== null ? this.requests.get(error) : undefined
    return createFormatError(requestId === undefined ? this.logger : errorsOf(this.logger, requestId))
  }
}
