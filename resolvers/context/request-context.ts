import type { Filter } from '../../warehouses/compiler/query.js'
import type { BuildRef, PublishedBuild } from '../../warehouses/contract/builds.js'
import { type Cells, cellsFrom } from '../../warehouses/contract/cells.js'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import type { KeyDifferences, ParityReport } from '../../warehouses/contract/parity.js'
import type { Row, Statement } from '../../warehouses/contract/values.js'
import type { QueryOptions, WarehouseReader } from '../../warehouses/contract/warehouse.js'
import { type Access, asKnownTo, unrestricted } from '../access/access.js'
import type { Asked } from '../caching/statement-cache.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import type { Limits } from '../limits/limits.js'
import { BuildPins, isBuildId, reading } from './build-pins.js'
import { Cost, type CostOfAnswer } from './cost.js'
import { type Explained, Explanation, NotRun } from './explanation.js'
import { Failures } from './failures.js'
import { Loaders } from './loaders.js'
import type { Pinned } from './pinned.js'
import type { GatewayServices } from './services.js'

export interface RequestFacts {
  /** What the caller may read; everything where left out. */
  readonly access?: Access | undefined
  /** Value of the header `x-goldgate-warehouse`. */
  readonly warehouse?: string | undefined
  /** Aborts when the client goes away. */
  readonly signal?: AbortSignal | undefined
  /** For the log. */
  readonly requestId?: string | undefined
  /** True: nothing is read, and `wouldRead` says what would be. */
  readonly explain?: boolean | undefined
  /** Of exports: a place to stream from a warehouse, until what comes back is called. Throws EXPORTS_BUSY. */
  readonly place?: ((warehouse: WarehouseReader) => Promise<() => void>) | undefined
}

/** A build that a question was answered from. Kept with the answer, it tells whether the same question has the same answer now. */
export interface BuildPinned extends BuildRef {
  readonly warehouse: string
  /** The question names it itself, or by a cursor. Otherwise it is what the pointer named. */
  readonly named: boolean
}

/** What `extensions.goldgate.fallbacks` says of a warehouse that did not answer. */
export interface FallbackUsed {
  readonly asked: string
  readonly answered: string
  /** The build that the answer is from. */
  readonly build: string
  /** False: the asked warehouse would have answered from another build. */
  readonly sameBuild: boolean
}

/**
 * One GraphQL request: which warehouse a field reads, the build it is pinned to, and what was read in the end.
 * Apollo hands resolvers and plugins shallow copies of it, so its fields are `private` and not `#private`, and never reassigned.
 */
export class RequestContext {
  readonly access: Access
  readonly limits: Limits
  readonly loaders: Loaders
  /** There where nothing is read. */
  readonly explanation: Explanation | undefined
  private readonly cost: Cost
  private readonly failures: Failures
  private readonly pins: BuildPins
  private readonly reads = new Map<string, PublishedBuild>()
  private readonly pinned = new Map<string, BuildPinned>()
  /** By the warehouse that was asked and did not answer. */
  private readonly standIns = new Map<string, FallbackUsed>()

  constructor(
    private readonly services: GatewayServices,
    private readonly facts: RequestFacts = {},
    cost?: Cost,
  ) {
    this.access = facts.access ?? unrestricted(services.limits)
    this.limits = this.access.limits
    this.cost = cost ?? new Cost(this.limits.bytes)
    this.explanation = facts.explain ? new Explanation(this.access.whole) : undefined
    this.loaders = new Loaders(this.limits.relatedRows)
    this.failures = new Failures(services, this.limits)
    this.pins = new BuildPins(services.catalog)
  }

  /** For the log. */
  get requestId(): string | undefined {
    return this.facts.requestId
  }

  /** The same request from its beginning, nothing read, what was read paid for. */
  again(): RequestContext {
    return new RequestContext(this.services, this.facts, this.cost)
  }

