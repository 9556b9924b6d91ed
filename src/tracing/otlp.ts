import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import pTimeout from 'p-timeout'
import type { Span, SpanAttributes, Tracing } from './tracing.js'

/** How long the end of the process waits for a collector. */
const farewellMs = 3_000

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** OpenTelemetry over OTLP/HTTP, as its variables say. It registers nothing globally: a program that the gateway is mounted in may have its own. */
export class OtlpTracing implements Tracing {
  private readonly active = new AsyncLocalStorage<Context>()
  private readonly provider: NodeTracerProvider
  private readonly tracer: Tracer

  constructor() {
    const resource = defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'goldgate' }))
      .merge(detectResources({ detectors: [envDetector] }))
    this.provider = new NodeTracerProvider({
      resource,
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    })
    this.tracer = this.provider.getTracer('goldgate')
  }

  request(name: string, traceparent: string | undefined, attributes: SpanAttributes): Span {
    return this.begin(name, attributes, remote(traceparent), SpanKind.SERVER)
  }

  span(name: string, attributes: SpanAttributes = {}): Span {
    return this.begin(name, attributes, this.active.getStore() ?? ROOT_CONTEXT, SpanKind.INTERNAL)
  }

  async close(): Promise<void> {
    await pTimeout(this.provider.shutdown(), { milliseconds: farewellMs }).catch(() => undefined)
  }

  private begin(name: string, attributes: SpanAttributes, parent: Context, kind: SpanKind): Span {
    const span = this.tracer.startSpan(name, { attributes, kind }, parent)
    const context = trace.setSpan(parent, span)
    return {
      child: (inner, more = {}) => this.begin(inner, more, context, SpanKind.INTERNAL),
      within: (work) => this.active.run(context, work),
      end: (more = {}, error) => end(span, more, error),
    }
  }
}

function end(span: OtelSpan, attributes: SpanAttributes, error: string | undefined): void {
  span.setAttributes(attributes)
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
  span.end()
}

function remote(traceparent: string | undefined): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? []
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true })
}
