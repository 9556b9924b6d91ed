import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { BuildCatalog } from '../../../warehouses/contract/builds.js'
import type { WarehouseReader } from '../../../warehouses/contract/warehouse.js'
import type { AnsweredRequest, CacheName, EndedExport, EndedStatement, Meter } from './meter.js'
import { CounterSeries, HistogramSeries } from './series.js'

const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/**
 * What Prometheus reads. Labels come from the configuration, the routes and the names of stored operations, never from a request, so that nobody who
 * asks can make new series.
 */
export class Metrics implements Meter {
  private readonly registry = new Registry()
  private readonly requests = this.counter('requests_total', 'Requests that were answered.', [
    'route',
    'operation',
    'status',
  ])
  private readonly latency = this.histogram(
    'request_seconds',
    'From the arrival of a request to the end of its answer.',
    ['route', 'operation'],
  )
  private readonly bytes = this.counter('response_bytes_total', 'Bytes that were sent, headers included.', [
    'operation',
  ])
  private readonly statements = this.histogram(
    'warehouse_statement_seconds',
    'Statements in the warehouses: waiting for a connection, running, and reading the rows.',
    ['warehouse', 'outcome'],
  )
  private readonly exports = this.counter('exports_total', 'Exports that ended.', ['warehouse', 'outcome'])
  private readonly exportPlaces = this.gauge('export_places', 'Exports that run, and those that wait for a place.', [
    'warehouse',
    'state',
  ])
  private readonly lookups = this.counter('cache_lookups_total', 'Looks into a cache.', ['cache', 'result'])
  private readonly age = this.gauge('build_age_seconds', 'Since the published build was published.', ['warehouse'])
  private readonly gate = this.gauge('build_gate', '1: the newest build passed its checks; 0: it failed them.', [
    'warehouse',
  ])
  private readonly stale = this.gauge('build_stale', '1: there is a newer build than the published one.', ['warehouse'])
  private readonly pools = this.gauge(
    'pool_connections',
    'Connections to a warehouse, and readers that wait for one.',
    ['warehouse', 'state'],
  )

  private placesTaken: () => ReadonlyMap<string, Readonly<Record<string, number>>> = () => new Map()

  constructor(
    private readonly catalog: BuildCatalog,
    private readonly warehouses: ReadonlyMap<string, WarehouseReader>,
  ) {
    collectDefaultMetrics({ register: this.registry })
  }

  answered({ route, operation, status, seconds, bytes }: AnsweredRequest): void {
    this.requests.add(1, route, operation, status)
    this.latency.add(seconds, route, operation)
    this.bytes.add(bytes, operation)
  }

  statement({ warehouse, outcome, seconds }: EndedStatement): void {
    this.statements.add(seconds, warehouse, outcome)
  }

  exported({ warehouse, outcome }: EndedExport): void {
    this.exports.add(1, warehouse, outcome)
  }

  cached(cache: CacheName, hit: boolean): void {
    this.lookups.add(1, cache, hit ? 'hit' : 'miss')
  }

  /** Where exports by warehouse and state are told from here on. */
  showPlaces(taken: () => ReadonlyMap<string, Readonly<Record<string, number>>>): void {
    this.placesTaken = taken
  }

  get contentType(): string {
    return this.registry.contentType
  }

  async text(): Promise<string> {
    await this.lookAtBuilds()
    this.lookAtPools()
    return this.registry.metrics()
  }

  private async lookAtBuilds(): Promise<void> {
    for (const each of [this.age, this.gate, this.stale]) each.reset()
    // No series rather than an old one where the control database does not answer.
    const builds = await this.catalog.published([...this.warehouses.keys()]).catch(() => undefined)
    for (const { warehouse, publishedAt, gate, stale } of builds?.values() ?? []) {
      this.age.set({ warehouse }, Math.max(0, (Date.now() - Date.parse(publishedAt)) / 1000))
      this.gate.set({ warehouse }, gate === 'passed' ? 1 : 0)
      this.stale.set({ warehouse }, stale ? 1 : 0)
    }
  }

  private lookAtPools(): void {
    for (const warehouse of this.warehouses.values()) {
      const states = Object.entries(warehouse.pool?.() ?? {})
      for (const [state, n] of states) this.pools.set({ warehouse: warehouse.name, state }, n)
    }
    for (const [warehouse, states] of this.placesTaken())
      for (const [state, n] of Object.entries(states)) this.exportPlaces.set({ warehouse, state }, n)
  }

  private counter<const Names extends readonly string[]>(
    name: string,
    help: string,
    labelNames: Names,
  ): CounterSeries<Names> {
    return new CounterSeries({ name: `goldgate_${name}`, help, labelNames, registers: [this.registry] })
  }

  private gauge(name: string, help: string, labelNames: string[]): Gauge {
    return new Gauge({ name: `goldgate_${name}`, help, labelNames, registers: [this.registry] })
  }

  private histogram<const Names extends readonly string[]>(
    name: string,
    help: string,
    labelNames: Names,
  ): HistogramSeries<Names> {
    const settings = { name: `goldgate_${name}`, help, labelNames, registers: [this.registry] }
    return new HistogramSeries(settings, requestSeconds)
  }
}
