import { rm } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { text } from '../../../models/columns.js'
import type { Entity, GoldModel } from '../../../models/types.js'
import type { Batch, SourceState } from '../../contract/batch.js'
import type { BuildRef } from '../../contract/builds.js'
import { orderText, readingOrder } from '../../contract/reading-order.js'
import type { Row, Statement } from '../../contract/values.js'
import type { WarehouseWriter } from '../../contract/warehouse.js'
import { checkedTag } from '../../toolkit/build-tag.js'
import { fenced } from '../../toolkit/errors.js'
import { goldColumns, goldComments } from '../../toolkit/gold-table.js'
import { createTable, landingName } from '../../toolkit/silver-table.js'
import { sourceStateStatements } from '../../toolkit/source-state.js'
import { BuildFiles } from './build-files.js'
import { duckdbDialect as dialect } from './dialect.js'
import { unavailable } from './errors.js'
import type { WarehouseFolder } from './folder.js'
import type { DuckdbOptions } from './options.js'
import { ledger, prepareSilver } from './schema.js'
import { WriterSession } from './session.js'
import { loadBatch, mergeBatch, neededLandings } from './silver.js'
import { SilverFile } from './silver-file.js'
import { noteOrder } from './stored-order.js'
import { execute, readRows } from './values.js'

export class DuckdbWriter implements WarehouseWriter {
  private constructor(
    private readonly session: WriterSession,
    private readonly builds: BuildFiles,
    private readonly entities: readonly Entity[],
  ) {}

  static async open(
    warehouse: string,
    folder: WarehouseFolder,
    options: DuckdbOptions,
    token: bigint,
    entities: readonly Entity[],
  ): Promise<DuckdbWriter> {
    try {
      await folder.prepare()
      if (!(await folder.raiseFence(token))) throw fenced(warehouse, token)
      await folder.clearWriterSpill()
    } catch (error) {
      throw isFileError(error) ? unavailable(warehouse, folder.path, error) : error
    }
    const silver = await SilverFile.open(warehouse, folder, token, options)
    const connection = await silver.engine.connect()
    const session = new WriterSession(warehouse, folder, token, silver, connection)
    try {
      await session.transaction((inside) => prepareSilver(inside, entities))
    } catch (error) {
      await session.close()
      throw error
    }
    return new DuckdbWriter(session, new BuildFiles(folder, connection), entities)
  }

  ledger(source: string) {
    return this.session.run(async (connection) =>
      ledger.readSource(await readRows(connection, ledger.ofSource(source))),
    )
  }

  load(batch: Batch): Promise<boolean> {
    return this.session.transaction((connection) => loadBatch(connection, batch, this.session.folder))
  }

  async merge(batch: Batch): Promise<boolean> {
    const { folder } = this.session
    const merged = await this.session.transaction((connection) => mergeBatch(connection, batch, folder))
    // Behind the commit; after a kill in between, `retain` finds it.
    if (merged) await rm(folder.landingFile(landingName(batch)), { force: true })
    return merged
  }

  mergeSource(state: SourceState): Promise<void> {
    return this.session.transaction(async (connection) => {
      for (const { sql, params } of sourceStateStatements(dialect, this.entities, state))
        await execute(connection, sql, params)
    })
  }

  async buildTable(build: BuildRef, model: GoldModel, select: string) {
    const tag = checkedTag(this.session.warehouse, build)
    return this.session.run(async (connection) => {
      await this.builds.write(tag)
      const rows = await this.session.atomically(connection, () => fillTable(connection, build, model, select))
      return { rows }
    })
  }

  async finishBuild(build: BuildRef): Promise<void> {
    const tag = checkedTag(this.session.warehouse, build)
    return this.session.run(() => this.builds.finish(tag, () => this.session.checkFence()))
  }

  hasBuild(build: BuildRef, models: readonly GoldModel[]): Promise<boolean> {
    const tag = checkedTag(this.session.warehouse, build)
    const names = models.map((model) => model.name)
    return this.session.run(() => this.builds.holds(tag, names))
  }

  async query(statement: Statement, build?: BuildRef): Promise<Row[]> {
    const tag = build && checkedTag(this.session.warehouse, build)
    return this.session.run(async (connection) => {
      if (tag !== undefined) await this.builds.read(tag)
      return readRows(connection, statement)
    })
  }

  async retain(tags: ReadonlySet<string>): Promise<readonly string[]> {
    const files = await this.session.run(() => this.builds.keepOnly(tags, () => this.session.checkFence()))
    const landings = await this.session.run(async (connection) =>
      this.session.folder.keepLandings(await neededLandings(connection)),
    )
    return [...files, ...landings]
  }

  /** DuckDB has no view over another file that outlives the session: `current.duckdb` is a link to the file, whose tables are `gold.<model>`. */
  async exposeViews(build: BuildRef, _models: readonly GoldModel[]): Promise<void> {
    const tag = checkedTag(this.session.warehouse, build)
    return this.session.run(() => this.builds.link(tag))
  }

  async close(): Promise<void> {
    await this.session.close()
    await this.builds.removeUnfinished()
  }
}

/** Rows are stored in the order in which they are read, so that blocks can be skipped and nothing has to be sorted; and the order is noted. */
async function fillTable(
  connection: DuckDBConnection,
  build: BuildRef,
  model: GoldModel,
  select: string,
): Promise<bigint> {
  const table = dialect.goldTable(build, model.name)
  const columns = goldColumns(dialect, model)
  const reading = readingOrder(model)
  const order = reading.map(({ column, direction }) => {
    const type = model.columns.find(({ name }) => name === column)?.type ?? text
    return dialect.orderBy(dialect.quote(column), type, direction, 'last')
  })
  await connection.run(`DROP TABLE IF EXISTS ${table}`)
  await connection.run(createTable(dialect, table, model.columns))
  const filled = await connection.run(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM (\n${select}\n) AS built ORDER BY ${order.join(', ')}`,
  )
  await noteOrder(connection, build, model.name, orderText(reading))
  for (const comment of goldComments(dialect, table, model)) await connection.run(comment)
  return BigInt(filled.rowsChanged)
}

const isFileError = (error: unknown): boolean => error instanceof Error && 'syscall' in error
