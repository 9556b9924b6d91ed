import type { ApolloServerPlugin } from '@apollo/server'
import {
  answerExtensions,
  checkVariables,
  GoldgateError,
  type Limits,
  type RequestContext,
  refusal,
} from '../../resolvers/index.js'

/** Refuses variables beyond the limit, and writes `extensions.goldgate` when everything has been read or has failed. */
export function answerPlugin(limits: Limits): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ request }) {
          try {
            checkVariables(request.variables, limits)
          } catch (error) {
            throw error instanceof GoldgateError ? refusal(error) : error
          }
        },
        async willSendResponse({ contextValue, response }) {
          if (response.body.kind !== 'single') return
          const { singleResult } = response.body
          singleResult.extensions = {
            ...singleResult.extensions,
            goldgate: answerExtensions(contextValue.buildsRead(), contextValue.fallbacksUsed()),
          }
        },
      }
    },
  }
}
