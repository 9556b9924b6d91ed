import type { FastifyInstance } from 'fastify'
import pTimeout from 'p-timeout'
import { answersInTime, type GatewayServices } from '../../resolvers/index.js'

/** Throws while the process is not ready for a reason of its own. */
export type Readiness = () => Promise<void>

interface ReadinessReport {
  readonly status: 'ready' | 'not ready'
  readonly controlDatabase: 'up' | 'down'
  readonly defaultWarehouse: string
  readonly warehouses: Readonly<Record<string, { readonly status: 'up' | 'down'; readonly build: string | null }>>
}

const answerMs = 2000

/**
 * /health/live: the process answers. /health/ready: the control database answers and names a published build of the default warehouse. It also says
 * which warehouses are up, but is ready although the default one is down: caches and fallbacks may answer. /health: the same in short.
 */
export function registerHealth(app: FastifyInstance, services: GatewayServices, readiness?: Readiness): void {
  app.get('/health/live', { config: { open: true } }, async () => ({ status: 'live' }))
  app.get('/health', { config: { open: true } }, async (_, reply) => {
    const { status, defaultWarehouse, controlDatabase } = await readinessReport(services, readiness)
    return reply.code(status === 'ready' ? 200 : 503).send({ status, controlDatabase, defaultWarehouse })
  })
  app.get('/health/ready', { config: { open: true } }, async (_, reply) => {
    const report = await readinessReport(services, readiness)
    return reply.code(report.status === 'ready' ? 200 : 503).send(report)
  })
}

async function readinessReport(services: GatewayServices, readiness?: Readiness): Promise<ReadinessReport> {
  const { catalog, defaultWarehouse } = services
  const warehouses = [...services.warehouses.values()]
  const names = warehouses.map((warehouse) => warehouse.name)
  const [builds, ready, ...up] = await Promise.all([
    inTime(catalog.published(names)),
    inTime(readiness?.() ?? Promise.resolve()),
    ...warehouses.map(answersInTime),
  ])
  const published = builds.ok ? builds.value : new Map()
  const state = warehouses.map(({ name }, i) => {
    const build: string | null = published.get(name)?.buildId ?? null
    return [name, { status: up[i] ? 'up' : 'down', build }] as const
  })
  return {
    status: builds.ok && ready.ok && published.has(defaultWarehouse) ? 'ready' : 'not ready',
    controlDatabase: builds.ok ? 'up' : 'down',
    defaultWarehouse,
    warehouses: Object.fromEntries(state),
  }
}

type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false }

const inTime = <T>(asked: Promise<T>): Promise<Answer<T>> =>
  pTimeout(asked, { milliseconds: answerMs }).then(
    (value) => ({ ok: true, value }),
    () => ({ ok: false }),
  )
