import type { FastifyRequest } from 'fastify'
import { checkSourceDepth, checkVariables, GoldgateError, type Limits } from '../../resolvers/index.js'

/** Throws for a request to /graphql that what reads it further on would fail over: without a `Host`, or with a query nested too deeply to be parsed. */
export function checkRequest(request: FastifyRequest, limits: Limits): void {
  if (request.headers.host === undefined)
    throw new GoldgateError('BAD_REQUEST', 'The request has no Host header: send one, such as "Host: localhost".')
  for (const given of [request.body, request.query]) {
    const query: unknown = typeof given === 'object' && given !== null && 'query' in given ? given.query : undefined
    if (typeof query === 'string') checkSourceDepth(query, limits.brackets)
    if (typeof given === 'object' && given !== null && 'variables' in given) checkVariables(given.variables, limits)
  }
}
