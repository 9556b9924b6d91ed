import type { FastifyRequest } from 'fastify'
import { checkSourceDepth, checkVariables, type Limits } from '../../resolvers/index.js'
import { asksToExplain } from './request.js'

/** Throws for a request to /graphql that Apollo Server would fail over: its query or its variables are nested too deeply, the variables too many, or a header has no value that is known. */
export function checkRequest(request: FastifyRequest, limits: Limits): void {
  asksToExplain(request)
  for (const given of [request.body, request.query]) {
    const query: unknown = typeof given === 'object' && given !== null && 'query' in given ? given.query : undefined
    if (typeof query === 'string') checkSourceDepth(query, limits.brackets)
    if (typeof given === 'object' && given !== null && 'variables' in given) checkVariables(given.variables, limits)
  }
}
