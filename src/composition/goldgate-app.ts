import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import { Lease } from '../../pipeline/control/lease.js'
import { writeThrough } from '../../pipeline/durable.js'
import { type RunResult, runPipeline } from '../../pipeline/run/run-pipeline.js'
import type { RunEvent } from '../../pipeline/run-events.js'
import { adapterOf } from '../../warehouses/adapters/registry.js'
import type { PublishedBuild } from '../../warehouses/contract/builds.js'
import type { ParityCatalog } from '../../warehouses/contract/parity.js'
import { goldPlan } from '../../warehouses/template/gold-plan.js'
import type {
  App,
  MovedPointer,
  RunRequest,
  RunStatus,
  RunSummary,
  SourceTestReport,
  SourceTestRequest,
  StatusReport,
  StoreOutcome,
  StoresReport,
  VerifyStoresRequest,
} from '../app.js'
import type { CheckReport, SetupReport } from '../checks.js'
import type { Config } from '../config/config.js'
import { ConfigError } from '../config/errors.js'
import { openTracing } from '../tracing/open-tracing.js'
import { tracedRun } from '../tracing/traced-run.js'
import type { Tracing } from '../tracing/tracing.js'
import { checkInstallation, setupInstallation } from './check.js'
import { Installation } from './installation.js'
import { messageOf } from './message-of.js'
import { parityCatalog } from './parity.js'
import { type PipelineOptions, pipelineEnvironment } from './pipeline.js'
import { quarantineLine, readStatus } from './status.js'
import { testSource } from './test-source.js'
import { verifyInstallation } from './verify-stores.js'

/** From the best to the least good. */
const outcomes: readonly RunStatus[] = ['unchanged', 'published', 'held', 'gated', 'failed']

/** An installation as the command line uses it. Nothing is opened before it is needed. */
export class GoldgateApp implements App {
  private readonly installation: Installation
  private tracing: Promise<Tracing | undefined> | undefined

  constructor(
    readonly config: Config,
    private readonly options: PipelineOptions = {},
  ) {
    this.installation = new Installation(config)
  }

