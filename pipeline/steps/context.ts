import type { Entity, GoldModel, Severity } from '../../models/types.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import type { Restore } from '../bronze/copy-or-restore.js'
import type { ObjectStore } from '../bronze/object-store.js'
import type { BatchLog } from '../control/batches.js'
import type { BuildLog } from '../control/builds.js'
import type { Lease } from '../control/lease.js'
import type { ParityLog } from '../control/parity.js'
import type { ReplicaLog } from '../control/replicas.js'
import type { Run, RunLog } from '../control/runs.js'
import type { Durable } from '../durable.js'
import type { RunEvent } from '../run-events.js'
import type { Mapping } from '../sources/mapping.js'
import type { LocalObjects } from './local-objects.js'

export interface PipelineStore {
  readonly store: ObjectStore
  /** While it cannot be brought up to date no warehouse is touched. Otherwise the debt is recorded, and a later run pays it. */
  readonly required: boolean
}

/** What the pipeline works with; `src` puts it together. */
export interface PipelineParts {
  /** At least one. The first is this run's primary store: Bronze and batches are written there, and copied to all others. */
  readonly stores: readonly PipelineStore[]
  /** The first of `stores`. */
  readonly store: ObjectStore
  readonly warehouses: readonly Warehouse[]
  readonly entities: readonly Entity[]
  readonly models: readonly GoldModel[]
  /** Of any source that batches are of, configured or not. Throws when there is no mapping of that name. */
  readonly mappingOf: (source: string) => Promise<Mapping>
  readonly batches: BatchLog
  readonly builds: BuildLog
  readonly parity: ParityLog
  /** Of a difference between warehouses that hold the same build. */
  readonly paritySeverity: Severity
  readonly replicas: ReplicaLog
  /** Of this home's runs; inside a run, the runner's own folder in it. */
  readonly workDirectory: string
  /** Of the embedded DuckDB that conforms. */
  readonly conformMemoryMb: number
  /** Builds that passed and stay readable, the published one included. */
  readonly retainBuilds: number
  /** A build that was published stays readable for this long after the next one. */
  readonly graceSeconds: number
  readonly durable: Durable
}

/** A source as one run reads it. */
export interface RunSource {
  readonly mapping: Mapping
  readonly dataDirectory: string
}

/** One run in progress. */
export interface RunContext extends PipelineParts {
  readonly run: Run
  readonly lease: Lease
  readonly runs: RunLog
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
  readonly local: LocalObjects
  readonly restore: Restore
}
