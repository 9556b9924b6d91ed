import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { createServer, type Server as HttpServer, type IncomingMessage, request } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** A request that was written down: JSON that a client sent, and how the server answered. One line of the record. */
interface RecordedRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly body: unknown
  readonly status: number
}

/**
 * Stands in front of a server, hands everything through, and appends each request with a JSON body to `recordFile`. It sees what official
 * clients really send, from any process, without a hook in the code that is tested.
 */
export class RecordingProxy {
  private constructor(
    private readonly listener: HttpServer,
    readonly endpoint: string,
  ) {}

  static async start(upstream: string, recordFile: string): Promise<RecordingProxy> {
    const target = new URL(upstream)
    const listener = createServer((incoming, outgoing) => {
      const sent: Buffer[] = []
      const onward = request(
        {
          host: target.hostname,
          port: target.port,
          method: incoming.method,
          path: incoming.url,
          headers: { ...incoming.headers, host: target.host },
        },
        (answer) => {
          record(recordFile, incoming, Buffer.concat(sent), answer.statusCode ?? 0)
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
          answer.once('error', () => outgoing.destroy())
        },
      )
      // Where the server goes away in the middle, its client must see the connection break, as it would without a proxy.
      onward.once('error', () => incoming.socket.destroy())
      outgoing.once('close', () => onward.destroy())
      if (isJson(incoming)) incoming.on('data', (chunk: Buffer) => sent.push(chunk))
      incoming.pipe(onward)
    })
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const address = listener.address()
    if (address === null || typeof address === 'string') throw new Error('The system gave no port.')
    return new RecordingProxy(listener, `http://127.0.0.1:${address.port}`)
  }

  async stop(): Promise<void> {
    this.listener.close()
    this.listener.closeAllConnections()
    await once(this.listener, 'close')
  }
}

const isJson = (incoming: IncomingMessage): boolean =>
  incoming.method !== 'GET' && (incoming.headers['content-type'] ?? '').includes('application/json')

function record(file: string, incoming: IncomingMessage, sent: Buffer, status: number): void {
  if (!isJson(incoming) || sent.length === 0) return
  const plain = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
  const entry: RecordedRequest = {
    method: incoming.method ?? '',
    url: incoming.url ?? '',
    body: JSON.parse(plain.toString('utf8')),
    status,
  }
  appendFileSync(file, `${JSON.stringify(entry)}\n`)
}
