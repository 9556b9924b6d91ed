import type { IncomingMessage } from 'node:http'

/** Of a body whose length is known to be greater nothing is taken, of another one no more than this. */
const mostBytes = 32 * 2 ** 20
const patienceMs = 5_000

/** Takes in a body that nobody wants: a client that still writes when its connection is closed sees a broken connection instead of the answer that was sent to it. */
export async function discardBody(request: IncomingMessage): Promise<void> {
  let left = mostBytes
  if (request.readableEnded || request.destroyed || Number(request.headers['content-length'] ?? 0) > left) return
  await new Promise<void>((done) => {
    const end = (): void => {
      clearTimeout(timer)
      request.off('data', take).off('end', end).off('close', end).pause()
      done()
    }
    const take = ({ length }: Uint8Array): void => {
      left -= length
      if (left < 0) end()
    }
    const timer = setTimeout(end, patienceMs)
    request.on('data', take).once('end', end).once('close', end).resume()
  })
}
