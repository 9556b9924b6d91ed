import type { Entity, GoldModel } from '../../../models/types.js'
import type { Batch, SourceState } from '../../contract/batch.js'
import type { BuildRef } from '../../contract/builds.js'
import type { Dialect } from '../../contract/dialect.js'
import { WarehouseError } from '../../contract/errors.js'
import type { Row, Statement } from '../../contract/values.js'
import type { WarehouseWriter } from '../../contract/warehouse.js'
import { checkedTag } from '../../toolkit/build-tag.js'
import { mergeAppend, mergeFull } from '../../toolkit/merge.js'
import { sourceStateStatements } from '../../toolkit/source-state.js'
import { bigqueryDialectAt, tableIn } from './dialect.js'
import { buildTable, exposeViews, finishBuild, goldTag, hasBuild, isOlderOrOwn } from './gold.js'
import type { Jobs } from './jobs.js'
import { Ledger, mergedMark } from './ledger.js'
import { fillLanding, landingTable } from './load.js'
import type { BigqueryOptions } from './options.js'
import { ensureDataset, ensureFence, prepareTables } from './prepare.js'
import { WriterSession } from './session.js'
import { Tables } from './tables.js'

export class BigqueryWriter implements WarehouseWriter {
  readonly #dialect: Dialect
  readonly #ledger: Ledger

  private constructor(
    private readonly session: WriterSession,
    private readonly tables: Tables,
    private readonly options: BigqueryOptions,
    private readonly entities: readonly Entity[],
  ) {
    this.#dialect = bigqueryDialectAt(session.place)
    this.#ledger = new Ledger(session)
  }

  static async open(jobs: Jobs, options: BigqueryOptions, token: bigint, entities: readonly Entity[]) {
    const session = new WriterSession(jobs, options, token)
    const tables = new Tables(jobs, options.dataset)
    await ensureDataset(jobs, options)
    const present = new Set(await tables.list())
    if (!present.has('fence')) await ensureFence(jobs, options)
    await session.transaction('fence', [])
    await prepareTables(session, tables, present, entities)
    return new BigqueryWriter(session, tables, options, entities)
  }

  async ledger(source: string) {
    const entries = await this.#ledger.entries(source)
    const present = new Set(await this.tables.list())
    // A landing table that expired is to be loaded again.
    const loaded = entries.filter(({ merged, landing }) => merged || present.has(landing))
    return {
      loaded: new Set(loaded.map(({ hash }) => hash)),
      merged: new Set(entries.filter(({ merged }) => merged).map(({ hash }) => hash)),
    }
  }

  async load(batch: Batch): Promise<boolean> {
    const entry = await this.#ledger.find(batch)
    if (entry?.merged === true) return false
    if (entry !== undefined && (await this.tables.rows(entry.landing)) !== undefined) return false
    const landing = landingTable(batch, this.session.token)
    await fillLanding(this.session.jobs, this.tables, this.options, batch, landing)
    await this.session.transaction('load', this.#ledger.noteLoaded(batch, landing))
    return true
  }

  async merge(batch: Batch): Promise<boolean> {
    const entry = await this.#ledger.find(batch)
    if (entry === undefined)
      throw this.#error(`The batch ${batch.hash} of ${batch.entity.name} is merged before it is loaded.`)
    if (entry.merged) return false
    const make = batch.mode === 'full' ? mergeFull : mergeAppend
    const { remove, insert } = make(this.#dialect, batch.entity, tableIn(this.session.place, entry.landing))
    try {
      await this.session.transaction('merge', [
        this.#ledger.mustWait(batch),
        { sql: remove, params: [{ type: { kind: 'text' }, value: batch.source }] },
        { sql: insert, params: [] },
        this.#ledger.noteMerged(batch),
      ])
    } catch (error) {
      if (!(error instanceof WarehouseError && error.message.includes(mergedMark))) throw error
      // An attempt of this very call went well and its answer was lost.
      if ((await this.#ledger.find(batch))?.merged !== true) throw error
    }
    // Behind the commit; after a kill in between, `retain` or its expiration finds it.
    await this.tables.drop(entry.landing).catch(() => undefined)
    return true
  }

  async mergeSource(state: SourceState): Promise<void> {
    await this.session.transaction('merge', sourceStateStatements(this.#dialect, this.entities, state))
  }

  async buildTable(build: BuildRef, model: GoldModel, select: string) {
    checkedTag(this.session.jobs.warehouse, build)
    return { rows: await buildTable(this.session, this.tables, build, model, select) }
  }

  async finishBuild(build: BuildRef): Promise<void> {
    checkedTag(this.session.jobs.warehouse, build)
    await finishBuild(this.session, this.tables, build)
  }

  hasBuild(build: BuildRef, models: readonly GoldModel[]): Promise<boolean> {
    checkedTag(this.session.jobs.warehouse, build)
    return hasBuild(this.tables, build, models)
  }

  query(statement: Statement, _build?: BuildRef): Promise<Row[]> {
    return this.session.read(statement)
  }

  async retain(tags: ReadonlySet<string>): Promise<readonly string[]> {
    const waiting = new Set((await this.#ledger.entries()).flatMap(({ merged, landing }) => (merged ? [] : [landing])))
    const unwanted = (name: string): boolean => {
      const tag = goldTag(name)
      if (tag !== undefined) return !tags.has(tag)
      return name.startsWith('landing_') && !waiting.has(name)
    }
    const dropped: string[] = []
    for (const name of await this.tables.list())
      if (unwanted(name) && isOlderOrOwn(name, this.session.token) && (await this.tables.drop(name))) dropped.push(name)
    return dropped
  }

  async exposeViews(build: BuildRef, models: readonly GoldModel[]): Promise<void> {
    checkedTag(this.session.jobs.warehouse, build)
    await exposeViews(this.session, build, models)
  }

  /** Nothing is held open. */
  async close(): Promise<void> {}

  #error(message: string): WarehouseError {
    return new WarehouseError('WAREHOUSE_ERROR', this.session.jobs.warehouse, message)
  }
}
