import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Answerer, Question } from './contract.js'

/** Whoever keeps an answer asks each time whether it is still the one: a publish changes it at once. */
const revalidated = {
  'cache-control': 'private, no-cache',
  // All that an answer depends on besides its address; its headers on the origin, where some are allowed.
  vary: 'accept, authorization, origin, x-api-key, x-goldgate-role, x-goldgate-warehouse, x-goldgate-explain',
}

/** The answer to a GET with its headers of caching; undefined, and the status 304, where it is the one that the client has. */
export async function answerUnlessKept(
  answerer: Answerer,
  question: Question,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer | undefined> {
  const kept = request.headers['if-none-match']
  const unchanged = kept === undefined ? undefined : await answerer.unchanged(question, kept)
  if (unchanged !== undefined) {
    void reply.code(304).headers({ ...revalidated, etag: unchanged })
    return undefined
  }
  const answer = await answerer.answer(question)
  const etag = answer.etag()
  void reply.headers(etag === undefined ? { 'cache-control': 'no-store' } : { ...revalidated, etag })
  return answer
}
