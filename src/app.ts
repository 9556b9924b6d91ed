import type { StoreVerification } from '../pipeline/bronze/verify/contract.js'
import type { ApiKeys } from '../pipeline/control/api-keys.js'
import type { RunEvent } from '../pipeline/run-events.js'
import type { PublishedBuild } from '../warehouses/contract/builds.js'
import type { ParityCatalog } from '../warehouses/contract/parity.js'
import type { CheckReport, SetupReport } from './checks.js'
import type { Config } from './config/config.js'

/** Everything that the command line can ask of an installation. Counts are plain numbers, times ISO 8601 in UTC. */
export interface App {
  readonly config: Config
  /** One run of the pipeline. A check that fails is an outcome; what stops the run is thrown. `signal` stops it between durable writes. */
  run(request: RunRequest, onEvent: (event: RunEvent) => void, signal?: AbortSignal): Promise<RunSummary>
  /** Fills a new or emptied warehouse from the batches there are, and publishes; lands nothing. */
  buildWarehouse(name: string, onEvent: (event: RunEvent) => void, signal?: AbortSignal): Promise<RunSummary>
  /** What the warehouses have of a build, beside each other. */
  parity(): Promise<ParityCatalog>
  /** The API keys of the installation. */
  keys(): Promise<Pick<ApiKeys, 'create' | 'list' | 'revoke'>>
  /** Gateway and schedules until the signal, then drains. `url` has no path: `http://127.0.0.1:4000`. */
  serve(onReady: (info: { readonly url: string }) => void, signal: AbortSignal): Promise<void>
  status(): Promise<StatusReport>
  /** Connects to everything that is configured. Never throws for what it finds; a part has `patienceSeconds` to answer. */
  check(patienceSeconds: number): Promise<CheckReport>
  /** Makes what is missing and may be made: database, schemas, buckets, datasets. Done twice, it makes nothing. */
  setup(patienceSeconds: number): Promise<SetupReport>
  /** Moves the pointer of a warehouse to a build that passed its checks, and holds it there. */
  publish(buildId: string, warehouse: string): Promise<MovedPointer>
  /** Lets the pointer follow the newest build again. Undefined when the warehouse has none. */
  release(warehouse: string): Promise<MovedPointer | undefined>
  /** Compares the object stores with what their manifests name. What is wrong is a result. */
  verifyStores(
    request: VerifyStoresRequest,
    onEvent: (event: RunEvent) => void,
    signal?: AbortSignal,
  ): Promise<StoresReport>
  /** Conforms one source and publishes nothing. */
  testSource(request: SourceTestRequest, signal?: AbortSignal): Promise<SourceTestReport>
  /** The SQL that builds a Gold model in a warehouse (default: the configured default warehouse). */
  sql(model: string, warehouse?: string): string
  close(): Promise<void>
}

export interface SourceTestRequest {
  readonly source: string
  /** Absolute; by default as configured. */
  readonly dataDirectory?: string
  /** Absolute paths of further folders with mappings. */
  readonly mappings?: readonly string[]
}

export interface MovedPointer extends PublishedBuild {
  /** Why the views `gold.<model>` still show the build before; absent when they follow. */
  readonly viewsBehind?: string
}

export interface RunRequest {
  /** Names of configured sources; all of them when absent. */
  readonly sources?: string[]
  /** Absolute; instead of the configured folder of the single source of this run. */
  readonly dataDirectory?: string
  /** "YYYY-MM-DD" */
  readonly asOf?: string
  readonly runId?: string
  /** Absolute paths of further folders with mappings. */
  readonly mappings?: string[]
  /** Name of the object store that is this run's first; the configured first one when absent. */
  readonly from?: string
}

export interface RunSummary {
  readonly runId: string
  /** True when this was a run that had been interrupted: what was delivered since is for the next one. */
  readonly resumed: boolean
  /** The least good outcome of all warehouses: failed, gated (a check failed), held, published, unchanged. */
  readonly status: RunStatus
  readonly warehouses: readonly WarehouseOutcome[]
  /** Sources that could not be landed or conformed; the build goes on with their last good batches. */
  readonly failedSources: readonly { readonly source: string; readonly message: string }[]
  /** Every object store, this run's first one first. */
  readonly stores: readonly StoreOutcome[]
  readonly quarantine: readonly QuarantineLine[]
  readonly seconds: number
  /** What the failures were thrown with, for their stacks; no part of the JSON. */
  readonly causes: readonly Error[]
}

export interface VerifyStoresRequest {
  /** Reads every byte. */
  readonly deep?: boolean
  /** Writes again what is missing or damaged, from a store that has it right; batches that none has are conformed again. */
  readonly repair?: boolean
  /** Name of the only store to look at; all of them when absent. */
  readonly store?: string
}

