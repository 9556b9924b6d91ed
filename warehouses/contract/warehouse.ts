import type { Entity, GoldModel } from '../../models/types.js'
import type { Batch, SourceState } from './batch.js'
import type { BuildRef } from './builds.js'
import type { Cells } from './cells.js'
import type { Diagnosis } from './diagnosis.js'
import type { Dialect } from './dialect.js'
import type { Row, Statement } from './values.js'

/** What an engine can do, as data. Shared code asks for a capability, never for a vendor's name. */
export interface Capabilities {
  /** Views `gold.<model>` that follow the pointer. */
  readonly views: boolean
  /** Entities, columns and models may have any name. Where not, they are words: ASCII letters, digits and _. */
  readonly anyNames: boolean
  /** `estimate` says what a statement would read, without running it. */
  readonly estimates: boolean
  /** `QueryOptions.maxBytesBilled` is kept: a statement that would read more fails, and costs nothing. */
  readonly maxBytesBilled: boolean
}

export interface QueryOptions {
  readonly signal?: AbortSignal
  /** The statement is cancelled in the engine after this. */
  readonly timeoutMs?: number
  /** Where the engine can (`maxBytesBilled`): the statement fails with `TOO_MANY_BYTES` rather than read more. */
  readonly maxBytesBilled?: bigint
  /** Where the engine says it of itself: told, at most once, how many bytes the statement has read. */
  readonly onRead?: (bytes: bigint) => void
  /** Of the request that asks first, for the log. */
  readonly requestId?: string
}

/** A warehouse as the gateway sees it, which only reads. Errors are `WarehouseError`s. */
export interface WarehouseReader {
  readonly name: string
  readonly kind: string
  readonly capabilities: Capabilities
  readonly dialect: Dialect
  /** How many `stream`s and `cells` run side by side; further ones would wait. Undefined: as many as are asked for. */
  readonly streams?: number
  /** Reads rows of published or retained builds. `builds` are those the statement names, so that an engine may open them first. */
  query(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): Promise<Row[]>
  /** `query`, as text. There where it costs less than rows do; who wants cells makes them of rows otherwise. */
  queryCells?(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): Promise<Cells>
  /**
   * The rows of `query`, in chunks, however many there are: what is read ahead of the one who takes them is bounded. Nothing runs before the first chunk is
   * asked for, and `timeoutMs` counts from there to the last one. Whoever stops taking them (`break`, `return`) cancels the statement. A failure in the middle
   * is thrown: an end without an error is the end of the rows.
   */
  stream(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): AsyncIterable<readonly Row[]>
  /** `stream`, as text. There where it costs less than rows do; who wants cells makes them of rows otherwise. */
  cells?(statement: Statement, builds: readonly BuildRef[], options?: QueryOptions): AsyncIterable<Cells>
  /** Bytes that `query` would read of the statement, at most. There where the warehouse `estimates`. Costs nothing but a request; throws what `query` would. */
  estimate?(
    statement: Statement,
    builds: readonly BuildRef[],
    options?: Pick<QueryOptions, 'signal' | 'timeoutMs'>,
  ): Promise<{ readonly bytes: bigint }>
  /** Connections for readers, by state, and how many readers wait for one. There where it has a pool of them. */
  pool?(): Readonly<Record<'busy' | 'idle' | 'waiting', number>>
  /** Throws `WAREHOUSE_UNAVAILABLE` when the engine does not answer. */
  ping(): Promise<void>
}

/** A warehouse as the pipeline and the command line see it. Errors are `WarehouseError`s. */
export interface Warehouse extends WarehouseReader {
  /** Makes what is missing and may be made (database, schemas, dataset, folder), and says what, in sentences. Nothing to do: none. */
  setup(): Promise<readonly string[]>
  /** Looks whether everything the pipeline needs is there and permitted. Changes nothing, never throws, and ends within seconds. */
  diagnose(): Promise<Diagnosis>
  /** A session that may change the warehouse. Raises the fence to `token` at once, or throws `FENCED`. */
  openWriter(token: bigint, entities: readonly Entity[]): Promise<WarehouseWriter>
  close(): Promise<void>
}

/**
 * Everything the pipeline does to a warehouse. `openWriter` raised the fence to the session's token. What changes Silver or the ledger holds it there inside one
 * transaction (or aborts with `FENCED`) and commits as a whole. Landing tables and those of a build have the token in their names and nobody reads them before the ledger
 * or the pointer says so: where no transaction takes DDL it is enough to look at the fence right before. Every method may be called again after a kill with the same result.
 * Calls for different entities or models may overlap: a writer does as much side by side as its engine can, and queues the rest.
 */
export interface WarehouseWriter {
  /** Hashes of the batches of `source` that are loaded and merged here. */
  ledger(source: string): Promise<{ readonly loaded: ReadonlySet<string>; readonly merged: ReadonlySet<string> }>
  /** Batch → its landing table, with its ledger entry. False when the ledger already had it. */
  load(batch: Batch): Promise<boolean>
  /** Landing → silver for one batch; drops the landing table. False when the ledger already had it. */
  merge(batch: Batch): Promise<boolean>
  /** Writes `silver.sources` (as_of = given, else newest order_date or return_date) and `silver.source_entities`. */
  mergeSource(state: SourceState): Promise<void>
  /** The Gold table of one model from `select` (already compiled for this dialect and wrapped in the contract's casts), with its indexes. */
  buildTable(build: BuildRef, model: GoldModel, select: string): Promise<{ readonly rows: bigint }>
  /** After the last table: makes the build ready for readers (checkpoint, rename, analyze…). */
  finishBuild(build: BuildRef): Promise<void>
  /** Whether the build is finished and the tables of all `models` are there, as a reader would find them: not by what is noted, but by what is. */
  hasBuild(build: BuildRef, models: readonly GoldModel[]): Promise<boolean>
  /** Reads Silver, and the Gold tables of `build` before it is published. */
  query(statement: Statement, build?: BuildRef): Promise<Row[]>
  /** Drops the Gold tables of every build whose tag is not in `tags`, and landing tables that no ledger entry of an unmerged batch names. Returns what it dropped. */
  retain(tags: ReadonlySet<string>): Promise<readonly string[]>
  /** Best effort: `gold.<model>` for people who query the warehouse directly. */
  exposeViews(build: BuildRef, models: readonly GoldModel[]): Promise<void>
  close(): Promise<void>
}

interface AdapterEnvironment {
  /** Folder of this warehouse's own files. */
  readonly directory: string
  /** Connection URL of a database of this name in the embedded PostgreSQL, which is started if need be. */
  embeddedPostgres(database: string): Promise<string>
}

/** One per kind of warehouse, listed in `warehouses/adapters/registry.ts`. */
export interface WarehouseAdapter<Options> {
  readonly kind: string
  readonly dialect: Dialect
  readonly capabilities: Capabilities
  /** Parses the options of the configuration file; throws a ZodError that names the key. */
  parseOptions(raw: unknown): Options
  /** JSON Schema of the options, for editors. */
  optionsJsonSchema(): Record<string, unknown>
  /** Where a warehouse of these options lies, as `location.ts` writes it: no two in one profile may overlap. Undefined: in the folder of its own name. */
  location(options: Options): string | undefined
  open(name: string, options: Options, environment: AdapterEnvironment): Promise<Warehouse>
}
