import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** Taken of any body, and more where more than half of it is allowed. */
const takenAnyway = 32 * 2 ** 20
const patienceMs = 5_000
/** Without a byte of it: as long as one may be on its way. */
const quietMs = 1_000

/**
 * Takes in a body that nobody wants: a client that still writes when its connection is closed sees a broken connection instead of the answer that was sent to it.
 * False: there is more of it, so that nothing else can come on this connection. `bodyBytes`: what is allowed.
 */
export async function discardBody(request: IncomingMessage, bodyBytes: number): Promise<boolean> {
  const most = Math.max(takenAnyway, 2 * bodyBytes)
  let left = most
  if (request.complete || request.readableEnded) return true
  if (request.destroyed || Number(request.headers['content-length'] ?? 0) > most) return false
  return await new Promise<boolean>((done) => {
    const end = (): void => {
      clearTimeout(timer)
      clearTimeout(quiet)
      request.off('data', take).off('end', end).off('close', end).pause()
      done(request.complete)
    }
    const take = ({ length }: Uint8Array): void => {
      quiet.refresh()
      left -= length
      if (left < 0) end()
    }
    const timer = setTimeout(end, patienceMs)
    const quiet = setTimeout(end, quietMs)
    request.on('data', take).once('end', end).once('close', end).resume()
  })
}

/** What asks for something without a body is answered behind the one that it brings all the same, else the connection took in whatever came after the answer. */
export function discardBodiesOfReads(app: FastifyInstance, bodyBytes: number): void {
  app.addHook('preParsing', (request, reply, _, done) => {
    if (request.method === 'POST' || !hasBody(request.raw)) return done()
    discardBody(request.raw, bodyBytes).then((whole) => {
      if (!whole) void reply.header('connection', 'close')
      done()
    }, done)
  })
}

/** A request brings a body, which may be empty. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