export interface StoresReport {
  readonly deep: boolean
  /** Every object of every manifest is in every store, now: repairs count, what is extra does not. */
  readonly sound: boolean
  readonly stores: readonly StoreVerification[]
  /** Manifests that no reachable store has as they were written. */
  readonly lostManifests: readonly string[]
  /** Where manifests say different things of one object, in words. */
  readonly contradictions: readonly string[]
  readonly seconds: number
}

export interface StoreOutcome {
  readonly store: string
  /** `whole`: it holds everything. `owed`: a later run pays what is missing. `failed`: the same of a store that is required; no warehouse was touched. */
  readonly outcome: 'whole' | 'owed' | 'failed'
  /** Copied to it by this run. */
  readonly objects: number
  readonly bytes: number
  /** What it still owes. */
  readonly manifestsOwed: number
  readonly bytesOwed: number
  /** Why it owes. */
  readonly message?: string
}

export type RunStatus = 'published' | 'unchanged' | 'held' | 'gated' | 'failed'

export interface WarehouseOutcome {
  readonly warehouse: string
  readonly outcome: RunStatus
  readonly buildId?: string
  /** Rows of each Gold model of the build, in the models' order. */
  readonly rows: Readonly<Record<string, number>>
  /** Why it was gated, held or failed, and what to do. */
  readonly message?: string
}

export interface QuarantineLine {
  readonly source: string
  /** What the rows are missing from: a raw row that cannot be read is missing from every entity that its dataset drives. */
  readonly entity: string
  readonly dataset: string
  readonly reason: string
  readonly column?: string
  readonly rows: number
  readonly example: { readonly object: string; readonly row: number; readonly text: string }
}

export interface StatusReport {
  readonly profile: string
  readonly home: string
  /** `embedded`, or the URL without its password. */
  readonly control: string
  /** A file with the URL of the embedded PostgreSQL: `psql "$(cat FILE)"`. */
  readonly embeddedPostgresUrlFile?: string
  /** Newest first. */
  readonly runs: readonly RunReport[]
  /** Of the newest run, in the order they started. */
  readonly steps: readonly StepReport[]
  /** Newest first, by warehouse. Dropped builds are left out. */
  readonly builds: readonly BuildReport[]
  /** One for each configured warehouse. */
  readonly pointers: readonly PointerReport[]
  /** One for each configured object store. */
  readonly stores: readonly StoreReport[]
  /** What the batches that Silver consists of now left in quarantine. */
  readonly quarantine: readonly QuarantineLine[]
}

export interface StoreReport {
  readonly store: string
  readonly required: boolean
  /** Manifests of raw files and of batches that it does not hold yet, and the bytes that come with them. */
  readonly manifestsOwed: number
  readonly bytesOwed: number
  /** When the oldest of them was made. */
  readonly owedSince?: string
  /** Why the last attempt to bring it up to date failed, and when. */
  readonly lastError?: string
  readonly failedAt?: string
}

export interface RunReport {
  readonly runId: string
  readonly status: 'running' | 'succeeded' | 'failed'
  readonly sources: readonly string[]
  readonly asOf?: string
  readonly startedAt: string
  readonly endedAt?: string
  readonly error?: string
}

export interface StepReport {
  readonly step: string
  readonly subject: string
  readonly status: 'running' | 'done' | 'failed' | 'skipped'
  readonly startedAt: string
  readonly endedAt?: string
  readonly rows?: number
  readonly bytes?: number
  /** Of an object store. */
  readonly objects?: number
  readonly error?: string
}

export interface BuildReport {
  readonly warehouse: string
  readonly buildId: string
  readonly status: 'built' | 'passed' | 'failed'
  readonly builtAt: string
  readonly rows: Readonly<Record<string, number>>
  readonly checksFailed: readonly FailedCheck[]
}

interface FailedCheck {
  readonly name: string
  readonly severity: 'error' | 'warn'
  readonly violations: number
  readonly sample: string
}

export interface PointerReport {
  readonly warehouse: string
  /** Absent when nothing is published there. */
  readonly build?: PublishedBuild
}

export interface SourceTestReport {
  readonly source: string
  readonly dataDirectory: string
  readonly datasets: readonly {
    readonly dataset: string
    readonly files: number
    readonly rows: number
    /** Rows that could not be read as records of the format; they are in quarantine. */
    readonly rejected: number
  }[]
  readonly entities: readonly EntityTestReport[]
  readonly quarantine: readonly QuarantineLine[]
  /** Why a run would refuse the delivery; absent when it would take it. */
  readonly unusable?: string
  readonly seconds: number
}

export interface EntityTestReport {
  readonly entity: string
  /** The driving dataset. */
  readonly from: string
  readonly raw: number
  readonly loaded: number
  readonly collapsed: number
  readonly quarantined: number
  readonly filtered: number
  /** The first rows, as they would be loaded; values as text. */
  readonly firstRows: readonly Readonly<Record<string, string | null>>[]
}
