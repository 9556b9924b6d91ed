import type { FastifyReply, FastifyRequest } from 'fastify'
import { type GraphQLFormattedError, getOperationAST } from 'graphql'
import { answerExtensions } from '../../../resolvers/index.js'
import { checkRequest } from '../check-request.js'
import { requestOf } from '../request.js'
import { contentTypeFor } from './content-type.js'
import { type Answer, type Answerer, type Question, wholeOf } from './contract.js'
import { answerUnlessKept } from './kept-answer.js'
import { type PersistedQueries, persistedIn } from './persisted-queries.js'
import { plainQuestion } from './plain-question.js'

/** Answers a request to /graphql, or leaves it (undefined) to what answers all requests. Throws BAD_REQUEST. */
export type FastLane = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | undefined

/** Told of each answer before it is sent. */
type Keep = (request: FastifyRequest, reply: FastifyReply, answer: Answer) => void

/**
 * In front of Apollo Server: plain questions are answered here, and refused with the errors that it would give. What is no question (landing page, batches, requests
 * that a form could send) is left to it.
 */
export function createFastLane(answerer: Answerer, persisted: PersistedQueries, keep: Keep): FastLane {
  return (request, reply) => {
    const { caller } = request
    const asked = plainQuestion(request)
    const contentType = contentTypeFor(request)
    if (!caller || !asked || contentType === undefined) return undefined
    const byHash = persistedIn(asked.extensions)
    const text = byHash ? persisted.text(asked.query, byHash) : asked.query
    const preparation = text === undefined ? undefined : answerer.prepare(text, caller.access)
    if (text === undefined || !preparation) return undefined
    // Apollo Server would find the same, and would have to parse it once more.
    if ('errors' in preparation) {
      checkRequest(request, caller.access.limits)
      return refuse(preparation.errors, reply.header('content-type', contentType))
    }
    const { prepared: document } = preparation
    const { operationName, variables } = asked
    if (getOperationAST(document.document, operationName)?.operation !== 'query') return undefined
    if (byHash) persisted.register(byHash, text)
    const facts = requestOf(request)
    const question = { document, operationName, variables, caller, facts }
    void reply.header('content-type', contentType)
    const answered =
      request.method === 'GET'
        ? answerUnlessKept(answerer, question, request, reply)
        : answerPost(answerer, question, reply)
    return answered.then((answer) => {
      if (!answer) return reply.removeHeader('content-type').send()
      if (request.exchange) request.exchange.settled = answer.settled
      if (!facts.explain) keep(request, reply, answer)
      return reply.code(answer.status).send(wholeOf(answer))
    })
  }
}

async function refuse(errors: readonly GraphQLFormattedError[], reply: FastifyReply): Promise<FastifyReply> {
  const text = JSON.stringify({ errors, extensions: { goldgate: answerExtensions([]) } })
  return reply.code(400).header('cache-control', 'no-store').send(`${text}\n`)
}

async function answerPost(answerer: Answerer, question: Question, reply: FastifyReply): Promise<Answer> {
  const answer = await answerer.answer(question)
  void reply.header('cache-control', 'no-store')
  return answer
}
