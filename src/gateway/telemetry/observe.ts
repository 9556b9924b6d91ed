import type { FastifyInstance } from 'fastify'
import type { WarehouseReader } from '../../../warehouses/contract/warehouse.js'
import type { GatewaySettings } from '../settings.js'
import type { Metrics } from './metrics.js'
import { ObservedWarehouse } from './observed-warehouse.js'
import { observeRequests, type RequestObserver } from './requests.js'

export interface Observed {
  /** The gateway reads these, and no others. */
  readonly warehouses: ReadonlyMap<string, WarehouseReader>
  /** Undefined where nobody wants figures. */
  readonly metrics: Metrics | undefined
  /** For those that answer requests before they have a route. */
  readonly requests: RequestObserver
}

/** Whatever is measured, traced and logged: requests from here on, and the statements of the warehouses. */
export async function observe(app: FastifyInstance, settings: GatewaySettings): Promise<Observed> {
  const { tracing, logger, slowQuestionMs: slowMs = 0 } = settings
  const metrics = settings.metrics === true ? await openMetrics(settings) : undefined
  const observers = { meter: metrics, tracing, logger, slowMs }
  const requests = observeRequests(app, observers)
  const warehouses = new Map(
    [...settings.warehouses].map(([name, warehouse]) => [name, new ObservedWarehouse(warehouse, observers)]),
  )
  return { warehouses, metrics, requests }
}

/** Its library is loaded by those who want figures. */
async function openMetrics({ catalog, warehouses }: GatewaySettings): Promise<Metrics> {
  const { Metrics } = await import('./metrics.js')
  return new Metrics(catalog, warehouses)
}
