import { type ExecutionResult, getOperationAST } from 'graphql'
import { type RequestContext, toldErrors } from '../../../resolvers/index.js'
import { CompiledDocuments } from './compiled.js'
import type { Answer, Question } from './contract.js'
import { type Direct, DirectDocuments } from './direct.js'
import type { ErrorFormat } from './error-format.js'
import { interpret } from './interpret.js'
import { variablesOf } from './variables.js'

export type Executed = Pick<Answer, 'status' | 'body' | 'failed'>

/** Executes questions, those that come again by their compiled form. */
export class Execution {
  private readonly direct = new DirectDocuments()
  private readonly compiled = new CompiledDocuments()

  /** The answer to a question as text. */
  async text(question: Question, context: RequestContext, format: ErrorFormat): Promise<Executed> {
    const result = await this.result(question, context, format)
    if (result.data instanceof Buffer) return { status: 200, body: result.data, failed: false }
    const { data, errors } = result as ExecutionResult
    const told = errors && toldErrors(errors, (error) => format.format(error))
    const failed = told ? `"errors":${JSON.stringify(told)}` : ''
    const answered = data === undefined ? '' : `"data":${JSON.stringify(data)}`
    const body = failed && answered ? `${failed},${answered}` : failed || answered
    return { status: data === undefined ? 400 : 200, body: Buffer.from(body), failed: errors !== undefined }
  }

  /** A result without `data` where nothing was executed. */
  private async result(question: Question, context: RequestContext, format: ErrorFormat): Promise<Direct> {
    const { operationName, variables = {} } = question
    const { document, schema } = question.document
    const operation = getOperationAST(document, operationName)
    const variableValues = operation && variablesOf(schema, operation, variables)
    const result =
      variableValues &&
      ((await this.direct.execute(question.document, context, variableValues)) ??
        (await this.compiled.execute(question.document, context, variableValues)))
    if (result?.data !== undefined) return result
    return interpret({ schema, document, operationName, variables }, context, format)
  }
}
