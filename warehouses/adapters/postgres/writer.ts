import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { systemTables } from '../../../models/entities/system.js'
import type { Entity, GoldModel } from '../../../models/types.js'
import type { Batch, SourceState } from '../../contract/batch.js'
import type { BuildRef } from '../../contract/builds.js'
import type { Row, Statement } from '../../contract/values.js'
import type { WarehouseWriter } from '../../contract/warehouse.js'
import { checkedTag } from '../../toolkit/build-tag.js'
import { sourceStateStatements } from '../../toolkit/source-state.js'
import { postgresDialect } from './dialect.js'
import { buildTable, dropBuild, dropOrphanedLandings, finishBuild, hasTables, unwantedTags } from './gold.js'
import { loadBatch } from './load.js'
import { isLockTimeout } from './locks.js'
import { mergeBatch } from './merge.js'
import { ledger, prepareDatabase } from './schema.js'
import type { WriterSession } from './session.js'
import { readRows, toParameters } from './values.js'
import { replaceViews } from './views.js'

const viewAttempts = 5
const viewPatienceMs = 250

export class PostgresWriter implements WarehouseWriter {
  private constructor(
    private readonly session: WriterSession,
    private readonly entities: readonly Entity[],
    /** Of this token, in a folder that holds nothing else of use. */
    private readonly temporaryDirectory: string,
  ) {}

  static async open(
    session: WriterSession,
    entities: readonly Entity[],
    temporaryDirectory: string,
  ): Promise<PostgresWriter> {
    try {
      await session.takeOver((client) => prepareDatabase(client, entities))
    } catch (error) {
      await session.close()
      throw error
    }
    // What a killed runner left.
    await rm(dirname(temporaryDirectory), { recursive: true, force: true })
    return new PostgresWriter(session, entities, temporaryDirectory)
  }

  async ledger(source: string) {
    return ledger.readSource(await this.query(ledger.ofSource(source)))
  }

  load(batch: Batch): Promise<boolean> {
    return this.session.transaction((client) => loadBatch(client, batch, this.temporaryDirectory))
  }

  merge(batch: Batch): Promise<boolean> {
    return this.session.transaction((client) => mergeBatch(client, batch))
  }

  mergeSource(state: SourceState): Promise<void> {
    return this.session.transaction(async (client) => {
      for (const { sql, params } of sourceStateStatements(postgresDialect, this.entities, state))
        await client.query(sql, toParameters(params))
      // A handful of rows that nearly every statement joins: without statistics they are taken for a thousand, and what they are joined with for a few rows.
      await client.query(`ANALYZE ${systemTables.map(({ name }) => postgresDialect.silverTable(name)).join(', ')}`)
    })
  }

  async buildTable(build: BuildRef, model: GoldModel, select: string) {
    checkedTag(this.session.warehouse, build)
    return { rows: await this.session.transaction((client) => buildTable(client, build, model, select)) }
  }

  async finishBuild(build: BuildRef): Promise<void> {
    await this.session.transaction((client) => finishBuild(client, build))
  }

  hasBuild(build: BuildRef, models: readonly GoldModel[]): Promise<boolean> {
    checkedTag(this.session.warehouse, build)
    return this.session.read((client) => hasTables(client, build, models))
  }

  query(statement: Statement, _build?: BuildRef): Promise<Row[]> {
    return this.session.read((client) => readRows(client, statement))
  }

  async retain(tags: ReadonlySet<string>): Promise<readonly string[]> {
    const drops = (await this.session.read((client) => unwantedTags(client, tags))).map(
      (tag) => (client: pg.Client) => dropBuild(client, tag),
    )
    const dropped: string[] = []
    for (const drop of [...drops, dropOrphanedLandings]) {
      const dropping = this.session.transaction(drop)
      // What somebody has open in a transaction is dropped next time.
      const tables = await dropping.catch((error: unknown) => {
        if (isLockTimeout(error)) return []
        throw error
      })
      dropped.push(...tables)
    }
    return dropped
  }

  /**
   * All views at once, so that nobody sees two builds; where those who read several of them never let that happen, one by one. A view that is
   * in use all the while shows the build that it showed before, until the next publish.
   */
  async exposeViews(build: BuildRef, models: readonly GoldModel[]): Promise<void> {
    checkedTag(this.session.warehouse, build)
    for (let attempt = 1; attempt <= viewAttempts; attempt += 1) {
      if (await this.#replaceViews(build, models)) return
      await sleep(20 * attempt)
    }
    for (const model of models) await this.#replaceViews(build, [model])
  }

  /** False when somebody's query is in the way. */
  async #replaceViews(build: BuildRef, models: readonly GoldModel[]): Promise<boolean> {
    try {
      await this.session.transaction((client) => replaceViews(client, build, models, viewPatienceMs))
      return true
    } catch (error) {
      if (isLockTimeout(error)) return false
      throw error
    }
  }

  async close(): Promise<void> {
    await this.session.close()
    await rm(this.temporaryDirectory, { recursive: true, force: true })
  }
}
