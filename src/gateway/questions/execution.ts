import { type ExecutionResult, execute, getOperationAST } from 'graphql'
import type { RequestContext } from '../../../resolvers/index.js'
import type { Answer, Question } from './contract.js'
import type { ErrorFormat } from './error-format.js'

export type Executed = Pick<Answer, 'status' | 'body' | 'failed'>

/** What graphql-js makes of a question, as text. */
export async function executed(question: Question, context: RequestContext, format: ErrorFormat): Promise<Executed> {
  const { data, errors } = await run(question, context, format)
  const parts = [
    ...(errors ? [`"errors":${JSON.stringify(errors.map((error) => format.format(error)))}`] : []),
    ...(data === undefined ? [] : [`"data":${JSON.stringify(data)}`]),
  ]
  return { status: data === undefined ? 400 : 200, body: parts.join(','), failed: errors !== undefined }
}

/** A result without `data` where nothing was executed. */
async function run(question: Question, context: RequestContext, format: ErrorFormat): Promise<ExecutionResult> {
  const { document, schema } = question.document
  const { operationName, variables = {} } = question
  const result = await execute({
    ...{ schema, document, contextValue: context, variableValues: variables, operationName },
    // Each of them holds the whole value.
    options: { maxCoercionErrors: 1 },
  })
  if (result.data !== undefined || !result.errors) return result
  const code = getOperationAST(document, operationName) ? 'BAD_USER_INPUT' : 'OPERATION_RESOLUTION_FAILURE'
  return { errors: result.errors.map((error) => format.coded(error, code)) }
}