  async run(
    request: RunRequest,
    onEvent: (event: RunEvent) => void,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<RunSummary> {
    const started = performance.now()
    const sources = this.requestedSources(request)
    const environment = await pipelineEnvironment(this.installation, request, this.options)
    // A name that is not there is a mistake of the request: said before a run exists.
    for (const source of sources) environment.sourceOf(source, request.dataDirectory ?? null)
    const asked = {
      sources,
      dataDirectory: request.dataDirectory ?? null,
      givenAsOf: request.asOf ?? null,
      ...(request.runId === undefined ? {} : { runId: request.runId }),
    }
    return tracedRun(await this.openTracing(), onEvent, async (watch) => {
      const result = await runPipeline(environment, asked, watch, signal)
      return this.summarize(result, (performance.now() - started) / 1000)
    })
  }

  async buildWarehouse(
    name: string,
    onEvent: (event: RunEvent) => void,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<RunSummary> {
    const started = performance.now()
    this.requireWarehouse(name)
    const environment = await pipelineEnvironment(this.installation, {}, this.options)
    const request = { sources: [], warehouses: [name], dataDirectory: null, givenAsOf: null }
    const result = await runPipeline(environment, request, onEvent, signal)
    const stores = result.stores.some((store) => store.outcome === 'failed')
    if (result.warehouses.length === 0 && !stores)
      throw new ConfigError(
        'NOTHING_TO_BUILD',
        `Nothing was landed yet, so ${name} has nothing to build. Run "goldgate run".`,
      )
    return this.summarize(result, (performance.now() - started) / 1000)
  }

  parity(): Promise<ParityCatalog> {
    return parityCatalog(this.installation, true)
  }

  async keys() {
    return (await this.installation.control()).keys
  }

  async serve(onReady: (info: { readonly url: string }) => void, signal: AbortSignal): Promise<void> {
    // GraphQL and HTTP are loaded by those who serve.
    const { serveInstallation } = await import('./serve.js')
    const refresh = (sources: readonly string[], onEvent: (event: RunEvent) => void) =>
      this.run({ sources: [...sources] }, onEvent, signal)
    return serveInstallation(this.installation, refresh, onReady, signal, await this.openTracing())
  }

  status(): Promise<StatusReport> {
    return readStatus(this.installation)
  }

  check(patienceSeconds: number): Promise<CheckReport> {
    return checkInstallation(this.installation, patienceSeconds)
  }

  setup(patienceSeconds: number): Promise<SetupReport> {
    return setupInstallation(this.installation, patienceSeconds)
  }

  async publish(buildId: string, warehouse: string): Promise<MovedPointer> {
    this.requireWarehouse(warehouse)
    const published = await (await this.installation.control()).builds.hold(warehouse, buildId)
    const viewsBehind = await this.followWithViews(published).catch(messageOf)
    return viewsBehind === undefined ? published : { ...published, viewsBehind }
  }

  async release(warehouse: string): Promise<MovedPointer | undefined> {
    this.requireWarehouse(warehouse)
    const published = await (await this.installation.control()).builds.release(warehouse)
    const viewsBehind = await this.followWithViews(published).catch(messageOf)
    return viewsBehind === undefined ? published : { ...published, viewsBehind }
  }

  verifyStores(
    request: VerifyStoresRequest,
    onEvent: (event: RunEvent) => void,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<StoresReport> {
    const { durable = writeThrough } = this.options
    return verifyInstallation(this.installation, request, { durable, onEvent, signal })
  }

  testSource(request: SourceTestRequest, signal?: AbortSignal): Promise<SourceTestReport> {
    return testSource(this.config, request, signal)
  }

  sql(model: string, warehouse = this.config.defaultWarehouse): string {
    const { dialect } = adapterOf(this.requireWarehouse(warehouse).kind)
    const build = { buildId: 'BUILD', tag: 'BUILD' }
    const names = entities.map((entity) => entity.name)
    const step = goldPlan({ models: goldModels, entities: names, dialect, build }).find(
      (each) => each.model.name === model,
    )
    if (step) return step.select
    const known = goldModels.map((each) => each.name).join(', ')
    throw new ConfigError('MODEL_UNKNOWN', `There is no Gold model "${model}". There are: ${known}.`)
  }

  async close(): Promise<void> {
    await this.installation.close()
    await (await this.tracing)?.close()
  }

  private openTracing(): Promise<Tracing | undefined> {
    this.tracing ??= openTracing(process.env)
    return this.tracing
  }

  /** Views for people who query a warehouse directly follow the pointer, best effort: it has moved already, and a run in progress has the lease. */
  private async followWithViews(build: PublishedBuild): Promise<undefined> {
    const { connection } = await this.installation.control()
    const warehouse = (await this.installation.warehouses()).get(build.warehouse)
    const lease = await Lease.acquire({ ...connection, seconds: this.config.pipeline.leaseSeconds })
    try {
      const writer = await warehouse?.openWriter(lease.token, entities)
      await writer?.exposeViews(build, goldModels).finally(() => writer.close())
    } finally {
      await lease.release()
    }
  }

  private requestedSources(request: RunRequest): string[] {
    const configured = this.config.sources.map((source) => source.name)
    const sources = [...new Set(request.sources ?? configured)]
    if (sources.length === 0)
      throw new ConfigError('SOURCE_UNKNOWN', 'No source is configured. Add one under "sources" in goldgate.yaml.')
    if (request.dataDirectory !== undefined && sources.length > 1) {
      throw new ConfigError(
        'SOURCE_UNKNOWN',
        `--data is the folder of one source, and there are ${sources.join(', ')}: say which with --source.`,
      )
    }
    return sources
  }

  private requireWarehouse(name: string) {
    const found = this.config.warehouses.find((warehouse) => warehouse.name === name)
    if (found) return found
    const { aliases } = this.config.gateway
    if (Object.hasOwn(aliases, name))
      throw new ConfigError(
        'WAREHOUSE_UNKNOWN',
        `"${name}" is an alias of the warehouse ${aliases[name]} ("gateway.aliases"), for requests only: name ${aliases[name]} here.`,
      )
    const known = this.config.warehouses.map((warehouse) => warehouse.name).join(', ')
    throw new ConfigError('WAREHOUSE_UNKNOWN', `There is no warehouse "${name}" in this profile. There are: ${known}.`)
  }

  private async storeOutcomes({ stores }: RunResult): Promise<readonly StoreOutcome[]> {
    const { replicas } = await this.installation.control()
    const debts = await replicas.report(stores.map(({ store }) => store))
    return stores.map((outcome) => {
      const debt = debts.find(({ store }) => store === outcome.store)
      return { ...outcome, manifestsOwed: debt?.manifests ?? 0, bytesOwed: debt?.bytes ?? 0 }
    })
  }

  private async summarize(result: RunResult, seconds: number): Promise<RunSummary> {
    const { report } = await this.installation.control()
    const warehouses = await Promise.all(
      result.warehouses.map(async ({ error: _, ...outcome }) => ({
        ...outcome,
        rows:
          outcome.buildId === undefined ? {} : inModelOrder(await report.modelRows(outcome.buildId, outcome.warehouse)),
      })),
    )
    const statuses: RunStatus[] = [
      ...warehouses.map((each) => each.outcome),
      ...result.failedSources.map(() => 'failed' as const),
      ...result.stores.flatMap((each) => (each.outcome === 'failed' ? (['failed'] as const) : [])),
    ]
    return {
      runId: result.runId,
      resumed: result.resumed,
      status: statuses.reduce(
        (worst, each) => (outcomes.indexOf(each) > outcomes.indexOf(worst) ? each : worst),
        'unchanged',
      ),
      warehouses,
      stores: await this.storeOutcomes(result),
      failedSources: result.failedSources.map(({ source, error }) => ({ source, message: error.message })),
      quarantine: (await report.quarantineOf(result.runId)).map(quarantineLine),
      seconds,
      causes: [...result.failedSources, ...result.warehouses].flatMap(({ error }) => (error ? [error] : [])),
    }
  }
}

/** The control database's JSON does not keep the order of keys. */
function inModelOrder(rows: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(goldModels.flatMap(({ name }) => (rows[name] === undefined ? [] : [[name, rows[name]]])))
}
