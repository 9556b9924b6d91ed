import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { answerExtensions, NotRun, type RequestContext, toldErrors } from '../../../resolvers/index.js'
import type { ErrorFormat } from './error-format.js'
import { interpret, type ValidQuestion } from './interpret.js'

/** What stands in an answer to a question that asks what would be read: nothing was read, so its `data` is empty. */
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
  asked: ValidQuestion,
  context: RequestContext,
  format: ErrorFormat,
): Promise<ExplainedQuestion> {
  const interpreted = await interpret(asked, context, format)
  const began = interpreted.data !== undefined
  const errors = (interpreted.errors ?? [])
    .filter(({ originalError }) => !(originalError instanceof NotRun))
    .map((error) => format.format(error))
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
  const explain = await context.wouldRead()
  const cost = context.costOfAnswer()
  return {
    goldgate: answerExtensions(context.buildsRead(), [], 'off', { ...(cost && { cost }), ...(explain && { explain }) }),
  }
}
