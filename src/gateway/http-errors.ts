import { randomUUID } from 'node:crypto'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errorCatalogue, GoldgateError, statusOf } from '../../resolvers/index.js'
import { discardBody } from './discard-body.js'
import { errorBody } from './error-body.js'
import { waitsToGoOn } from './expected-bodies.js'
import type { GatewayLogger } from './logger.js'

/** Errors of HTTP: a body that is too large or no JSON, an unknown path, a method that a path does not take, and what fails unexpectedly. */
export function registerHttpErrors(app: FastifyInstance, bodyBytes: number, logger: GatewayLogger): void {
  const routes: { readonly url: string; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => void routes.push({ url, methods: [method].flat() }))
  const notFound = (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?')[0] ?? ''
    const shown = JSON.stringify(path.slice(0, 100))
    const there = routes.filter(({ url }) => leadsTo(url, path)).flatMap((route) => route.methods)
    const taken = methods.filter((method) => there.includes(method))
    // What takes the method has looked itself, and found nothing.
    if (taken.length > 0 && !taken.includes(request.method)) {
      const message = `${shown} does not take ${request.method}. Use ${taken.join(' or ')}.`
      return reply.code(405).header('allow', taken.join(', ')).send(errorBody('BAD_REQUEST', message))
    }
    return reply
      .code(404)
      .send(errorBody('NOT_FOUND', `There is nothing under ${shown}. ${errorCatalogue.NOT_FOUND.action}`))
  }
  app.setNotFoundHandler(notFound)
  // Nobody is asked who he is there: his body is not kept until it is whole.
  app.addHook('preParsing', async (request) => {
    if (request.is404) throw nothingHere
  })
  app.setErrorHandler(async (error: FastifyError | GoldgateError, request, reply) => {
    // Whoever waits to be told to go on has sent nothing of his body yet.
    if (waitsToGoOn(request.raw) || !(await discardBody(request.raw, bodyBytes)))
      void reply.header('connection', 'close')
    if (error === nothingHere) return notFound(request, reply)
    if (error instanceof GoldgateError) {
      const { code, message, cause } = error
      if (cause !== undefined)
        logger.error(message, {
          requestId: request.id,
          code,
          error: cause instanceof Error ? cause.message : String(cause),
        })
      if (code === 'UNAUTHENTICATED') void reply.header('www-authenticate', challengeOf(request))
      if (typeof error.details.retryAfter === 'number') void reply.header('retry-after', error.details.retryAfter)
      return reply.code(statusOf(code)).send(errorBody(code, message))
    }
    const status = error.statusCode ?? 500
    if (status === 413)
      return reply
        .code(413)
        .send(errorBody('REQUEST_TOO_LARGE', `The body is larger than ${bodyBytes} bytes. Send a smaller one.`))
    if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
      return reply.code(415).send(errorBody('BAD_REQUEST', `${error.message}. Send content-type: application/json.`))
    if (status >= 400 && status < 500) return reply.code(status).send(errorBody('BAD_REQUEST', error.message))
    return reply.code(500).send(internalError(error, request.id, logger))
  })
}

/** The body of an answer to what failed unexpectedly: the log has the rest. */
export function internalError(error: unknown, requestId: string, logger: Pick<GatewayLogger, 'error'>) {
  const reference = randomUUID()
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  logger.error('A request failed inside', { requestId, reference, error: message, stack })
  return errorBody('INTERNAL_ERROR', `Something failed inside. Give the operator this reference: ${reference}.`, {
    reference,
  })
}

/** How a key may come. A browser asks its user for the second, which is for those who open a page and no answer to a script. */
const challengeOf = ({ headers }: FastifyRequest): string =>
  headers['sec-fetch-dest'] === 'empty'
    ? 'Bearer realm="goldgate"'
    : 'Bearer realm="goldgate", Basic realm="goldgate", charset="UTF-8"'

/** Whether a route is one of a path; `:name` stands for one part of it, `*` for all the rest. */
function leadsTo(url: string, path: string): boolean {
  const wanted = url.split('/')
  const given = path.split('/')
  return (
    (url.endsWith('*') ? given.length >= wanted.length : given.length === wanted.length) &&
    wanted.every((part, i) => part === '*' || part.startsWith(':') || part === given[i])
  )
}

const methods = ['GET', 'HEAD', 'POST']

const nothingHere = new Error('There is no route for it.')
