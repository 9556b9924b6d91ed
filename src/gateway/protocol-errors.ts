import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { errorBody } from './error-body.js'

/** Fastify's options for what goes wrong before a request has a route: it is answered in the form of all other errors. `answeredOn`: comes back when nothing else waits there for its answer. */
export const protocolErrors = (answeredOn: (socket: Socket) => Promise<void>) => ({
  // Node would answer a request without one with an empty body, also at /health, where load balancers send none.
  http: { requireHostHeader: false },
  frameworkErrors: (error: FastifyError, _: FastifyRequest, reply: FastifyReply): void => {
    void reply.code(error.statusCode ?? 400).send(errorBody('BAD_REQUEST', `${error.message}.`))
  },
  clientErrorHandler: (error: ClientError, socket: Socket): void => {
    if (refused.has(socket)) return
    refused.add(socket)
    void answeredOn(socket).then(() => refuse(error, socket))
  },
})

type ClientError = Error & { readonly code: string }

/** What comes on them behind the first mistake is none of its own. */
const refused = new WeakSet<Socket>()

/** What Node's parser refuses has no request and no reply: the answer is written to the socket. */
function refuse(error: ClientError, socket: Socket): void {
  // A connection that is gone is nobody's mistake.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, message] = refusals[error.code] ?? [400, 'This is not HTTP as Goldgate speaks it.']
  const body = JSON.stringify(errorBody('BAD_REQUEST', message))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

const refusals: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: [431, 'The headers of the request are too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of the request are too large.'],
}
