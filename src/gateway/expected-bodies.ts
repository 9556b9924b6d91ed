import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { errorBody } from './error-body.js'

const waiting = new WeakSet<IncomingMessage>()

/** Its client asked with `Expect: 100-continue` whether to send the body, and was not told to yet. */
export const waitsToGoOn = (request: IncomingMessage): boolean => waiting.has(request)

/** Node tells every client to go on before anybody has looked at its request. Here a stranger, whoever else is refused before his body is read, and one whose body is too large are answered without having sent it. */
export function askForExpectedBodies(app: FastifyInstance, bodyBytes: number): void {
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request)
    app.server.emit('request', request, response)
  })
  app.server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    const body = JSON.stringify(errorBody('BAD_REQUEST', 'The one thing that can be expected is 100-continue.'))
    const headers = { 'content-type': 'application/json; charset=utf-8', connection: 'close' }
    response.writeHead(417, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
  })
  app.addHook('preParsing', async (request, reply) => {
    if (Number(request.headers['content-length'] ?? 0) > bodyBytes || !waiting.delete(request.raw)) return
    reply.raw.writeContinue()
  })
}
