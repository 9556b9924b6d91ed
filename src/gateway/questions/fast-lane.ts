import type { FastifyReply, FastifyRequest } from 'fastify'
import { getOperationAST } from 'graphql'
import { requestOf } from '../request.js'
import { contentTypeFor } from './content-type.js'
import { type Answerer, textOf } from './contract.js'
import { plainQuestion } from './plain-question.js'

/** Answers a request to /graphql, or leaves it (undefined) to what answers all requests. */
export type FastLane = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | undefined

/**
 * In front of Apollo Server: plain questions whose document is good are answered here. What Apollo refuses, and what is no question (landing page,
 * batches, mutations), is left to it, so that its errors stay what they are.
 */
export function createFastLane(answerer: Answerer): FastLane {
  return (request, reply) => {
    const { caller } = request
    const asked = plainQuestion(request)
    const contentType = contentTypeFor(request)
    if (!caller || !asked || contentType === undefined) return undefined
    const preparation = answerer.prepare(asked.query, caller.access)
    if (!('prepared' in preparation)) return undefined
    const { prepared: document } = preparation
    if (getOperationAST(document.document, asked.operationName)?.operation !== 'query') return undefined
    const { operationName, variables } = asked
    const { warehouse, signal } = requestOf(request, reply)
    return answerer
      .answer({ document, operationName, variables, caller, warehouse, signal })
      .then((answer) =>
        reply
          .code(answer.status)
          .header('content-type', contentType)
          .header('cache-control', 'no-store')
          .send(textOf(answer)),
      )
  }
}
