import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql'
import {
  type Access,
  answerExtensions,
  checkVariableDepth,
  type GatewayServices,
  GoldgateError,
  RequestContext,
} from '../../../resolvers/index.js'
import type { GatewayLogger } from '../logger.js'
import type { Answer, Answerer, Preparation, Question } from './contract.js'
import { Documents } from './documents.js'
import { ErrorFormat } from './error-format.js'

export interface AnswererSettings {
  readonly services: GatewayServices
  /** The schema that a caller asks by. The same object as long as it is the same schema. */
  readonly schemaOf: (access: Access) => GraphQLSchema
  readonly introspection: boolean
  readonly logger: GatewayLogger
}

export function createAnswerer({ services, schemaOf, introspection, logger }: AnswererSettings): Answerer {
  const errors = new ErrorFormat(logger, introspection)
  const documents = new Documents({ schemaOf, introspection, errors })
  return {
    prepare(text, access): Preparation {
      const preparation = documents.prepare(text, access)
      return 'prepared' in preparation
        ? preparation
        : { errors: preparation.errors.map((error) => errors.format(error)) }
    },
    async answer(question) {
      const { caller, warehouse, signal } = question
      const context = new RequestContext(services, { access: caller.access, warehouse, signal })
      return answerOf(await executed(question, context, errors), context, errors)
    },
  }
}

/** What graphql-js makes of a question; a result without `data` where nothing was executed. */
async function executed(question: Question, context: RequestContext, errors: ErrorFormat): Promise<ExecutionResult> {
  const { document, schema } = question.document
  const { operationName, variables = {} } = question
  try {
    checkVariableDepth(variables, context.limits.variableDepth)
  } catch (error) {
    if (!(error instanceof GoldgateError)) throw error
    return { errors: [new GraphQLError(error.message, { originalError: error })] }
  }
  const result = await execute({ schema, document, contextValue: context, variableValues: variables, operationName })
  if (result.data !== undefined || !result.errors) return result
  const code = getOperationAST(document, operationName) ? 'BAD_USER_INPUT' : 'OPERATION_RESOLUTION_FAILURE'
  return { errors: result.errors.map((error) => errors.coded(error, code)) }
}

function answerOf({ data, errors }: ExecutionResult, context: RequestContext, format: ErrorFormat): Answer {
  const goldgate = answerExtensions(context.buildsRead(), context.fallbacksUsed())
  const parts = [
    ...(errors ? [`"errors":${JSON.stringify(errors.map((error) => format.format(error)))}`] : []),
    ...(data === undefined ? [] : [`"data":${JSON.stringify(data)}`]),
  ]
  return {
    status: data === undefined ? 400 : 200,
    body: parts.join(','),
    extensions: JSON.stringify({ goldgate }),
    failed: errors !== undefined,
  }
}