  /** A condition on rows of a model, within those that the caller may read. Every statement over a model goes by it. */
  permitted(model: string, where: Filter | undefined): Filter | undefined {
    const rule = this.access.rows(model)
    if (!rule || !where) return rule ?? where
    return { and: [rule, where] }
  }

  /** The warehouse of a field: its argument, else the header, else the default. Throws WAREHOUSE_UNKNOWN. */
  warehouse(argument?: string | null): WarehouseReader {
    const name = argument ?? this.facts.warehouse ?? this.services.defaultWarehouse
    const { aliases = {} } = this.services
    const meant = Object.hasOwn(aliases, name) ? aliases[name] : name
    const warehouse = this.services.warehouses.get(meant ?? name)
    if (warehouse) return warehouse
    const available = [...this.services.warehouses.keys(), ...Object.keys(aliases)].sort()
    throw new GoldgateError(
      'WAREHOUSE_UNKNOWN',
      `There is no warehouse ${JSON.stringify(name.slice(0, 60))}. There are: ${available.join(', ')}.`,
      { details: { available } },
    )
  }

  /** The build a field reads: the named one, else the published one, the same for every field of the request. */
  async pin(warehouse: WarehouseReader, buildId?: string | null): Promise<PublishedBuild> {
    const name = warehouse.name
    if (buildId !== undefined && buildId !== null) {
      const build = this.note(await this.pins.named(name, buildId), true)
      if (build) return build
      throw new GoldgateError(
        'BUILD_UNKNOWN',
        `Warehouse ${name} holds no build ${JSON.stringify(buildId.slice(0, 60))} that was published. ` +
          'Leave `build` out to read the published one; `goldgate status` lists the retained ones.',
        { details: { warehouse: name } },
      )
    }
    const build = this.note(await this.pins.current(name), false)
    if (build) return build
    throw new GoldgateError(
      'NOT_PUBLISHED',
      `Nothing has been published in warehouse ${name} yet. Run \`goldgate run\`; \`goldgate status\` shows what became of it.`,
      { details: { warehouse: name } },
    )
  }

  /** As `pin`, without a promise, where the published build is known without waiting. */
  pinNow(warehouse: WarehouseReader): PublishedBuild | undefined {
    return this.note(this.pins.now(warehouse.name), false)
  }

  /** The build of a cursor; undefined when it is no longer retained. */
  async buildOfCursor(warehouse: WarehouseReader, buildId: string): Promise<PublishedBuild | undefined> {
    return this.note(await this.pins.named(warehouse.name, buildId), true)
  }

  /**
   * Answers a field from a pinned build; where its warehouse does not answer, from the configured fallback: from the same build if that one
   * retains it, else from the one it has published, unless `exact` forbids it (a page of a list, a build that was asked for).
   */
  async answer<T>(
    { warehouse, build, exact }: Pinned & { readonly exact: boolean },
    work: (pinned: Pinned) => Promise<T>,
  ): Promise<T> {
    try {
      return await work({ warehouse, build })
    } catch (error) {
      if (!(error instanceof WarehouseError)) throw error
      const standIn = error.code === 'WAREHOUSE_UNAVAILABLE' ? await this.standIn(warehouse, build, exact) : undefined
      if (!standIn) throw await this.failures.told(error, { warehouse, build })
      try {
        const answer = await work(standIn)
        this.standIns.set(nameOf({ warehouse: warehouse.name, buildId: standIn.build.buildId }), {
          asked: warehouse.name,
          answered: standIn.warehouse.name,
          build: standIn.build.buildId,
          sameBuild: standIn.build.buildId === build.buildId,
        })
        return answer
      } catch (second) {
        if (!(second instanceof WarehouseError)) throw second
        throw await this.failures.told(second.code === 'WAREHOUSE_UNAVAILABLE' ? error : second, standIn)
      }
    }
  }

  /** Runs a statement against a pinned build, within the statement time. Throws what the warehouse throws. */
  read(pinned: Pinned, statement: Statement): Promise<readonly Row[]> {
    const { warehouse, build } = pinned
    return this.readOnce<readonly Row[]>(pinned, statement, this.services.statements?.rows, (options) =>
      warehouse.query(statement, [build], options),
    )
  }

