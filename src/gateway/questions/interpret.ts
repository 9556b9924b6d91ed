import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, getOperationAST } from 'graphql'
import type { RequestContext } from '../../../resolvers/index.js'
import type { ErrorFormat } from './error-format.js'

/** A question whose document is valid. */
export interface ValidQuestion {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | undefined
  readonly variables?: Readonly<Record<string, unknown>> | undefined
}

/** What graphql-js makes of a question. A result without `data` where nothing was executed: its errors have the code of the step they come from. */
export async function interpret(
  { schema, document, operationName, variables = {} }: ValidQuestion,
  context: RequestContext,
  format: ErrorFormat,
): Promise<ExecutionResult> {
  const result = await execute({
    ...{ schema, document, contextValue: context, variableValues: variables, operationName },
    // Each of them holds the whole value.
    options: { maxCoercionErrors: 1 },
  })
  if (result.data !== undefined || !result.errors) return result
  const code = getOperationAST(document, operationName) ? 'BAD_USER_INPUT' : 'OPERATION_RESOLUTION_FAILURE'
  return { errors: result.errors.map((error) => format.coded(error, code)) }
}
