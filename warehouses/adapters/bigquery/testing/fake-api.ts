import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openClient } from '../client.js'
import { Jobs } from '../jobs.js'
import { type BigqueryOptions, bigqueryOptions } from '../options.js'

export interface ApiRequest {
  readonly method: string
  /** Below `/bigquery/v2/projects/<project>`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
}

/** An answer, or `cut`: the connection ends without one. */
export type ApiAnswer = { readonly status?: number; readonly body?: unknown } | 'cut'

/**
 * Says what BigQuery's documentation says that it answers, where the emulator lacks it (job ids, cancel, limits). It knows nothing by
 * itself: what is tested here is the request.
 */
export class FakeApi {
  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly requests: readonly ApiRequest[],
    readonly options: BigqueryOptions,
    readonly jobs: Jobs,
  ) {}

  static async start(
    answer: (request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>,
    options: Record<string, unknown> = {},
  ): Promise<FakeApi> {
    const requests: ApiRequest[] = []
    const server = createServer((incoming, response) => {
      void serve(incoming, response, (request) => {
        requests.push(request)
        return answer(request)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const apiEndpoint = `http://127.0.0.1:${port}`
    const parsed = bigqueryOptions.parse({ project: 'p', dataset: 'd', apiEndpoint, anonymous: true, ...options })
    return new FakeApi(server, requests, parsed, new Jobs('main', await openClient(parsed), parsed))
  }

  /** Bodies of the requests that made jobs. */
  get made(): unknown[] {
    return this.requests.filter(({ method, path }) => method === 'POST' && path === '/jobs').map(({ body }) => body)
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: (request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString('utf8')
  const url = new URL(incoming.url ?? '/', 'http://api')
  const body: unknown = text.startsWith('{') ? JSON.parse(text) : text
  const path = url.pathname.replace(/^(\/upload)?\/bigquery\/v2\/projects\/[^/]+/, '')
  const said = await answer({ method: incoming.method ?? '', path, query: url.searchParams, body })
  if (said === 'cut') {
    incoming.socket.destroy()
    return
  }
  response.writeHead(said.status ?? 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(said.body ?? {}))
}

/** An error as the API words it. */
export const apiError = (status: number, reason: string, message: string): ApiAnswer => ({
  status,
  body: { error: { code: status, message, errors: [{ reason, message, domain: 'global' }] } },
})
