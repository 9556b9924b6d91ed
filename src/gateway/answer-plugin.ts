import { type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import {
  answerExtensions,
  checkVariables,
  GoldgateError,
  type Limits,
  type RequestContext,
  refusal,
  toldErrors,
} from '../../resolvers/index.js'
import type { ErrorFormat } from './questions/error-format.js'
import { explained } from './questions/explain.js'

/** Refuses variables beyond the limit, leaves out errors that nobody reads, explains what is not to run, and writes `extensions.goldgate` when everything has been read or has failed. */
export function answerPlugin(limits: Limits, format: ErrorFormat): ApolloServerPlugin<RequestContext> {
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
        async responseForOperation({ contextValue, document, operationName, request, schema }) {
          if (!contextValue.explanation) return null
          const asked = {
            schema,
            document,
            operationName: operationName ?? undefined,
            variables: request.variables,
          }
          const { status, result, extensions } = await explained(asked, contextValue, format)
          const singleResult = { ...result, extensions }
          return { http: { status, headers: new HeaderMap() }, body: { kind: 'single', singleResult } }
        },
        async willSendResponse({ contextValue, response }) {
          if (response.body.kind !== 'single') return
          const { singleResult } = response.body
          if (singleResult.errors) singleResult.errors = toldErrors(singleResult.errors, (error) => error)
          const cost = contextValue.costOfAnswer()
          singleResult.extensions = {
            ...singleResult.extensions,
            goldgate:
              singleResult.extensions?.goldgate ??
              answerExtensions(contextValue.buildsRead(), contextValue.fallbacksUsed(), 'off', cost && { cost }),
          }
        },
      }
    },
  }
}
