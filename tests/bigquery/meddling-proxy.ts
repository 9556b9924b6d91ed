import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface SeenRequest {
  readonly method: string
  /** Below `/bigquery/v2/projects/<project>`, without its query. */
  readonly path: string
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** What a test does with a request. All of it is handed through where it does nothing. */
interface Meddling {
  /** An answer in the server's place. */
  readonly answer?: (request: SeenRequest) => Answer | undefined
  /** Called when the whole request is on its way to the server and no answer has come. */
  readonly sent?: (request: SeenRequest) => void
}

/** Stands between the official client and the real server program, where what a test needs is more than that program does by itself. */
export class MeddlingProxy {
  /** All requests since it started. */
  readonly seen: SeenRequest[] = []
  meddling: Meddling = {}

  private constructor(
    private readonly listener: Server,
    readonly endpoint: string,
  ) {}

  static async start(upstream: string): Promise<MeddlingProxy> {
    const target = new URL(upstream)
    const listener = createServer((incoming, outgoing) => void proxy.#pass(target, incoming, outgoing))
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    const proxy = new MeddlingProxy(listener, `http://127.0.0.1:${port}`)
    return proxy
  }

  async stop(): Promise<void> {
    this.listener.close()
    this.listener.closeAllConnections()
    await once(this.listener, 'close')
  }

  async #pass(target: URL, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
    const body = Buffer.concat(chunks)
    const seen = describe(incoming, body)
    this.seen.push(seen)
    const answer = this.meddling.answer?.(seen)
    if (answer !== undefined) {
      outgoing.writeHead(answer.status, { 'content-type': 'application/json' })
      outgoing.end(JSON.stringify(answer.body))
      return
    }
    const onward = request({
      host: target.hostname,
      port: target.port,
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, host: target.host },
    })
    onward.once('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
      response.once('error', () => outgoing.destroy())
    })
    // Where the server goes away, its client sees the connection break.
    onward.once('error', () => incoming.socket.destroy())
    onward.end(body, () => this.meddling.sent?.(seen))
  }
}

function describe(incoming: IncomingMessage, body: Buffer): SeenRequest {
  const plain = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  const { pathname } = new URL(incoming.url ?? '/', 'http://server')
  return {
    method: incoming.method ?? '',
    path: pathname.replace(/^(\/upload)?\/bigquery\/v2\/projects\/[^/]+/, ''),
    body: plain.toString('utf8'),
  }
}