  /** As `read`, as text. */
  readCells(pinned: Pinned, statement: Statement): Promise<Cells> {
    const { warehouse, build } = pinned
    return this.readOnce<Cells>(pinned, statement, this.services.statements?.cells, (options) =>
      warehouse.queryCells
        ? warehouse.queryCells(statement, [build], options)
        : warehouse.query(statement, [build], options).then((rows) => cellsFrom(rows, statement)),
    )
  }

  private async readOnce<T extends object>(
    pinned: Pinned,
    statement: Statement,
    kept: { get(asked: Asked<T>): Promise<T> } | undefined,
    run: (options: QueryOptions) => Promise<T>,
  ): Promise<T> {
    this.refuseToRun(pinned, statement)
    const { warehouse, build } = pinned
    try {
      const options = this.statementOptions()
      const permit = this.cost.isCharged(pinned)
        ? (key?: string) => this.cost.charge(pinned, statement, options, key)
        : undefined
      if (!kept) await permit?.()
      const answer = await (kept ? kept.get({ warehouse, build, statement, options, permit, run }) : run(options))
      this.hasRead(build)
      return answer
    } catch (error) {
      // Nothing is read of a warehouse that does not answer.
      if (!isUnavailable(error)) this.hasRead(build)
      throw error
    }
  }

  /** Runs a statement against a pinned build and gives its rows in chunks, all of them within the time of an export. Throws what the warehouse throws. */
  stream(pinned: Pinned, statement: Statement): AsyncGenerator<readonly Row[]> {
    const { warehouse } = pinned
    return this.streamed(pinned, statement, (builds, options) => warehouse.stream(statement, builds, options))
  }

  /** As `stream`, as text. */
  cells(pinned: Pinned, statement: Statement): AsyncGenerator<Cells> {
    const { warehouse } = pinned
    return this.streamed(
      pinned,
      statement,
      (builds, options) =>
        warehouse.cells?.(statement, builds, options) ?? cellsOfRows(warehouse, statement, builds, options),
    )
  }

  private async *streamed<T>(
    pinned: Pinned,
    statement: Statement,
    open: (builds: readonly BuildRef[], options: QueryOptions) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    this.refuseToRun(pinned, statement)
    const { warehouse, build } = pinned
    const options = { ...this.statementOptions(), timeoutMs: this.limits.exportTimeoutMs }
    const leave = await this.facts.place?.(warehouse)
    try {
      await this.cost.charge(pinned, statement, this.statementOptions())
      for await (const piece of open([build], options)) {
        this.hasRead(build)
        yield piece
      }
      this.hasRead(build)
    } catch (error) {
      if (!isUnavailable(error)) this.hasRead(build)
      if (!(error instanceof WarehouseError && error.code === 'STATEMENT_TIMEOUT')) throw error
      const seconds = this.limits.exportTimeoutMs / 1000
      throw new GoldgateError(
        'STATEMENT_TIMEOUT',
        `The export took more than ${seconds} s and was stopped. Narrow its filter, or raise the limit exportTimeoutMs.`,
        { details: { warehouse: warehouse.name } },
      )
    } finally {
      leave?.()
    }
  }

  /** Undefined when no warehouse has figures of the build, or of any. */
  async parity(build: string | undefined, model: string | undefined): Promise<ParityReport | undefined> {
    if (this.explanation) {
      this.explanation.wouldFollow(['parity'])
      throw new NotRun()
    }
    if (build !== undefined && !isBuildId(build)) return undefined
    return reading(
      async () => this.services.parity?.report({ ...(build && { build }), ...(model && { model }) }),
      'What the warehouses hold could not be read from the control database.',
    )
  }

