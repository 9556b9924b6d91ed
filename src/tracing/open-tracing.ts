import type { Tracing } from './tracing.js'

/** The variables of OpenTelemetry decide: undefined without OTEL_EXPORTER_OTLP_ENDPOINT, and then nothing of it is even loaded. */
export async function openTracing(env: NodeJS.ProcessEnv): Promise<Tracing | undefined> {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!endpoint || env.OTEL_SDK_DISABLED === 'true') return undefined
  const { OtlpTracing } = await import('./otlp.js')
  return new OtlpTracing()
}
