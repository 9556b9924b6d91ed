import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getOperationAST } from 'graphql'
import { checkVariables, type RequestFacts } from '../../../resolvers/index.js'
import type { Exchange } from '../exchanges.js'
import { internalError } from '../http-errors.js'
import type { GatewayLogger } from '../logger.js'
import { type Answerer, type PreparedDocument, wholeOf } from '../questions/contract.js'
import { type PlainQuestion, questionInBody } from '../questions/plain-question.js'
import type { RequestObserver } from '../telemetry/requests.js'
import type { Admitted, Front } from './front.js'

export interface KnownHeadParts {
  readonly front: Front
  readonly answerer: Answerer
  readonly observer: RequestObserver
  readonly logger: GatewayLogger
}

/** What JSON may hold that hooks would refuse, or that may be one of these in another spelling. */
const suspicious = /_proto_|constructor|\\u/

interface Asked {
  readonly question: PlainQuestion
  readonly document: PreparedDocument
}

/** Undefined for whatever is not a plain question of a good document: it goes the whole way, and is told there what is wrong with it. */
function askedIn(text: string, { caller }: Admitted, answerer: Answerer): Asked | undefined {
  if (suspicious.test(text)) return undefined
  try {
    const question = questionInBody(JSON.parse(text))
    if (question?.query === undefined || question.extensions !== undefined) return undefined
    const preparation = answerer.prepare(question.query, caller.access)
    if (!('prepared' in preparation)) return undefined
    const { prepared: document } = preparation
    if (getOperationAST(document.document, question.operationName)?.operation !== 'query') return undefined
    checkVariables(question.variables, caller.access.limits)
    return { question, document }
  } catch {
    return undefined
  }
}

class FactsOfHead implements RequestFacts {
  readonly access: RequestFacts['access']
  readonly warehouse: string | undefined
  readonly explain = false

  constructor(
    { caller, warehouse }: Admitted,
    readonly requestId: string,
    private readonly exchange: Exchange,
  ) {
    this.access = caller.access
    this.warehouse = warehouse
  }

  get signal(): AbortSignal {
    return this.exchange.signal
  }
}

/** Answers a question whose head is known, and ends its exchange; false where it has to go the whole way. */
export function answerKnownHead(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  { admitted, exchange }: { readonly admitted: Admitted; readonly exchange: Exchange },
  { front, answerer, observer, logger }: KnownHeadParts,
): boolean {
  const asked = askedIn(text, admitted, answerer)
  if (!asked) return false
  const began = performance.now()
  const id = randomUUID()
  const observed = observer.begin(request, admitted.asked, id)
  const send = (status: number, body: Buffer): void => {
    response.writeHead(status, [...admitted.headers, 'content-length', body.length, 'x-request-id', id]).end(body)
  }
  // Also where the client has gone before it had its answer.
  response.once('close', () => {
    exchange.settled &&= response.writableFinished
    exchange.end()
    observed(response.statusCode, performance.now() - began)
  })
  const {
    document,
    question: { operationName, variables },
  } = asked
  const facts = new FactsOfHead(admitted, id, exchange)
  answerer.answer({ document, operationName, variables, caller: admitted.caller, facts }).then(
    (answer) => {
      exchange.settled = answer.settled
      front.keepReplay(request, admitted, answer)
      send(answer.status, wholeOf(answer))
    },
    (error: unknown) => send(500, Buffer.from(JSON.stringify(internalError(error, id, logger)))),
  )
  return true
}