  /** At most `limit` keys of each warehouse that differs. */
  async differingKeys(build: string, model: string, limit: number): Promise<readonly KeyDifferences[]> {
    if (!this.services.parity) return []
    try {
      return await this.services.parity.differingKeys(build, model, limit, this.statementOptions())
    } catch (error) {
      throw error instanceof WarehouseError ? await this.failures.told(error) : error
    }
  }

  /** What is known of the bytes that statements have read. */
  costOfAnswer(): CostOfAnswer | undefined {
    return this.cost.ofAnswer()
  }

  /** What would have been read; undefined for a request that reads. Throws WAREHOUSE_UNAVAILABLE and the like where a warehouse is asked for its estimate. */
  async wouldRead(): Promise<Explained | undefined> {
    try {
      return await this.explanation?.told(this.cost, this.statementOptions())
    } catch (error) {
      throw error instanceof WarehouseError ? await this.failures.told(error) : error
    }
  }

  /** Where another warehouse answered than the one that was asked. */
  fallbacksUsed(): readonly FallbackUsed[] {
    if (this.standIns.size === 0) return []
    return [...this.standIns.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, used]) => used)
  }

  /** Every build that was read, warehouse by warehouse, as far as the caller may know of it. */
  buildsRead(): readonly PublishedBuild[] {
    const builds = [...this.reads.values()]
    if (builds.length > 1) builds.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    return builds.map((build) => asKnownTo(this.access, build))
  }

  /** Every build that fields were pinned to, read or not. */
  buildsPinned(): readonly BuildPinned[] {
    return [...this.pinned.values()]
  }

  private hasRead(build: PublishedBuild): void {
    this.reads.set(nameOf(build), build)
  }

  /** Throws NotRun in a request that only asks what would run. */
  private refuseToRun(pinned: Pinned, statement: Statement): void {
    if (!this.explanation) return
    this.explanation.wouldRun(pinned, statement)
    throw new NotRun()
  }

  private note(build: PublishedBuild | undefined, named: boolean): PublishedBuild | undefined {
    if (build) {
      const { warehouse, buildId, tag } = build
      this.pinned.set(`${named} ${tag} ${warehouse}`, { warehouse, buildId, tag, named })
    }
    return build
  }

  private statementOptions(): QueryOptions {
    const { signal, requestId } = this.facts
    const { bytes, statementTimeoutMs } = this.limits
    return {
      timeoutMs: statementTimeoutMs,
      onRead: (read) => this.cost.hasRead(read),
      // Behind the estimate, which may be wrong: no statement alone reads more than all of them may.
      ...(bytes === undefined ? {} : { maxBytesBilled: BigInt(bytes) }),
      ...(signal ? { signal } : {}),
      ...(requestId === undefined ? {} : { requestId }),
    }
  }

  private async standIn(asked: WarehouseReader, build: PublishedBuild, exact: boolean): Promise<Pinned | undefined> {
    const { fallback = {}, warehouses } = this.services
    const name = Object.hasOwn(fallback, asked.name) ? fallback[asked.name] : undefined
    const warehouse = name === undefined ? undefined : warehouses.get(name)
    if (!warehouse) return undefined
    const same = await this.pins.named(warehouse.name, build.buildId)
    const found = same ?? (exact ? undefined : await this.pins.current(warehouse.name))
    return found && { warehouse, build: found }
  }
}

/** Of a warehouse that gives rows only. */
async function* cellsOfRows(
  warehouse: WarehouseReader,
  statement: Statement,
  builds: readonly BuildRef[],
  options: QueryOptions,
): AsyncGenerator<Cells> {
  for await (const rows of warehouse.stream(statement, builds, options)) yield cellsFrom(rows, statement)
}

/** No id of a build holds a space. */
const nameOf = ({ warehouse, buildId }: Pick<PublishedBuild, 'warehouse' | 'buildId'>): string =>
  `${warehouse} ${buildId}`

const isUnavailable = (error: unknown): boolean =>
  error instanceof WarehouseError && error.code === 'WAREHOUSE_UNAVAILABLE'
