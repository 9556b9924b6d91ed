import {
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql'
import { answerExtensions, NotRun, type RequestContext, toldErrors } from '../../../resolvers/index.js'
import type { ErrorFormat } from './error-format.js'

/** A question whose document is valid. */
interface AskedQuestion {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | undefined
  readonly variableValues?: Readonly<Record<string, unknown>> | undefined
}

/** What stands in an answer to a question that asks what would be read: its `data` is null. */
export interface ExplainedQuestion {
  readonly status: number
  readonly result: {
    /** What the question would fail with before it reads anything. */
    readonly errors?: readonly GraphQLFormattedError[]
    /** Left out where nothing would have been executed, as in every answer. */
    readonly data?: Record<string, never> | null
  }
  readonly extensions: Awaited<ReturnType<typeof explanationOf>>
}

/** Executes a question whose `context` reads nothing: what its fields would have read is told, what they would be refused with too. */
export async function explained(
  asked: AskedQuestion,
  context: RequestContext,
  format: ErrorFormat,
): Promise<ExplainedQuestion> {
  const { schema, document, operationName, variableValues = {} } = asked
  const executed = await execute({
    ...{ schema, document, contextValue: context, variableValues, operationName },
    options: { maxCoercionErrors: 1 },
  })
  const began = executed.data !== undefined
  const code = getOperationAST(document, operationName) ? 'BAD_USER_INPUT' : 'OPERATION_RESOLUTION_FAILURE'
  const errors = (executed.errors ?? [])
    .filter(({ originalError }) => !(originalError instanceof NotRun))
    .map((error) => format.format(began ? error : format.coded(error, code)))
  const extensions = await explanationOf(context).catch((cause: Error) => {
    // A warehouse does not say what it would read.
    errors.push(format.format(new GraphQLError(cause.message, { originalError: cause })))
    return { goldgate: answerExtensions([]) }
  })
  const result = {
    ...(errors.length > 0 && { errors: toldErrors(errors, (error) => error) }),
    // Clients take null without an error for a broken answer.
    ...(began && { data: errors.length > 0 ? null : {} }),
  }
  return { status: began ? 200 : 400, result, extensions }
}

/** What `extensions` says of a request that has read nothing. */
export async function explanationOf(context: RequestContext) {
  const explain = await context.explained()
  const cost = context.costOfAnswer()
  return {
    goldgate: answerExtensions(context.buildsRead(), [], 'off', { ...(cost && { cost }), ...(explain && { explain }) }),
  }
}
