import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { z } from 'zod'

const otlp = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({
        attributes: z.array(z.object({ key: z.string(), value: z.object({ stringValue: z.string().optional() }) })),
      }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              ...{ traceId: z.string(), spanId: z.string(), name: z.string() },
              parentSpanId: z.string().optional(),
              status: z.object({ code: z.number().optional(), message: z.string().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
})

type ReceivedSpan = z.output<typeof otlp>['resourceSpans'][number]['scopeSpans'][number]['spans'][number]

/** Receives traces over OTLP/HTTP, in JSON. */
export class Collector {
  private readonly received: unknown[] = []

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const collector = new Collector(
      createServer(async (request, response) => {
        if (request.url === '/v1/traces') collector.received.push(await json(request))
        else response.statusCode = 404
        response.setHeader('content-type', 'application/json').end('{}')
      }),
    )
    collector.server.listen(0, '127.0.0.1')
    await once(collector.server, 'listening')
    return collector
  }

  /** What tells OpenTelemetry to send its traces here. */
  get env() {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}` }
  }

  get spans(): readonly ReceivedSpan[] {
    return this.received.flatMap((body) =>
      otlp.parse(body).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    )
  }

  /** All that was received. */
  get text(): string {
    return JSON.stringify(this.received)
  }

  forget(): void {
    this.received.length = 0
  }

  close(): void {
    this.server.close()
  }
}
